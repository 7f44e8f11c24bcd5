// Serves one playlist (2 KB) and one part (300 KB) from memory through HTTPService, for Tests/Benchmarks/serve.sh.
// usage: ServeBenchmark PORT TLS-PORT CERTIFICATE KEY

import Delivery
import Glibc
import Hummingbird
import Logging
import Media
import NIOCore
import NIOPosix
import Packaging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// A window in which nothing happens but this: whoever asks for a part of segment 1 waits for the next half second.
final class StillWindow: ServedWindow, ServedSnapshot, ShowDirectory {
    private let watchers = Mutex<[@Sendable (any ServedSnapshot) -> Void]>([])
    let text: PlaylistText
    let part: MediaObject

    init() {
        var random = SystemRandomNumberGenerator()
        let letters = (0..<2048).map { _ in UInt8.random(in: 65...90, using: &random) }
        let bytes = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        text = PlaylistText(
            plain: ByteBuffer(bytes: letters), gzip: ByteBuffer(),
            etag: "\"benchmark\"")
        part = MediaObject(kind: .video, buffers: [ByteBuffer(bytes: bytes)])
    }

    var latest: any ServedSnapshot { self }
    var hasEnded: Bool { false }
    var multivariant: PlaylistText? { text }

    func watch(_ observer: @escaping @Sendable (any ServedSnapshot) -> Void) {
        watchers.withLock { $0.append(observer) }
    }

    func publish() {
        let next = NextMoment(text: text, part: part)
        for watcher in watchers.withLock({ $0 }) { watcher(next) }
    }

    func window(for show: ShowID) -> (any ServedWindow)? { self }
    func playlist(_ rendition: RenditionName, _ request: BlockingRequest) -> PlaylistAnswer {
        request.part == nil ? .ready(text) : .wait
    }
    func media(_ rendition: RenditionName, file name: Substring) -> MediaAnswer { .ready(part) }
}

/// What those who waited are answered from.
final class NextMoment: ServedSnapshot {
    let text: PlaylistText
    let part: MediaObject

    init(text: PlaylistText, part: MediaObject) {
        self.text = text
        self.part = part
    }

    var hasEnded: Bool { false }
    var multivariant: PlaylistText? { text }
    func playlist(_ rendition: RenditionName, _ request: BlockingRequest) -> PlaylistAnswer { .ready(text) }
    func media(_ rendition: RenditionName, file name: Substring) -> MediaAnswer { .ready(part) }
}

let words = CommandLine.arguments
guard words.count == 5, let port = Int(words[1]), let tlsPort = Int(words[2]) else {
    print("usage: ServeBenchmark PORT TLS-PORT CERTIFICATE KEY")
    exit(64)
}
var logger = Logger(label: "serve")
logger.logLevel = .warning
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let router = Router()
router.get("hello") { _, _ in "Hello" }
let window = StillWindow()
group.next().scheduleRepeatedTask(initialDelay: .milliseconds(500), delay: .milliseconds(500)) { _ in
    window.publish()
}
let service = HTTPService(
    settings: DeliverySettings(
        http: .init(host: "127.0.0.1", port: port),
        https: .init(
            address: .init(host: "127.0.0.1", port: tlsPort), certificate: words[3], key: words[4])),
    directory: window, responder: router.buildResponder(), eventLoopGroup: group, logger: logger)
try await ServiceGroup(
    configuration: .init(
        services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
).run()
