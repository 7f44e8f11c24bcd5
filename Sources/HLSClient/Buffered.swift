/// What a track has to play, as stretches of time in seconds; those that have been played are forgotten.
package struct Buffered: Hashable, Sendable {
    package struct Stretch: Hashable, Sendable {
        package var start: Double
        package var end: Double

        package init(start: Double, end: Double) {
            self.start = start
            self.end = end
        }
    }

    /// Gaps shorter than this are played across, as players do (seconds).
    private static let joint = 0.1
    /// Stretches kept; beyond that the oldest goes.
    private static let atMost = 32

    package private(set) var stretches: [Stretch] = []

    package init() {}

    package var end: Double? { stretches.last?.end }

    /// Adds media at the end; what lies before the end is there already.
    package mutating func append(from start: Double, to end: Double) {
        guard let last = stretches.last else {
            stretches.append(Stretch(start: start, end: end))
            return
        }
        if start <= last.end + Buffered.joint {
            stretches[stretches.count - 1].end = max(last.end, end)
        } else {
            if stretches.count == Buffered.atMost { stretches.removeFirst() }
            stretches.append(Stretch(start: start, end: end))
        }
    }

    /// How far it can be played from a time on without a break; nil where there is nothing at that time.
    package func end(from time: Double) -> Double? {
        stretches.first { $0.start <= time + Buffered.joint && $0.end > time }?.end
    }

    /// Where something begins after a time; nil where nothing does.
    package func start(after time: Double) -> Double? {
        stretches.first { $0.start > time }?.start
    }

    package mutating func forget(before time: Double) {
        while stretches.count > 1, let first = stretches.first, first.end < time { stretches.removeFirst() }
    }
}
