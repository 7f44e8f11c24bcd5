/// A point on a media timeline, or a span of it, counted in ticks of 1/240,000 s.
///
/// One clock serves everything: a millisecond is 240 ticks, a 48 kHz sample is 5, and a frame is a whole number
/// of ticks at 24, 25, 30, 50 and 60 fps as well as at 23.976, 29.97 and 59.94 fps, so frame grids never drift.
/// A 44.1 kHz sample is 5.44 ticks: rounding to ticks and back gives the same sample.
package struct MediaTime: Hashable, Comparable, Sendable {
    /// Ticks in a second; also the timescale of video tracks.
    package static let timescale: Int64 = 240_000
    package static let zero = MediaTime(ticks: 0)

    package var ticks: Int64

    package init(ticks: Int64) {
        self.ticks = ticks
    }

    /// The nearest tick to `value / timescale` seconds.
    package init(value: Int64, timescale: Int64) {
        self.ticks = MediaTime.rescale(value, from: timescale, to: MediaTime.timescale)
    }

    package init(milliseconds: Int64) {
        self.ticks = milliseconds * 240
    }

    package init(seconds: Double) {
        self.ticks = Int64((seconds * Double(MediaTime.timescale)).rounded())
    }

    package var seconds: Double { Double(ticks) / Double(MediaTime.timescale) }

    /// Whole milliseconds, rounded to the nearest.
    package var milliseconds: Int64 { MediaTime.rescale(ticks, from: MediaTime.timescale, to: 1000) }

    /// The same span for the clocks of the standard library.
    package var duration: Duration { .nanoseconds(ticks * 12_500 / 3) }

    /// The nearest whole number of units of another timescale (a sample count, for an audio rate).
    package func value(timescale: Int64) -> Int64 {
        MediaTime.rescale(ticks, from: MediaTime.timescale, to: timescale)
    }

    package static func < (a: MediaTime, b: MediaTime) -> Bool { a.ticks < b.ticks }
    package static func + (a: MediaTime, b: MediaTime) -> MediaTime { MediaTime(ticks: a.ticks + b.ticks) }
    package static func - (a: MediaTime, b: MediaTime) -> MediaTime { MediaTime(ticks: a.ticks - b.ticks) }
    package static func * (a: MediaTime, n: Int) -> MediaTime { MediaTime(ticks: a.ticks * Int64(n)) }
    package static func += (a: inout MediaTime, b: MediaTime) { a.ticks += b.ticks }
    package static func -= (a: inout MediaTime, b: MediaTime) { a.ticks -= b.ticks }

    package var magnitude: MediaTime { MediaTime(ticks: abs(ticks)) }

    /// Rounds to the nearest, halves away from zero; beyond 64 bits it is approximate, then saturates.
    private static func rescale(_ value: Int64, from: Int64, to: Int64) -> Int64 {
        if from == to { return value }
        let product = value.multipliedFullWidth(by: to)
        if product.high == 0 && product.low < UInt64(Int64.max) - UInt64(from) {
            return (Int64(product.low) + from / 2) / from
        }
        if product.high == -1 && Int64(bitPattern: product.low) < 0 {
            let negative = Int64(bitPattern: product.low)
            if negative > Int64.min + from { return (negative - from / 2) / from }
        }
        let approximate = (Double(value) / Double(from) * Double(to)).rounded()
        return Int64(exactly: approximate) ?? (approximate < 0 ? .min : .max)
    }
}

extension MediaTime: CustomStringConvertible {
    package var description: String {
        let thousandths = milliseconds
        let fraction = String(abs(thousandths) % 1000)
        return "\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1000)."
            + String(repeating: "0", count: 3 - fraction.count) + fraction + "s"
    }
}
