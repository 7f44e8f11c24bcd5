package import Media
import Synchronization

/// A show's live window: packagers append parts, viewers read snapshots.
package final class LiveWindow: Sendable {
    private let current = Mutex(WindowSnapshot(version: 0, state: .waiting))

    package init(show: ShowID) {}

    /// The newest snapshot; taking it costs a lock and a retain.
    package var snapshot: WindowSnapshot { current.withLock { $0 } }

    /// Calls `observer` after each publication with the new snapshot, on the publishing thread; it must not block.
    /// Observers live as long as the window.
    package func observe(_ observer: @escaping @Sendable (WindowSnapshot) -> Void) {}
}
