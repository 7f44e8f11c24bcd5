package import Logging
import Synchronization

/// The level from which on the operator's log is written: shared by all loggers, and changed while they log.
package final class LogThreshold: Sendable {
    private static let levels = Logger.Level.allCases
    private let index: Atomic<Int>

    package init(_ level: Logger.Level) {
        index = Atomic(LogThreshold.levels.firstIndex(of: level) ?? 0)
    }

    package var level: Logger.Level {
        get { LogThreshold.levels[index.load(ordering: .relaxed)] }
        set { index.store(LogThreshold.levels.firstIndex(of: newValue) ?? 0, ordering: .relaxed) }
    }
}
