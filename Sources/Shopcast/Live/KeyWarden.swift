import API
import Media
import Metrics
import Synchronization

/// Slows those down who guess stream keys, over HTTP, RTMP and SRT together.
///
/// Bound: `most` networks are remembered; policy: the one that would be forgiven first is forgotten; counter:
/// shopcast_host_refused_total.
final class KeyWarden: Warden {
    private let guesses: Mutex<KeyGuesses>
    private let wrong = Counter(label: "shopcast_host_refused_total", dimensions: [("reason", "key")])
    private let slowed = Counter(label: "shopcast_host_refused_total", dimensions: [("reason", "rate")])

    init(guesses: KeyGuesses = KeyGuesses()) {
        self.guesses = Mutex(guesses)
    }

    /// Whole seconds until a key from this address is looked at; nil where it is now.
    func delay(of address: String, at now: MonotonicTime) -> Int? {
        let place = GuessingPlace(address)
        guard let wait = guesses.withLock({ $0.wait(for: place, at: now) }) else { return nil }
        slowed.increment()
        return Int(wait.components.seconds) + 1
    }

    /// A key that opens nothing has come from there. Who shows none guesses none.
    func refused(_ key: String?, from address: String, at now: MonotonicTime) {
        wrong.increment()
        guard let key, !key.isEmpty else { return }
        let place = GuessingPlace(address)
        guesses.withLock { $0.failed(place, key: key.hashValue, at: now) }
    }
}
