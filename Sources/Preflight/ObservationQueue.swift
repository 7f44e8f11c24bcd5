import Codecs
package import Media
import Synchronization

/// What the observing thread is told.
package enum Observation: Sendable {
    case metadata(FeedMetadata)
    case videoFormat(PictureFormat)
    case audioFormat(SoundFormat)
    /// With the picture itself where it is to be looked at.
    case picture(PictureArrival, AccessUnit?)
    /// With the sound itself where it is to be listened to.
    case sound(bytes: Int, arrival: MonotonicTime, AccessUnit?)

    /// Hosts may say it once in a connection: what follows makes no sense without it.
    fileprivate var isSaidOnce: Bool {
        switch self {
        case .metadata, .videoFormat, .audioFormat: true
        case .picture, .sound: false
        }
    }

    fileprivate func isOfKind(of other: Observation) -> Bool {
        switch (self, other) {
        case (.metadata, .metadata), (.videoFormat, .videoFormat), (.audioFormat, .audioFormat): true
        default: false
        }
    }
}

/// Between a feed's thread and the one that observes it, which looks ten times a second.
///
/// The feed's thread wakes nobody and waits for nothing, not even for the lock: the other gives way to all threads, and may
/// be made to pause while it has it. Bound: `most` observations; policy: the newest is dropped; counter: `dropped`. What is
/// said once is not dropped: the newest of each kind waits on the feed's side and goes before the next observation.
package final class ObservationQueue: Sendable {
    package struct Batch: Sendable {
        package var observations: [Observation] = []
        /// So many could not be taken in meanwhile.
        package var dropped = 0
    }

    package static let most = 1000
    private static let pause = Duration.milliseconds(100)

    private let waiting = Mutex<[Observation]>([])
    /// What was said once and is not in `waiting` yet, in its order: at most one of each kind. Only the feed's thread asks.
    private let owed = Mutex<[Observation]>([])
    private let dropped = Atomic<Int>(0)
    private let isClosed = Monitor(false)

    package init() {}

    /// False where it could not be taken in now.
    @discardableResult
    package func put(_ observation: Observation) -> Bool {
        owed.withLock { owed in
            let isTaken = waiting.withLockIfAvailable { waiting in
                guard waiting.count + owed.count < ObservationQueue.most else { return false }
                waiting.append(contentsOf: owed)
                waiting.append(observation)
                return true
            }
            if isTaken == true {
                owed.removeAll()
                return true
            }
            if observation.isSaidOnce {
                owed.removeAll { $0.isOfKind(of: observation) }
                owed.append(observation)
            } else {
                dropped.wrappingAdd(1, ordering: .relaxed)
            }
            return false
        }
    }

    package func close() {
        isClosed.change { isClosed in
            isClosed = true
            return (true, ())
        }
    }

    /// All that came in the next tenth of a second; nil once closed.
    package func take() -> Batch? {
        let isOver = isClosed.wait(atMost: ObservationQueue.pause) { $0 ? true : nil } ?? false
        if isOver { return nil }
        var batch = Batch()
        // Only swapped: what was in it is let go outside of the lock.
        waiting.withLock { swap(&$0, &batch.observations) }
        batch.dropped = dropped.exchange(0, ordering: .relaxed)
        return batch
    }
}
