import Media
import Testing
import Transcode

private func grid(_ rate: FrameRate, _ count: Int64, rounding: FloatingPointRoundingRule? = .toNearestOrEven)
    -> [MediaTime]
{
    (0..<count).map { index in
        let time = rate.time(ofFrame: index)
        guard let rounding else { return time }
        return MediaTime(milliseconds: Int64((time.seconds * 1000).rounded(rounding)))
    }
}

@Suite struct FrameTimingTests {
    @Test(arguments: FrameRate.standard, [FloatingPointRoundingRule.toNearestOrEven, .down])
    func findsRoundedGrids(_ rate: FrameRate, _ rounding: FloatingPointRoundingRule) {
        let count = Int64(rate.framesPerSecond * 2) + 1
        #expect(FrameTiming.detect(grid(rate, count, rounding: rounding), hints: []) == .constant(rate))
        #expect(FrameTiming.detect(grid(rate, count, rounding: nil), hints: []) == .constant(rate))
    }

    @Test func aHoleDoesNotHideTheGrid() {
        var times = grid(FrameRate(30), 60)
        times.removeSubrange(20..<26)
        #expect(FrameTiming.detect(times, hints: []) == .constant(FrameRate(30)))
    }

    @Test func reorderedTimesAreTheSameGrid() {
        #expect(FrameTiming.detect(grid(FrameRate(25), 50).shuffled(), hints: []) == .constant(FrameRate(25)))
    }

    @Test func aClaimDecidesWhereTimesCannot() {
        let few = Array(grid(FrameRate(30), 8))
        let claimed = FrameRate(30000, 1001)
        #expect(FrameTiming.detect(few, hints: [claimed]) == .constant(claimed))
        #expect(FrameTiming.detect([.zero], hints: [FrameRate(50)]) == .constant(FrameRate(50)))
        #expect(FrameTiming.detect([], hints: []) == .constant(FrameRate(30)))
    }

    @Test func aFalseClaimDoesNotHold() {
        #expect(
            FrameTiming.detect(grid(FrameRate(30), 60), hints: [FrameRate(60)]) == .constant(FrameRate(30)))
        #expect(
            FrameTiming.detect(grid(FrameRate(50), 100), hints: [FrameRate(25)]) == .constant(FrameRate(50)))
    }

    @Test func anUnusualClaimedRateIsAGrid() {
        let odd = FrameRate(18)
        #expect(FrameTiming.detect(grid(odd, 40), hints: [odd]) == .constant(odd))
    }

    @Test func jitterIsVariable() {
        let times = (0..<60).map { MediaTime(milliseconds: Int64($0) * 33 + [0, 7, -5, 4, 9][$0 % 5]) }
        #expect(FrameTiming.detect(times, hints: []) == .variable(nominal: FrameRate(30)))
        let slow = (0..<40).map { MediaTime(milliseconds: Int64($0) * 52 + [0, 7, -5, 4, 9][$0 % 5]) }
        #expect(FrameTiming.detect(slow, hints: []) == .variable(nominal: FrameRate(20)))
    }
}

@Suite struct TimestampMapperTests {
    private let start = MediaTime(milliseconds: 10_000)
    private let unknown = MonotonicTime(nanoseconds: 0)

    @Test(arguments: [
        FrameRate(30), FrameRate(30000, 1001), FrameRate(25), FrameRate(60), FrameRate(60000, 1001),
        FrameRate(15),
    ]) func snapsMilliseconds(_ rate: FrameRate) {
        let origin = MediaTime(milliseconds: 123_457)
        var mapper = TimestampMapper(timing: .constant(rate), sourceStart: origin, start: start)
        for index in 0..<Int64(rate.framesPerSecond * 600) {
            let exact = rate.time(ofFrame: index)
            let source = origin + MediaTime(milliseconds: exact.milliseconds)
            let times = mapper.video(pts: source, dts: source, arrival: unknown)
            #expect(times == .init(pts: start + exact, dts: start + exact))
        }
        #expect(mapper.repairs == 0)
    }

    @Test func reorderedPicturesStayOnTheGrid() {
        let rate = FrameRate(30)
        // Decoding order of I b b P b b P: display 0 3 1 2 6 4 5, decoding times two frames early.
        var mapper = TimestampMapper(
            timing: .constant(rate), sourceStart: MediaTime(milliseconds: 67), start: start)
        var last = MediaTime.zero
        for (decoding, display) in [0, 3, 1, 2, 6, 4, 5, 9, 7, 8].enumerated() {
            let pts = MediaTime(milliseconds: 67 + rate.time(ofFrame: Int64(display)).milliseconds)
            let dts = MediaTime(milliseconds: rate.time(ofFrame: Int64(decoding)).milliseconds)
            let times = mapper.video(pts: pts, dts: dts, arrival: unknown)
            #expect(times.pts == start + rate.time(ofFrame: Int64(display)))
            #expect(times.dts <= times.pts && times.dts > last)
            last = times.dts
        }
    }

    @Test(arguments: [-400.0, -80.0, 80.0, 400.0]) func aDriftingClockKeepsOrderAndStaysNear(
        _ partsPerMillion: Double
    ) {
        let rate = FrameRate(30)
        var mapper = TimestampMapper(timing: .constant(rate), sourceStart: .zero, start: start)
        var last = MediaTime.zero
        for index in 0..<Int64(54_000) {
            let seconds = rate.time(ofFrame: index).seconds * (1 + partsPerMillion / 1e6)
            let source = MediaTime(milliseconds: Int64((seconds * 1000).rounded()))
            let times = mapper.video(pts: source, dts: source, arrival: unknown)
            #expect(times.dts > last && times.pts == times.dts)
            // Sound goes by the host's clock: pictures must stay within an eye's and ear's tolerance of it.
            if let sound = mapper.audio(source) {
                #expect((times.pts - sound).magnitude < MediaTime(milliseconds: 40), "\(index)")
            } else {
                Issue.record("no sound at \(index)")
            }
            last = times.dts
        }
        #expect(mapper.repairs == 0)
    }

    /// Behind an IDR picture: its part is still open, so that it can be shown twice as long.
    @Test func aSlowClockLeavesPlacesEmptyOnlyBehindIDRPictures() {
        let rate = FrameRate(30)
        var mapper = TimestampMapper(timing: .constant(rate), sourceStart: .zero, start: start)
        var last: (time: MediaTime, isIDR: Bool)?
        var empty = 0
        for index in 0..<Int64(9_000) {
            let isIDR = index % 60 == 0
            // Eleven milliseconds more each minute, at once: what a looped file does.
            let source = MediaTime(milliseconds: rate.time(ofFrame: index).milliseconds + index / 600 * 11)
            let time = mapper.video(pts: source, dts: source, arrival: unknown, isIDR: isIDR).pts
            if let last, time - last.time != rate.frameDuration {
                #expect(last.isIDR && time - last.time == rate.frameDuration * 2, "\(index)")
                empty += 1
            }
            last = (time, isIDR)
        }
        #expect(empty == 4 || empty == 5)
    }

    @Test func lostPicturesLeaveAHole() {
        var mapper = TimestampMapper(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
        _ = mapper.video(pts: .zero, dts: .zero, arrival: unknown)
        let later = MediaTime(milliseconds: 1600)
        #expect(mapper.video(pts: later, dts: later, arrival: unknown).pts == start + later)
    }

    @Test(arguments: [
        // (the host's clock goes on by, arrivals go on by, the picture goes on by), in ms
        (5000, 5000, 5000), (5000, 40, 40), (-5000, 40, 40), (3_600_000, 40, 40), (-3_600_000, 1000, 1000),
        (40, 3000, 40), (20_000, 20_000, 2000), (1500, 40, 1520),
    ]) func jumps(_ clock: Int64, _ waited: Int64, _ expected: Int64) {
        var mapper = TimestampMapper(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
        let first = MonotonicTime(nanoseconds: 5_000_000_000)
        _ = mapper.video(pts: .zero, dts: .zero, arrival: first)
        let time = MediaTime(milliseconds: clock)
        let times = mapper.video(pts: time, dts: time, arrival: first + .milliseconds(waited))
        let moved = times.pts - start
        #expect((moved - MediaTime(milliseconds: expected)).magnitude <= MediaTime(milliseconds: 20))
        let (next, arrival) = (time + MediaTime(milliseconds: 40), first + .milliseconds(waited + 40))
        #expect(
            mapper.video(pts: next, dts: next, arrival: arrival).pts - times.pts
                == MediaTime(milliseconds: 40))
    }

    @Test func repeatedAndBackwardTimesStillRise() {
        for timing in [FrameTiming.constant(FrameRate(30)), .variable(nominal: FrameRate(30))] {
            var mapper = TimestampMapper(timing: timing, sourceStart: .zero, start: start)
            var last = MediaTime.zero
            for milliseconds: Int64 in [0, 33, 33, 33, 66, 50, 100, 100, 133, 5, 166] {
                let time = MediaTime(milliseconds: milliseconds)
                let times = mapper.video(pts: time, dts: time, arrival: unknown)
                #expect(times.dts > last && times.pts >= times.dts)
                last = times.dts
            }
        }
    }

    @Test func soundFarFromThePicturesHasNoPlace() {
        var mapper = TimestampMapper(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
        _ = mapper.video(pts: .zero, dts: .zero, arrival: unknown)
        #expect(mapper.audio(MediaTime(milliseconds: 500)) == MediaTime(milliseconds: 10_500))
        #expect(mapper.audio(MediaTime(milliseconds: 50_000)) == nil)
        #expect(mapper.audio(MediaTime(milliseconds: -50_000)) == nil)
    }

    @Test func wildTimesNeverTrap() {
        var generator = SplitMix(state: 7)
        for timing in [FrameTiming.constant(FrameRate(30)), .variable(nominal: FrameRate(30))] {
            var mapper = TimestampMapper(timing: timing, sourceStart: .zero, start: start)
            var last = mapper.video(pts: .zero, dts: .zero, arrival: unknown).dts
            for _ in 0..<20_000 {
                let dts = MediaTime(
                    milliseconds: Int64.random(in: -5_000_000_000...5_000_000_000, using: &generator))
                let lead = MediaTime(
                    milliseconds: Int64.random(in: -8_000_000...8_000_000, using: &generator))
                let times = mapper.video(pts: dts + lead, dts: dts, arrival: unknown)
                #expect(times.dts > last && times.pts >= times.dts)
                last = times.dts
            }
        }
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
