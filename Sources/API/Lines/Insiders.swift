import Synchronization

/// Readers of rooms who have shown who they are, and may hear more than everybody: they are looked up again as soon as
/// something changes of who may do what. One each for as long as its line stands, so lines are the bound.
final class Insiders: Sendable {
    private let all = Mutex<[ObjectIdentifier: @Sendable () -> Void]>([:])

    /// `doubt` is called from any thread, and must not wait.
    func add(_ guest: ChatGuest, doubt: @escaping @Sendable () -> Void) {
        all.withLock { $0[ObjectIdentifier(guest)] = doubt }
    }

    func remove(_ guest: ChatGuest) { all.withLock { $0[ObjectIdentifier(guest)] = nil } }

    func doubtAll() {
        for doubt in all.withLock({ Array($0.values) }) { doubt() }
    }
}
