/// An instant of the machine's monotonic clock, in nanoseconds; steps of the wall clock do not move it.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Never now: zero stands for a time that is not known.
    private static let origin = ContinuousClock.now - .nanoseconds(1)

    /// Nanoseconds since the process first asked, and one.
    package static var now: MonotonicTime {
        // Made by the first call, and before that call looks at the clock.
        let origin = origin
        let (seconds, attoseconds) = (ContinuousClock.now - origin).components
        return MonotonicTime(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    package static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.nanoseconds < b.nanoseconds }

    package static func - (a: MonotonicTime, b: MonotonicTime) -> Duration {
        .nanoseconds(a.nanoseconds - b.nanoseconds)
    }

    package static func + (a: MonotonicTime, b: Duration) -> MonotonicTime {
        let (seconds, attoseconds) = b.components
        return MonotonicTime(
            nanoseconds: a.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
