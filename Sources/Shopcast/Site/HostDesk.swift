package import Media
import Metrics
import Synchronization

/// Lets hosts in by the stream key of their show, and slows those down who guess.
///
/// Bound: `most` addresses are remembered; policy: the one that has waited longest is forgotten; counter:
/// shopcast_host_refused_total.
final class HostDesk: Sendable {
    enum Verdict: Hashable, Sendable {
        case welcome
        /// No key, or a wrong one.
        case unknown
        /// Too many wrong keys from this address: not looked at for so long.
        case later(seconds: Int)
    }

    private let guesses: Mutex<KeyGuesses>
    private let wrong = Counter(label: "shopcast_host_refused_total", dimensions: [("reason", "key")])
    private let slowed = Counter(label: "shopcast_host_refused_total", dimensions: [("reason", "rate")])

    init(guesses: KeyGuesses = KeyGuesses()) {
        self.guesses = Mutex(guesses)
    }

    /// `field` is the Authorization field as it came; `admits` compares in constant time.
    func verdict(
        on field: String?, from address: String, at now: MonotonicTime, admits: (String) -> Bool
    ) -> Verdict {
        if let wait = guesses.withLock({ $0.wait(for: address, at: now) }) {
            slowed.increment()
            return .later(seconds: Int(wait.components.seconds) + 1)
        }
        let key = HostDesk.bearer(field)
        if let key, admits(key) { return .welcome }
        wrong.increment()
        // Who shows no key guesses none.
        if key != nil { guesses.withLock { $0.failed(address, at: now) } }
        return .unknown
    }

    /// `KEY` of `Bearer KEY`; nil where it is anything else, or longer than any key.
    static func bearer(_ field: String?) -> String? {
        guard let field, field.utf8.count <= 300 else { return nil }
        let words = field.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }
}

/// Wrong keys by address: twenty are free, then one every three seconds. Pure.
package struct KeyGuesses: Sendable {
    private let free: Int
    private let pace: Duration
    private let most: Int
    /// When the address would be as good as new.
    private var cleanAt: [String: MonotonicTime] = [:]

    package init(free: Int = 20, pace: Duration = .seconds(3), most: Int = 10_000) {
        self.free = free
        self.pace = pace
        self.most = max(1, most)
    }

    package var count: Int { cleanAt.count }

    /// How long this address has to wait; nil where it need not.
    package func wait(for address: String, at now: MonotonicTime) -> Duration? {
        guard let clean = cleanAt[address] else { return nil }
        let wait = (clean - now) - pace * (free - 1)
        return wait > .zero ? wait : nil
    }

    package mutating func failed(_ address: String, at now: MonotonicTime) {
        if cleanAt[address] == nil, cleanAt.count >= most {
            cleanAt = cleanAt.filter { $0.value > now }
            if cleanAt.count >= most, let oldest = cleanAt.min(by: { $0.value < $1.value })?.key {
                cleanAt[oldest] = nil
            }
        }
        cleanAt[address] = max(cleanAt[address] ?? now, now) + pace
    }
}
