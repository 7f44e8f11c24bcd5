import Codecs
import Media
import Synchronization

/// What the observing thread is told.
enum Observation: Sendable {
    case metadata(FeedMetadata)
    case videoFormat(PictureFormat)
    case audioFormat(SoundFormat)
    /// With the picture itself where it is to be looked at.
    case picture(PictureArrival, AccessUnit?)
    case sound(AccessUnit)
}

/// Between a feed's thread and the one that observes it, which looks ten times a second.
///
/// The feed's thread wakes nobody and waits for nothing, not even for the lock: the other gives way to all threads, and may
/// be made to pause while it has it. Bound: `most` observations; policy: the newest is dropped; counter: `dropped`.
final class ObservationQueue: Sendable {
    struct Batch: Sendable {
        var observations: [Observation] = []
        /// So many could not be taken in meanwhile.
        var dropped = 0
    }

    private static let most = 1000
    private static let pause = Duration.milliseconds(100)

    private let waiting = Mutex<[Observation]>([])
    private let dropped = Atomic<Int>(0)
    private let isClosed = Monitor(false)

    func put(_ observation: Observation) {
        let isTaken = waiting.withLockIfAvailable { waiting in
            guard waiting.count < ObservationQueue.most else { return false }
            waiting.append(observation)
            return true
        }
        if isTaken != true { dropped.wrappingAdd(1, ordering: .relaxed) }
    }

    func close() {
        isClosed.change { isClosed in
            isClosed = true
            return (true, ())
        }
    }

    /// All that came in the next tenth of a second; nil once closed.
    func take() -> Batch? {
        let isOver = isClosed.wait(atMost: ObservationQueue.pause) { $0 ? true : nil } ?? false
        if isOver { return nil }
        var batch = Batch()
        // Only swapped: what was in it is let go outside of the lock.
        waiting.withLock { swap(&$0, &batch.observations) }
        batch.dropped = dropped.exchange(0, ordering: .relaxed)
        return batch
    }
}
