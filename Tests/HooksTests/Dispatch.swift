import Foundation
import Hooks
import Logging
import NIOPosix
import Outbound
import ServiceLifecycle
import Synchronization

/// A dispatcher for the length of a test. Every name leads to 127.0.0.1, which is allowed, but for those that begin with
/// `private`.
enum Dispatch {
    static func client() throws -> OutboundClient {
        var settings = OutboundSettings()
        settings.policy = AddressPolicy(allow: [.range(.v4(127, 0, 0, 1, bits: 32))])
        return try OutboundClient(settings: settings, group: MultiThreadedEventLoopGroup.singleton) { name in
            name.hasPrefix("private") ? [.v4(0x0A00_0007)] : [.v4(0x7F00_0001)]
        }
    }

    /// Impatient: three attempts, in a tenth of a second.
    static var settings: HookSettings {
        var settings = HookSettings()
        settings.deadline = .milliseconds(500)
        settings.backoff = Backoff(first: .milliseconds(30), factor: 2, jitter: 0, attempts: 3)
        settings.breaker = .init(threshold: 50, pause: .seconds(60), longest: .seconds(60))
        settings.grace = .milliseconds(100)
        return settings
    }

    /// The dispatcher is cancelled after `body`, as if the process had been killed: nothing is put in order.
    static func run<Result: Sendable>(
        _ store: any HookStore, settings: HookSettings = Dispatch.settings, logger: Logger = Dispatch.quiet,
        _ body: @escaping @Sendable (HookDispatcher) async throws -> Result
    ) async throws -> Result {
        let client = try client()
        let dispatcher = HookDispatcher(store: store, client: client, settings: settings, logger: logger)
        let result = await withTaskGroup(of: Swift.Result<Result, any Error>?.self) { group in
            group.addTask {
                try? await dispatcher.run()
                return nil
            }
            group.addTask {
                do { return .success(try await body(dispatcher)) } catch { return .failure(error) }
            }
            var result: Swift.Result<Result, any Error>?
            while result == nil, let next = await group.next() { result = next }
            group.cancelAll()
            return result
        }
        await client.shutDown()
        guard let result else { throw CancellationError() }
        return try result.get()
    }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func event(_ happening: HookEvent.Happening = .test) -> HookEvent {
        HookEvent(happening, show: nil, at: Date())
    }
}

/// Keeps every line of a log.
final class LogBook: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(book: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = metadata.merging(event.metadata ?? [:]) { $1 }
            book.kept.withLock { $0.append("\(event.level) \(event.message) \(facts)") }
        }
    }
}
