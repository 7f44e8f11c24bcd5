/// How long to wait before trying again, ever longer, and when to give up. Pure: chance arrives as an argument.
package struct Backoff: Sendable, Hashable {
    /// After the first failure.
    package var first: Duration
    /// How much longer each wait is than the one before.
    package var factor: Double
    /// No wait is longer (before jitter).
    package var longest: Duration
    /// The part of a wait by which chance makes it shorter or longer, 0 to 1: so that those who failed together do not
    /// come back together.
    package var jitter: Double
    /// Attempts in all.
    package var attempts: Int

    package init(
        first: Duration = .seconds(10), factor: Double = 3, longest: Duration = .seconds(6 * 3600),
        jitter: Double = 0.2, attempts: Int = 12
    ) {
        self.first = first
        self.factor = factor
        self.longest = longest
        self.jitter = jitter
        self.attempts = attempts
    }

    /// The wait after `attempt` failures (1 is the first), or nil where it was the last. `chance` is from 0 to 1.
    /// `asked`: what the other side wishes (Retry-After); it lengthens a wait, up to the longest.
    package func delay(after attempt: Int, chance: Double, asked: Duration? = nil) -> Duration? {
        guard attempt < attempts else { return nil }
        let limit = longest.inMilliseconds
        var wait = first.inMilliseconds
        var step = 1
        while step < attempt, wait < limit {
            wait *= factor
            step += 1
        }
        let spread = 1 + jitter * (2 * min(max(chance, 0), 1) - 1)
        let own = Duration.milliseconds(Int64((min(wait, limit) * spread).rounded()))
        return max(own, min(asked ?? .zero, longest))
    }
}

extension Duration {
    var inMilliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}
