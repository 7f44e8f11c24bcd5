package import Media

/// The host's clock against ours: how late pictures arrive (the upload is too thin), and whether the clocks run apart.
///
/// Of each five seconds the least delay is kept, since that is what the network adds nothing to. Bound: `most` of them.
package struct ClockMeter: Sendable {
    private static let spanNanoseconds: Int64 = 5_000_000_000
    private static let most = 120
    /// Two minutes say enough of a drift.
    private static let enough = 24

    private var origin: (arrival: MonotonicTime, time: MediaTime)?
    /// The least delays of past spans, in nanoseconds against the first picture's.
    private var floors: [Int64] = []
    private var span: (number: Int64, floor: Int64)?
    private var lastTime: MediaTime?
    /// The last seconds' delays, for the least of them.
    private var recent: [(arrival: MonotonicTime, delay: Int64)] = []

    package init() {}

    package mutating func add(_ time: MediaTime, arrival: MonotonicTime) {
        if let lastTime, (time - lastTime).magnitude > MediaTime(milliseconds: 5000) { reset() }
        lastTime = time
        guard let origin else {
            self.origin = (arrival, time)
            return
        }
        let sent = (time - origin.time).ticks * 12_500 / 3
        let delay = arrival.nanoseconds - origin.arrival.nanoseconds - sent
        recent.append((arrival, delay))
        recent.removeAll { arrival - $0.arrival > .seconds(2) }
        if recent.count > 400 { recent.removeFirst(recent.count - 400) }
        let number = (arrival.nanoseconds - origin.arrival.nanoseconds) / ClockMeter.spanNanoseconds
        if let span, number <= span.number {
            self.span?.floor = min(span.floor, delay)
        } else {
            if let span { close(span, before: number) }
            span = (number, delay)
        }
    }

    private mutating func close(_ span: (number: Int64, floor: Int64), before next: Int64) {
        // A span in which nothing came is as the one before it, so that the row has no holes.
        for _ in 0..<min(next - span.number, Int64(ClockMeter.most)) { floors.append(span.floor) }
        if floors.count > ClockMeter.most { floors.removeFirst(floors.count - ClockMeter.most) }
    }

    /// The host's clock was set, or another one began.
    package mutating func reset() {
        self = ClockMeter()
    }

    /// How much later pictures arrive now than at the best of the last minute, in seconds.
    package var lateness: Double {
        guard let now = recent.map(\.delay).min() else { return 0 }
        let best = (floors.suffix(12) + (span.map { [$0.floor] } ?? [])).min() ?? now
        return Double(max(0, now - best)) / 1e9
    }

    /// How much faster the host's clock runs than ours, in parts per million; nil before two minutes have passed.
    /// The median of many slopes: one bad stretch of network does not tilt it.
    package var drift: Double? {
        guard floors.count >= ClockMeter.enough else { return nil }
        let half = floors.count / 2
        let slopes = (0..<half).map { Double(floors[$0 + half] - floors[$0]) }.sorted()
        // A fast host's pictures come ever earlier.
        return -slopes[half / 2] / Double(Int64(half) * ClockMeter.spanNanoseconds) * 1e6
    }
}
