import Media

/// Tells when a host's sound has a clock of its own. Encoders send what they took up together close together, so the
/// distance between sound and picture in the stream stays what it was at first; where it grows steadily, by less than a
/// few percent, it is a clock that drifts, and the sound is to be moved back. A distance that changes at once is
/// believed: an encoder has become slower, and its timestamps say so. Pure.
struct SoundDrift {
    /// Seconds of pictures that are averaged, and how many of them at least.
    private static let span = 0.5
    private static let fewest = 5
    private static let (gain, rateGain) = (0.3, 0.05)
    /// A drift below this, seconds, may be noise.
    private static let certain = 0.010
    /// What no clock drifts by from one average to the next, seconds.
    private static let sudden = 0.040
    private static let steady = 0.025
    /// No encoder is later than this with its pictures than it was at first, seconds.
    private static let longest = 1.0

    private var sum = 0.0
    private var count = 0
    private var began: MediaTime?
    private var learnt: [Double] = []
    private var base: Double?
    private var firstBase = 0.0
    /// What is still to be moved: kept back until it is certain.
    private var pending = 0.0
    private var rate = 0.0
    private var isCertain = false
    private var odd: [Double] = []
    /// Averages that are not looked at, after a jump.
    private var skipped = 0
    /// What came of a jump has not been looked at yet.
    private(set) var isInterrupted = false

    /// Where sound usually stands beside the picture that comes next.
    var usual: MediaTime { MediaTime(seconds: base ?? 0) }

    /// One of the clocks has jumped.
    mutating func interrupt() {
        (sum, count, began) = (0, 0, nil)
        odd = []
        skipped = 1
        isInterrupted = base != nil
        if base == nil { learnt = [] }
    }

    /// The sound's distance from a picture at `time`. Returns by how much the sound is to be moved. With `isShared`,
    /// both have jumped alike, and what their times say of each other holds.
    mutating func sample(_ distance: MediaTime, at time: MediaTime, isShared: Bool) -> MediaTime? {
        let start = began ?? time
        began = start
        sum += distance.seconds
        count += 1
        guard (time - start).seconds >= SoundDrift.span, count >= SoundDrift.fewest else { return nil }
        let mean = sum / Double(count)
        (sum, count, began) = (0, 0, nil)
        if skipped > 0 {
            skipped -= 1
            return nil
        }
        guard let base else {
            learnt.append(mean)
            if learnt.count == 2 {
                firstBase = (learnt[0] + learnt[1]) / 2
                self.base = firstBase
            }
            return nil
        }
        if isInterrupted { return resume(mean, base, isShared) }
        let error = mean + pending - base
        if abs(error) > SoundDrift.sudden { return settle(error, base) }
        odd = []
        rate += SoundDrift.rateGain * error
        pending -= min(max(SoundDrift.gain * error + rate, -0.015), 0.015)
        if abs(pending) > SoundDrift.certain { isCertain = true }
        guard isCertain, pending != 0 else { return nil }
        defer { pending = 0 }
        return MediaTime(seconds: pending)
    }

    private mutating func resume(_ mean: Double, _ base: Double, _ isShared: Bool) -> MediaTime? {
        isInterrupted = false
        let error = mean + pending - base
        if isShared {
            if abs(error) > 0.06 {
                self.base = mean + pending
                firstBase = mean + pending
            }
            return nil
        }
        return abs(error) > SoundDrift.certain ? MediaTime(seconds: -error) : nil
    }

    private mutating func settle(_ error: Double, _ base: Double) -> MediaTime? {
        odd.append(error)
        if odd.count > 4 { odd.removeFirst() }
        guard odd.count == 4 else { return nil }
        let (low, high) = (odd.min() ?? 0, odd.max() ?? 0)
        let mean = odd.reduce(0, +) / 4
        if abs(base + mean - firstBase) > SoundDrift.longest {
            odd = []
            return MediaTime(seconds: firstBase - base - mean)
        }
        if high - low < SoundDrift.steady {
            self.base = base + mean
            odd = []
        }
        return nil
    }
}
