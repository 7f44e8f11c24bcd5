/// How many beats come from one address: so many at once, then at a steady pace. Pure.
///
/// Bound: `most` addresses; policy: those that have been quiet are forgotten, and where none has, the newcomer waits;
/// counter: whoever asks counts what is refused.
package struct BeatPace: Sendable {
    private let most: Int
    /// Beats of one address that come at once.
    private let burst: Double
    /// Beats a second of one address.
    package var rate: Double
    /// When each address would be as good as new: seconds of a steady clock.
    private var cleanAt: [String: Double] = [:]
    private var sweptAt = -Double.infinity

    package init(rate: Double = 50, burst: Double = 500, most: Int = 100_000) {
        self.rate = rate
        self.burst = burst
        self.most = max(1, most)
    }

    package var count: Int { cleanAt.count }

    /// Whether a beat from this address is taken now.
    package mutating func takes(_ address: String, at now: Double) -> Bool {
        let step = 1 / rate
        let clean = max(cleanAt[address] ?? now, now)
        guard clean - now <= step * (burst - 1) else { return false }
        if cleanAt[address] == nil, cleanAt.count >= most {
            // At most once a second: looking at all of them for each newcomer would be what a flood wants.
            guard now - sweptAt >= 1 else { return false }
            sweptAt = now
            cleanAt = cleanAt.filter { $0.value > now }
            guard cleanAt.count < most else { return false }
        }
        cleanAt[address] = clean + step
        return true
    }
}
