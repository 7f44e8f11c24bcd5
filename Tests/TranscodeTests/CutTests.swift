import Media
import Testing
import Transcode

private func ms(_ value: Int64) -> MediaTime { MediaTime(milliseconds: value) }

@Suite struct CutPlannerTests {
    private let start = ms(10_000)

    private func source() -> CutPlanner {
        CutPlanner(start: start, frameRate: FrameRate(25), followsSource: true)
    }

    @Test func cutsAtEachIDRButNotTooSoon() {
        var planner = source()
        var cuts: [Int64] = []
        let keys: Set<Int64> = [10_000, 10_200, 11_000, 11_320, 11_400, 13_000]
        for time in stride(from: Int64(10_000), through: 13_000, by: 40) {
            if let cut = planner.source(pts: ms(time), isIDR: keys.contains(time)) {
                #expect(!cut.isDiscontinuity && !cut.endsPassthrough)
                cuts.append(cut.time.milliseconds)
            }
        }
        #expect(cuts == [10_000, 11_000, 11_400, 13_000])
    }

    @Test func aMissingIDRIsNotWaitedForBeyondTheTarget() {
        var planner = source()
        var cuts: [CutPlanner.Cut] = []
        for time in stride(from: Int64(10_000), through: 20_000, by: 40) {
            if let cut = planner.source(pts: ms(time), isIDR: time == 10_000) { cuts.append(cut) }
            if let cut = planner.output(at: ms(time)) { cuts.append(cut) }
        }
        #expect(cuts[1] == CutPlanner.Cut(time: ms(12_400), isDiscontinuity: true, endsPassthrough: true))
        #expect(cuts.map(\.time.milliseconds) == [10_000, 12_400, 14_400, 16_400, 18_400])
        #expect(!planner.followsSource)
    }

    @Test func withBFramesTheReplacementStartsAfterThePicturesShown() {
        var planner = source()
        _ = planner.source(pts: ms(10_000), isIDR: true)
        // Display order by groups of three: anchors first, then the two before them.
        var last: CutPlanner.Cut?
        for group in 0..<21 where last == nil {
            for step in [3, 1, 2] where last == nil {
                last = planner.source(pts: ms(10_000 + Int64(group * 3 + step) * 40), isIDR: false)
            }
        }
        // Anchors at 12,280 and 12,400: what was passed ends with the first.
        #expect(last == CutPlanner.Cut(time: ms(12_320), isDiscontinuity: true, endsPassthrough: true))
    }

    @Test func aGapEndsThePassthroughRatherThanTheTargetDuration() {
        var planner = source()
        for time in stride(from: Int64(10_000), through: 11_000, by: 40) {
            _ = planner.source(pts: ms(time), isIDR: time == 10_000)
        }
        let cut = planner.source(pts: ms(14_000), isIDR: true)
        #expect(cut == CutPlanner.Cut(time: ms(11_040), isDiscontinuity: true, endsPassthrough: true))
    }

    @Test func newParametersAreADiscontinuityAtOnce() {
        var planner = source()
        _ = planner.source(pts: ms(10_000), isIDR: true)
        _ = planner.source(pts: ms(10_040), isIDR: false)
        #expect(
            planner.source(pts: ms(10_080), isIDR: true, change: .fit)
                == CutPlanner.Cut(time: ms(10_080), isDiscontinuity: true))
        #expect(
            planner.source(pts: ms(10_120), isIDR: true, change: .unfit)
                == CutPlanner.Cut(time: ms(10_120), isDiscontinuity: true, endsPassthrough: true))
    }

    @Test(arguments: [
        FrameRate(30), FrameRate(30000, 1001), FrameRate(25), FrameRate(24), FrameRate(15), FrameRate(10),
        FrameRate(24000, 1001),
    ]) func withoutSourceCutsKeepToTwoSeconds(_ rate: FrameRate) {
        var planner = CutPlanner(start: start, frameRate: rate, followsSource: false)
        var cuts: [MediaTime] = []
        for index in 0..<Int64(rate.framesPerSecond * 120) {
            let time = start + rate.time(ofFrame: index)
            #expect(planner.source(pts: time, isIDR: index % 7 == 0) == nil)
            if let cut = planner.output(at: time) { cuts.append(cut.time) }
        }
        #expect(cuts.first == start && cuts.count == 60)
        for (index, cut) in cuts.enumerated() {
            let late = cut - start - ms(Int64(index) * 2000)
            #expect(late >= .zero && late < rate.frameDuration)
        }
    }
}

@Suite struct FrameSelectorTests {
    private func choose(
        _ times: [Int64], rate: Int64, cuts: [Int64] = []
    ) -> (times: [Int64], repeats: [Int64], cuts: [Int64]) {
        var selector = FrameSelector(rate: FrameRate(rate))
        for cut in cuts { selector.schedule(CutPlanner.Cut(time: MediaTime(ticks: cut * 240))) }
        let chosen = times.flatMap { selector.picture(at: MediaTime(ticks: $0 * 240)) }
        for (choice, next) in zip(chosen, chosen.dropFirst()) { #expect(next.time > choice.time) }
        return (
            chosen.map(\.time.milliseconds), chosen.filter(\.isRepeat).map(\.time.milliseconds),
            chosen.compactMap { $0.cut?.time.milliseconds }
        )
    }

    @Test func equalRatesPassAll() {
        let times = stride(from: Int64(0), to: 1000, by: 40).map { $0 }
        let chosen = choose(times, rate: 25)
        #expect(chosen.times == times && chosen.repeats.isEmpty)
    }

    @Test func halfTheRateTakesEverySecond() {
        let times = stride(from: Int64(0), to: 1000, by: 20).map { $0 }
        #expect(choose(times, rate: 25).times == stride(from: Int64(0), to: 1000, by: 40).map { $0 })
    }

    @Test func aCutOnAnOddPlaceStartsTheGridAnew() {
        let times = stride(from: Int64(0), through: 300, by: 20).map { $0 }
        let chosen = choose(times, rate: 25, cuts: [0, 140])
        #expect(chosen.times == [0, 40, 80, 120, 140, 180, 220, 260, 300])
        #expect(chosen.cuts == [0, 140] && chosen.repeats.isEmpty)
    }

    @Test func holesAreFilledWithThePictureBefore() {
        let chosen = choose([0, 40, 80, 240, 280], rate: 25)
        #expect(chosen.times == [0, 40, 80, 120, 160, 200, 240, 280])
        #expect(chosen.repeats == [120, 160, 200])
    }

    @Test func aCutInsideAHoleHasAPicture() {
        let chosen = choose([0, 40, 80, 240, 280], rate: 25, cuts: [160])
        #expect(chosen.times == [0, 40, 80, 120, 160, 200, 240, 280])
        #expect(chosen.cuts == [160])
        #expect(chosen.repeats == [120, 160, 200])
    }

    @Test func jitterLandsOnTheGrid() {
        var generator = SplitMix(state: 3)
        let times = (0..<500).map { Int64($0) * 40 + Int64.random(in: -15...15, using: &generator) }
        let chosen = choose([0] + times.dropFirst(), rate: 25)
        #expect(chosen.times == (0..<500).map { Int64($0) * 40 })
        #expect(chosen.repeats.isEmpty)
    }

    @Test func timesThatDoNotRiseAreIgnored() {
        #expect(choose([0, 40, 40, 20, 80], rate: 25).times == [0, 40, 80])
    }
}
