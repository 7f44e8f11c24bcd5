import Codecs
import NIOPosix
import ServiceLifecycle

/// Gives memory back once codecs were closed: a host who drops out and comes back leaves a few megabytes each time, and a
/// show that has ended all of its own. Every ten seconds at most, off the threads that media is made on.
struct HeapWatch: Service {
    private static let period = Duration.seconds(10)

    func run() async throws {
        var trim = HeapTrim()
        while !Task.isShuttingDownGracefully {
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: HeapWatch.period) }
            } catch {
                return
            }
            guard trim.isDue(closed: MediaHeap.closed) else { continue }
            try? await NIOThreadPool.singleton.runIfActive { MediaHeap.giveBack() }
        }
    }
}
