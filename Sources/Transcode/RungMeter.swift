import Media
import Synchronization

/// How a rendition's encoder keeps up with real time. The source thread and the rung's write, the source thread reads.
final class RungMeter: Sendable {
    private struct State {
        var worst = Duration.zero
        var dropped = 0
        var worked = Duration.zero
        var lastTaken: MonotonicTime?
        /// What is being encoded: when it was due, and since when.
        var work: (due: MonotonicTime, since: MonotonicTime)?
    }

    private let state = Mutex(State())

    func begin(due: MonotonicTime, now: MonotonicTime) {
        state.withLock { state in
            state.worst = max(state.worst, now - due)
            state.work = (due, now)
        }
    }

    func end(now: MonotonicTime) {
        state.withLock { state in
            guard let work = state.work else { return }
            state.worked += now - max(work.since, state.lastTaken ?? work.since)
            state.work = nil
        }
    }

    func dropped() {
        state.withLock { $0.dropped += 1 }
    }

    /// What has been measured since the last time.
    func take(now: MonotonicTime) -> OverloadGovernor.Load.Stage {
        state.withLock { state in
            var stage = OverloadGovernor.Load.Stage(lateness: state.worst, dropped: state.dropped)
            if let work = state.work {
                stage.lateness = max(stage.lateness, now - work.due)
                state.worked += now - max(work.since, state.lastTaken ?? work.since)
            }
            if let lastTaken = state.lastTaken, now > lastTaken {
                stage.busy = min(1, state.worked / (now - lastTaken))
            }
            (state.worst, state.dropped, state.worked, state.lastTaken) = (.zero, 0, .zero, now)
            return stage
        }
    }
}
