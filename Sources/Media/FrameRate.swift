/// Frames per second as an exact fraction in lowest terms (30000/1001 for 29.97).
package struct FrameRate: Hashable, Sendable {
    package let numerator: Int64
    package let denominator: Int64

    package init(_ numerator: Int64, _ denominator: Int64 = 1) {
        precondition(numerator > 0 && denominator > 0)
        var (divisor, rest) = (numerator, denominator)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    /// The rates that cameras and encoders really use, slowest first.
    package static let standard: [FrameRate] = [
        FrameRate(10), FrameRate(12), FrameRate(15000, 1001), FrameRate(15), FrameRate(20),
        FrameRate(24000, 1001), FrameRate(24), FrameRate(25), FrameRate(30000, 1001), FrameRate(30),
        FrameRate(48), FrameRate(50), FrameRate(60000, 1001), FrameRate(60),
    ]

    package var framesPerSecond: Double { Double(numerator) / Double(denominator) }

    /// The time of frame `index` of a grid that starts at zero, in exact ticks where the rate allows.
    package func time(ofFrame index: Int64) -> MediaTime {
        MediaTime(value: index * denominator, timescale: numerator)
    }

    /// One frame's duration, to the nearest tick.
    package var frameDuration: MediaTime { time(ofFrame: 1) }

    /// The index of the frame nearest to `time` on a grid that starts at zero.
    package func frame(nearest time: MediaTime) -> Int64 {
        Int64((Double(time.ticks) * Double(numerator) / Double(MediaTime.timescale * denominator)).rounded())
    }

    /// This rate, or the fastest whole division of it that is at most `limit` (60 → 30, 50 → 25, 59.94 → 29.97).
    package func limited(to limit: Int) -> FrameRate {
        var divisor: Int64 = 1
        while Double(numerator) / Double(denominator * divisor) > Double(limit) + 0.01 { divisor += 1 }
        return FrameRate(numerator, denominator * divisor)
    }
}

extension FrameRate: CustomStringConvertible {
    package var description: String {
        if denominator == 1 { return "\(numerator)" }
        let thousandths = Int64((framesPerSecond * 1000).rounded())
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
