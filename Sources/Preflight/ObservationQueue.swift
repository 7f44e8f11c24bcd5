import Codecs
import Media

/// What the observing thread is told.
enum Observation: Sendable {
    case metadata(FeedMetadata)
    case videoFormat(AVCFormat)
    case audioFormat(AACFormat)
    /// With the picture itself where it is to be looked at.
    case picture(PictureArrival, AccessUnit?)
    case sound(AccessUnit)
}

/// Between a feed's thread and the one that observes it. The feed's never waits and wakes nobody: the other looks ten
/// times a second.
///
/// Bound: `most` observations; policy: the newest is dropped; counter: `dropped`.
final class ObservationQueue: Sendable {
    struct Batch: Sendable {
        var observations: [Observation] = []
        /// So many were dropped before the last of these came.
        var dropped = 0
    }

    private struct State {
        var batch = Batch()
        var isClosed = false
    }

    private static let most = 1000
    private static let pause = Duration.milliseconds(100)

    private let state = Monitor(State())

    func put(_ observation: Observation) {
        state.withLock { state in
            if state.batch.observations.count < ObservationQueue.most {
                state.batch.observations.append(observation)
            } else {
                state.batch.dropped += 1
            }
        }
    }

    func close() {
        state.change { state in
            state.isClosed = true
            return (true, ())
        }
    }

    /// All that came in the next tenth of a second; nil once closed.
    func take() -> Batch? {
        let isClosed = state.wait(atMost: ObservationQueue.pause) { $0.isClosed ? true : nil } ?? false
        if isClosed { return nil }
        return state.withLock { state in
            defer { state.batch = Batch() }
            return state.batch
        }
    }
}
