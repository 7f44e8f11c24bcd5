import Dispatch
import Metrics
import Synchronization

/// Hashes and checks passwords, two at a time, away from everything that must not wait.
///
/// Bound: `most` wait; policy: who comes then is told to come back; counter: shopcast_passwords_refused_total.
package final class PasswordDesk: Sendable {
    /// Too many wait already: try again in a moment (503).
    package struct Busy: Error, Hashable, Sendable {}

    private let lanes = [
        DispatchQueue(label: "shopcast.passwords.0"), DispatchQueue(label: "shopcast.passwords.1"),
    ]
    private let most: Int
    private let state = Mutex((waiting: 0, next: 0))
    private let refused = Counter(label: "shopcast_passwords_refused_total")

    package init(most: Int = 32) { self.most = most }

    /// Throws `Busy` too where memory is short.
    package func hash(_ password: String) async throws(Busy) -> PasswordHash {
        guard let hash = try await run({ PasswordHash(of: password) }) else { throw Busy() }
        return hash
    }

    /// Takes as long where there is no hash, so that the time does not tell whether somebody has a password.
    package func admits(_ password: String, by hash: PasswordHash?) async throws(Busy) -> Bool {
        try await run { (hash ?? PasswordDesk.nobodys).admits(password) && hash != nil }
    }

    /// Of a password that nobody knows.
    private static let nobodys = PasswordHash(of: Name32.random(40)) ?? PasswordHash(stored: "")

    private func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(Busy) -> Value {
        let lane = state.withLock { state -> DispatchQueue? in
            guard state.waiting < most else { return nil }
            state.waiting += 1
            state.next = (state.next + 1) % lanes.count
            return lanes[state.next]
        }
        guard let lane else {
            refused.increment()
            throw Busy()
        }
        return await withCheckedContinuation { continuation in
            lane.async { [self] in
                let value = work()
                state.withLock { $0.waiting -= 1 }
                continuation.resume(returning: value)
            }
        }
    }
}
