import Foundation
package import Hearing

/// Sound that has come and was not listened to yet. In: frames, from the thread that reads them. Out: the same, to the one
/// that listens. Bound: `mostSeconds`; policy: the oldest goes; counter: seconds, told with the next `take`.
package final class SoundRing: @unchecked Sendable {
    // Proof of Sendable: everything below is touched only while `condition` is locked.
    package static let mostSeconds = 30.0

    private let condition = NSCondition()
    private var frames: [SoundFrame] = []
    private var seconds = 0.0
    private var dropped = 0.0
    private var isEnded = false

    package init() {}

    package func put(_ frame: SoundFrame) {
        condition.withLock {
            frames.append(frame)
            seconds += frame.seconds
            while seconds > SoundRing.mostSeconds { dropOldest() }
            condition.signal()
        }
    }

    /// Nothing more comes.
    package func end() {
        condition.withLock {
            isEnded = true
            condition.signal()
        }
    }

    /// Seconds that wait.
    package var waiting: Double { condition.withLock { seconds } }

    /// All but the newest `kept` seconds go.
    package func drop(to kept: Double) {
        condition.withLock { while seconds > kept { dropOldest() } }
    }

    private func dropOldest() {
        let frame = frames.removeFirst()
        seconds -= frame.seconds
        dropped += frame.seconds
    }

    /// At most about a second of sound, in its order; waits for some, up to `limit`. `isOver`: there will be none.
    package func take(within limit: Double) -> (frames: [SoundFrame], dropped: Double, isOver: Bool) {
        condition.withLock {
            let end = Date(timeIntervalSinceNow: limit)
            while frames.isEmpty, !isEnded, condition.wait(until: end) {}
            var taken: [SoundFrame] = []
            var sum = 0.0
            while let first = frames.first, sum < 1 {
                sum += first.seconds
                taken.append(first)
                frames.removeFirst()
            }
            seconds = frames.isEmpty ? 0 : seconds - sum
            defer { dropped = 0 }
            return (taken, dropped, taken.isEmpty && isEnded)
        }
    }
}
