package import Media

/// When a feed's pictures are due: as they arrive, and in a burst no faster than they were taken, by a quarter. What was
/// held up on its way and comes all at once makes nobody late. Pure.
package struct DueClock: Sendable {
    /// However large a burst is, lateness shows after so long.
    private static let lead = Duration.milliseconds(1500)

    private var last: MonotonicTime?

    package init() {}

    /// When the picture that has arrived at `arrival` is due; `length` is how long pictures last.
    package mutating func due(_ arrival: MonotonicTime, length: Duration) -> MonotonicTime {
        guard let last else {
            self.last = arrival
            return arrival
        }
        let due = max(arrival, min(last + length * 3 / 4, arrival + DueClock.lead))
        self.last = due
        return due
    }
}
