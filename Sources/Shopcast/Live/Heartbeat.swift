import Media
import NIOCore
import ServiceLifecycle

/// Ten times a second it tells every show what time it is: late parts, silent feeds and gaps depend on it.
///
/// It runs on an event loop of its own; a tick that is late is not made up for.
final class Heartbeat: Service {
    private let loop: any EventLoop
    private let beat: @Sendable (MonotonicTime) -> Void

    init(loop: any EventLoop, beat: @escaping @Sendable (MonotonicTime) -> Void) {
        self.loop = loop
        self.beat = beat
    }

    func run() async throws {
        let stopped = loop.makePromise(of: Void.self)
        let beat = beat
        let task = loop.scheduleRepeatedTask(
            initialDelay: .milliseconds(100), delay: .milliseconds(100), notifying: stopped
        ) { _ in
            beat(.now)
        }
        try await withGracefulShutdownHandler {
            try await withTaskCancellationHandler {
                try await stopped.futureResult.get()
            } onCancel: {
                task.cancel()
            }
        } onGracefulShutdown: {
            task.cancel()
        }
    }
}
