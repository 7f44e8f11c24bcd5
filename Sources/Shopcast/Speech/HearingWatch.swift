package import Hearing

/// When the process that hears a show is started, and when it is ended because it hangs. Pure: time arrives as an argument.
package struct HearingWatch: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Decision: Hashable, Sendable {
        case start
        case kill
    }

    /// How long it may be silent: while its model is loaded, and then, while it is given sound. Long, since whoever has no
    /// processor takes seconds for one look, and does not hang.
    package static let loading = Duration.seconds(120)
    package static let silence = Duration.seconds(15)
    /// After so long it has been well: its next end is the first.
    package static let well = Duration.seconds(20)
    package static let shortest = Duration.milliseconds(200)
    package static let longest = Duration.seconds(30)
    /// What it has told that it cannot do it will not be able to do soon.
    package static let afterFault = Duration.seconds(30)

    private enum State: Sendable {
        case resting(until: Instant)
        case running(since: Instant, news: Instant, isReady: Bool)
    }

    private var state: State
    private var failures = 0
    private var hasFault = false

    package init(at now: Instant) { state = .resting(until: now) }

    /// What is to be done; nil: nothing.
    package func decide(at now: Instant) -> Decision? {
        switch state {
        case .resting(let until): now >= until ? .start : nil
        case .running(_, let news, let isReady):
            now - news > (isReady ? HearingWatch.silence : HearingWatch.loading) ? .kill : nil
        }
    }

    package mutating func started(at now: Instant) {
        state = .running(since: now, news: now, isReady: false)
        hasFault = false
    }

    package mutating func heard(_ news: HearingNews, at now: Instant) {
        guard case .running(let since, _, let isReady) = state else { return }
        var ready = isReady
        if case .ready = news { ready = true }
        if case .fault = news { hasFault = true }
        state = .running(since: since, news: now, isReady: ready)
    }

    /// It has died, was killed, or did not start.
    package mutating func ended(at now: Instant) {
        if case .running(let since, _, _) = state, now - since >= HearingWatch.well { failures = 0 }
        var wait = HearingWatch.shortest
        for _ in 0..<min(failures, 8) { wait = wait * 3 }
        failures += 1
        state = .resting(until: now + (hasFault ? HearingWatch.afterFault : min(wait, HearingWatch.longest)))
    }

    /// Nobody wants it now: it begins anew when somebody does.
    package mutating func rest(at now: Instant) {
        state = .resting(until: now)
        failures = 0
    }
}
