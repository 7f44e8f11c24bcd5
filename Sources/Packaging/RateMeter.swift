import Media

/// What a rendition's segments really weigh.
struct RateMeter: Sendable {
    private var bytes = 0
    private var time = MediaTime.zero
    /// The newest segments, no more than can be part of a peak.
    private var recent: [(bytes: Int, duration: MediaTime)] = []
    private let targetDuration: MediaTime
    /// The highest rate of any segments in a row that last half to one and a half target durations (4.1), in bits a
    /// second; zero before the first.
    private(set) var peak = 0

    init(targetDuration: MediaTime) {
        self.targetDuration = targetDuration
    }

    mutating func add(bytes: Int, duration: MediaTime) {
        guard bytes > 0, duration > .zero else { return }
        self.bytes += bytes
        time += duration
        recent.append((bytes, duration))
        var sum = (bytes: 0, duration: MediaTime.zero)
        var reach = 0
        for segment in recent.reversed() {
            sum.bytes += segment.bytes
            sum.duration += segment.duration
            guard sum.duration * 2 <= targetDuration * 3 else { break }
            reach += 1
            if sum.duration * 2 >= targetDuration { peak = max(peak, Self.rate(sum.bytes, sum.duration)) }
        }
        // A single segment that is too long for the rule counts by itself.
        if reach == 0 { peak = max(peak, Self.rate(bytes, duration)) }
        recent.removeFirst(recent.count - max(1, min(reach, recent.count)))
    }

    /// Bits a second over everything; nil before `least` was measured.
    func average(least: MediaTime) -> Int? {
        time >= least ? Self.rate(bytes, time) : nil
    }

    private static func rate(_ bytes: Int, _ duration: MediaTime) -> Int {
        Int((Double(bytes * 8) / duration.seconds).rounded(.up))
    }
}

/// The rates that a multivariant playlist states for a rendition, in bits a second. Players never read it again and
/// caches keep it, so that what is stated changes only where it has become wrong.
struct StatedRate: Sendable, Hashable {
    /// Measured so far, or what was promised.
    private(set) var average: Int
    private(set) var peak: Int
    private var isMeasured = false

    init(promisedAverage: Int, promisedPeak: Int) {
        average = promisedAverage
        peak = promisedPeak
    }

    mutating func follow(_ meter: RateMeter) {
        if meter.peak > peak { peak = StatedRate.roundedUp(meter.peak + meter.peak / 10) }
        // Ten segments are a measure.
        guard let measured = meter.average(least: MediaTime(milliseconds: 20_000)) else { return }
        // An average over an hour must stay below 110 % of what is stated.
        let isFar = measured * 20 > average * 21 || measured * 100 < average * 85
        if !isMeasured || isFar {
            average = StatedRate.roundedUp(measured)
            isMeasured = true
        }
    }

    /// To three digits that count, upwards.
    private static func roundedUp(_ rate: Int) -> Int {
        var unit = 1
        while rate / unit >= 1000 { unit *= 10 }
        return (rate + unit - 1) / unit * unit
    }
}
