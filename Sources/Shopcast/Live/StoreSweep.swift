import Foundation
import Logging
import NIOPosix
import Persistence
import ServiceLifecycle

/// Deletes what has been kept for long enough, at the start and once an hour: sessions, links and claims that have run out,
/// entries of the log of changes that are older than `audit.keepDays`, covers that no show has any more.
struct StoreSweep: Service {
    private static let period = Duration.seconds(3600)

    let store: Store
    let covers: @Sendable () throws -> Void
    let keepDays: Int
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            try? await NIOThreadPool.singleton.runIfActive { sweep(at: .now) }
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: StoreSweep.period) }
            } catch {
                return
            }
        }
    }

    private func sweep(at now: Date) {
        do {
            let count = try store.tidy(
                auditBefore: now.addingTimeInterval(-Double(keepDays) * 86_400), at: now)
            if count > 0 {
                logger.info("old entries of the log of changes were deleted", metadata: ["count": "\(count)"])
            }
            try covers()
        } catch {
            logger.error("what is old cannot be deleted", metadata: ["error": "\(error)"])
        }
    }
}
