import CFFmpeg
import CMediaShims
package import Logging
import Synchronization

/// Where the lines of libav's own log go: nowhere, or to a logger at its debug level.
package enum MediaLog {
    private static let target = Mutex<Logger?>(nil)

    private static let quiet: Void = shim_av_log_to(nil)

    /// Keeps libav from writing to standard error; every codec calls it before it opens.
    static func silence() { _ = quiet }

    /// Sends libav's warnings and errors to `logger` at debug level.
    package static func send(to logger: Logger) {
        silence()
        target.withLock { $0 = logger }
        shim_av_log_to { level, text in
            guard let text else { return }
            let line = String(cString: text)
            MediaLog.target.withLock { $0 }?.debug(
                "libav says", metadata: ["line": "\(line)", "level": "\(level)"])
        }
    }
}
