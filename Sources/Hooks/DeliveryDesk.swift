package import Outbound

/// Decides which webhooks are tried now. Pure: time arrives as an argument.
///
/// A webhook has one attempt under way. One that fails again and again is left alone for a while, and those in trouble
/// have half of the attempts at most, so that receivers that hang never delay those that answer.
package struct DeliveryDesk {
    package enum Verdict {
        case fine
        case trouble
        /// It says nothing of the receiver: the server is stopping.
        case abandoned
        /// Nothing could be written down, so that it would be tried again at once.
        case unrecorded
    }

    private struct Line {
        var breaker: CircuitBreaker
        var isTroubled = false
        var heldUntil: ContinuousClock.Instant?
    }

    private let parallel: Int
    private let rule: CircuitBreaker.Rule
    private var lines: [HookID: Line] = [:]
    package private(set) var busy: Set<HookID> = []
    /// After the store has failed.
    package static let hold = Duration.seconds(30)

    package init(parallel: Int, rule: CircuitBreaker.Rule) {
        self.parallel = max(1, parallel)
        self.rule = rule
    }

    /// Those that need not be looked for: under way, or left alone.
    package func closed(at now: ContinuousClock.Instant) -> Set<HookID> {
        busy.union(lines.filter { opening($0.value).map { now < $0 } ?? false }.keys)
    }

    /// When the next one that is left alone may be tried again.
    package func wakes() -> ContinuousClock.Instant? {
        lines.filter { !busy.contains($0.key) }.values.compactMap(opening).min()
    }

    /// Of those with something due, in order, the ones to try now; each is to be told of by `finish`.
    package mutating func choose(from candidates: [HookID], at now: ContinuousClock.Instant) -> Set<HookID> {
        var chosen: Set<HookID> = []
        var troubled = busy.filter { lines[$0]?.isTroubled ?? false }.count
        for hook in candidates where !busy.contains(hook) {
            guard busy.count < parallel else { break }
            var line = lines[hook] ?? Line(breaker: CircuitBreaker(rule: rule))
            if let held = line.heldUntil, now < held { continue }
            guard !line.isTroubled || troubled < max(1, parallel / 2), line.breaker.admits(at: now) else {
                continue
            }
            line.heldUntil = nil
            lines[hook] = line
            busy.insert(hook)
            chosen.insert(hook)
            if line.isTroubled { troubled += 1 }
        }
        return chosen
    }

    package mutating func finish(_ hook: HookID, _ verdict: Verdict, at now: ContinuousClock.Instant) {
        busy.remove(hook)
        guard var line = lines[hook] else { return }
        switch verdict {
        case .fine:
            line.breaker.succeed()
            line.isTroubled = false
        case .trouble:
            line.breaker.fail(at: now)
            line.isTroubled = true
        case .abandoned: line.breaker.abandon(at: now)
        case .unrecorded:
            line.breaker.abandon(at: now)
            line.heldUntil = now + DeliveryDesk.hold
        }
        lines[hook] = line
    }

    /// Somebody has seen to the receiver: it is tried at once.
    package mutating func trust(_ hook: HookID) {
        guard !busy.contains(hook) else { return }
        lines[hook] = nil
    }

    /// Forgets webhooks that are gone.
    package mutating func keepOnly(_ hooks: Set<HookID>) {
        lines = lines.filter { hooks.contains($0.key) || busy.contains($0.key) }
    }

    private func opening(_ line: Line) -> ContinuousClock.Instant? {
        [line.breaker.opensAt, line.heldUntil].compactMap { $0 }.max()
    }
}
