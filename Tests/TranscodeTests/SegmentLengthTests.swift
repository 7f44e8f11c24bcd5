import Media
import Testing
import Transcode

/// Where a run cuts its segments, through the repair, the planner and the selection of pictures, as `LiveRun` joins them.
private struct CutRun {
    private var repair: TimestampRepair?
    private var planner: CutPlanner?
    private var selector: FrameSelector
    private let timing: FrameTiming
    private let passes: Bool
    private(set) var cuts: [MediaTime] = []
    private var arrival = MonotonicTime(nanoseconds: 1)

    init(_ timing: FrameTiming, passes: Bool) {
        self.timing = timing
        self.passes = passes
        selector = FrameSelector(rate: timing.rate.limited(to: 30))
    }

    mutating func picture(_ time: MediaTime, isIDR: Bool, arrival: MonotonicTime) {
        let start = MediaTime(milliseconds: 10_000)
        if repair == nil {
            repair = TimestampRepair(timing: timing, sourceStart: time, start: start)
            planner = CutPlanner(start: start, frameRate: timing.rate, followsSource: passes)
        }
        guard let times = repair?.video(pts: time, dts: time, arrival: arrival) else { return }
        if let cut = planner?.source(pts: times.pts, isIDR: isIDR) {
            if !cut.endsPassthrough { cuts.append(cut.time) }
            selector.schedule(cut)
        }
        for choice in selector.picture(at: times.pts) {
            if let cut = choice.cut {
                if cut.endsPassthrough { cuts.append(cut.time) }
            } else if let cut = planner?.output(at: choice.time) {
                cuts.append(cut.time)
            }
        }
    }
}

@Suite struct SegmentLengthTests {
    /// The target duration, which `EXTINF`, rounded, may not exceed (RFC 8216bis, 4.4.3.1).
    private static let target = 2

    private func expectShort(_ cuts: [MediaTime], _ story: String) {
        #expect(cuts.count > 3, "\(story)")
        for (cut, next) in zip(cuts, cuts.dropFirst()) {
            #expect(next > cut, "\(story)")
            #expect(Int((next - cut).seconds.rounded()) <= Self.target, "\(story): \(cut) to \(next)")
        }
    }

    @Test(arguments: FrameRate.standard + [FrameRate(5), FrameRate(7), FrameRate(120)], [true, false])
    func noKeyFrameIntervalMakesALongSegment(_ rate: FrameRate, _ passes: Bool) {
        for gop in [1.0, 1.9, 2.0, 2.05, 2.3, 2.399, 2.4, 2.45, 2.489, 2.5, 3, 10, 3600] {
            var run = CutRun(.constant(rate), passes: passes)
            var next = 0.0
            for index in 0..<Int64(rate.framesPerSecond * 40) {
                let time = rate.time(ofFrame: index)
                let isKey = time.seconds >= next
                if isKey { next += gop }
                run.picture(
                    MediaTime(milliseconds: time.milliseconds), isIDR: isKey, arrival: .init(nanoseconds: 0))
            }
            expectShort(run.cuts, "\(rate) fps, key frames every \(gop) s")
        }
    }

    /// Pauses at one picture a second, gaps of up to a minute, steps of the clock, key frames at any time.
    @Test(arguments: 1...60 as ClosedRange<UInt64>) func noSourceMakesALongSegment(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        let rates = FrameRate.standard + [FrameRate(5), FrameRate(8)]
        let rate = rates[Int.random(in: 0..<rates.count, using: &random)]
        let timing: FrameTiming = seed % 3 == 0 ? .variable(nominal: rate) : .constant(rate)
        var run = CutRun(timing, passes: timing.isConstant && seed % 2 == 0)
        var (clock, real, sinceKey) = (0.0, 0.0, 0.0)
        var interval = 2.0
        var isSlow = false
        for index in 0..<Int(rate.framesPerSecond * 240) {
            let isKey = index == 0 || sinceKey >= interval || Int.random(in: 0..<400, using: &random) == 0
            if isKey {
                sinceKey = 0
                interval = [0.5, 2, 2, 2, 2.4, 4, 60][Int.random(in: 0..<7, using: &random)]
            }
            run.picture(
                MediaTime(milliseconds: Int64(clock * 1000)), isIDR: isKey,
                arrival: .init(nanoseconds: 1_000_000_000 + Int64(real * 1e9)))
            var step = isSlow ? 1.0 : 1 / rate.framesPerSecond
            if !timing.isConstant { step *= Double.random(in: 0.5...1.5, using: &random) }
            if Int.random(in: 0..<200, using: &random) == 0 { isSlow.toggle() }
            if isSlow && Int.random(in: 0..<4, using: &random) == 0 { isSlow = false }
            let fate = Int.random(in: 0..<600, using: &random)
            if fate == 0 { step = Double.random(in: 0.5...60, using: &random) }
            real += step
            clock += step
            sinceKey += step
            if fate == 1 { clock += Double.random(in: -100...100, using: &random) }
            if fate == 2 { real += Double.random(in: 0...5, using: &random) }
        }
        expectShort(run.cuts, "seed \(seed), \(timing)")
    }
}
