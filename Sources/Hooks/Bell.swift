import Outbound
import Synchronization

/// Wakes the one who waits. A bell that was rung while nobody waited ends the next wait at once.
final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiter: Waiter<Void>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiter = state.withLock { state -> Waiter<Void>? in
            state.isRung = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(.success(()))
    }

    /// Until the bell rings, `limit` has passed, or the task is cancelled.
    func wait(atMost limit: Duration) async {
        let waiter = state.withLock { state -> Waiter<Void>? in
            if state.isRung {
                state.isRung = false
                return nil
            }
            let waiter = Waiter<Void>()
            state.waiter = waiter
            return waiter
        }
        guard let waiter else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await waiter.value() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        state.withLock { state in
            if state.waiter === waiter { state.waiter = nil }
        }
    }
}
