/// Keeps a caller from one that fails again and again: after some failures in a row nothing is tried for a while, then
/// one call is, and only its success opens the way for all. Pure: time arrives as an argument.
package struct CircuitBreaker: Sendable, Hashable {
    package struct Rule: Sendable, Hashable {
        /// Failures in a row that stop the calls.
        package var threshold: Int
        /// How long nothing is tried; twice as long after each probe that fails, up to `longest`.
        package var pause: Duration
        package var longest: Duration

        package init(
            threshold: Int = 5, pause: Duration = .seconds(30), longest: Duration = .seconds(300)
        ) {
            self.threshold = threshold
            self.pause = pause
            self.longest = longest
        }
    }

    private enum State: Sendable, Hashable {
        case closed(failures: Int)
        case open(until: ContinuousClock.Instant, pause: Duration)
        /// One call is under way.
        case probing(pause: Duration)
    }

    package let rule: Rule
    private var state = State.closed(failures: 0)

    package init(rule: Rule = Rule()) {
        self.rule = rule
    }

    /// Whether a call may be made now. Each call that is let through must be told of by `succeed`, `fail` or `abandon`.
    package mutating func admits(at now: ContinuousClock.Instant) -> Bool {
        switch state {
        case .closed: return true
        case .probing: return false
        case .open(let until, let pause):
            guard now >= until else { return false }
            state = .probing(pause: pause)
            return true
        }
    }

    package mutating func succeed() {
        state = .closed(failures: 0)
    }

    package mutating func fail(at now: ContinuousClock.Instant) {
        switch state {
        case .closed(let failures):
            state =
                failures + 1 < rule.threshold
                ? .closed(failures: failures + 1) : .open(until: now + rule.pause, pause: rule.pause)
        case .probing(let pause):
            let longer = min(pause * 2, rule.longest)
            state = .open(until: now + longer, pause: longer)
        // Calls that were under way when it opened.
        case .open: break
        }
    }

    /// A call came to no end that says anything of the other side.
    package mutating func abandon(at now: ContinuousClock.Instant) {
        if case .probing(let pause) = state { state = .open(until: now, pause: pause) }
    }

    /// When the next call may be tried; nil where one may be now, or the probe is under way.
    package var opensAt: ContinuousClock.Instant? {
        if case .open(let until, _) = state { until } else { nil }
    }

    package var isClosed: Bool {
        if case .closed = state { true } else { false }
    }
}
