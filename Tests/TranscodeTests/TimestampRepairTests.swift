import Media
import Testing
import Transcode

private func ms(_ value: Int64) -> MediaTime { MediaTime(milliseconds: value) }

@Suite struct TimestampRepairTests {
    private let start = MediaTime(milliseconds: 10_000)
    private let unknown = MonotonicTime(nanoseconds: 0)

    @Test(arguments: [
        FrameRate(30), FrameRate(30000, 1001), FrameRate(25), FrameRate(60), FrameRate(60000, 1001),
        FrameRate(15),
    ]) func snapsMilliseconds(_ rate: FrameRate) {
        let origin = MediaTime(milliseconds: 123_457)
        var mapper = TimestampRepair(timing: .constant(rate), sourceStart: origin, start: start)
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
        var mapper = TimestampRepair(
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

    /// Behind an IDR picture: its part is still open, so that it can be shown twice as long.
    @Test func aSlowClockLeavesPlacesEmptyOnlyBehindIDRPictures() {
        let rate = FrameRate(30)
        var mapper = TimestampRepair(timing: .constant(rate), sourceStart: .zero, start: start)
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

    @Test(arguments: [-400.0, -80.0, 80.0, 400.0]) func aDriftingClockKeepsOrderAndStaysNear(
        _ partsPerMillion: Double
    ) {
        let rate = FrameRate(30)
        var mapper = TimestampRepair(timing: .constant(rate), sourceStart: .zero, start: start)
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

    @Test func lostPicturesLeaveAHole() {
        var mapper = TimestampRepair(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
        _ = mapper.video(pts: .zero, dts: .zero, arrival: unknown)
        let later = MediaTime(milliseconds: 1600)
        #expect(mapper.video(pts: later, dts: later, arrival: unknown).pts == start + later)
    }

    @Test(arguments: [
        // (the host's clock goes on by, arrivals go on by, the picture goes on by), in ms
        (5000, 5000, 5000), (5000, 40, 40), (-5000, 40, 40), (3_600_000, 40, 40), (-3_600_000, 1000, 1000),
        (40, 3000, 40), (20_000, 20_000, 2000), (1500, 40, 1520),
    ]) func jumps(_ clock: Int64, _ waited: Int64, _ expected: Int64) {
        var mapper = TimestampRepair(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
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
            var mapper = TimestampRepair(timing: timing, sourceStart: .zero, start: start)
            var last = MediaTime.zero
            for milliseconds: Int64 in [0, 33, 33, 33, 66, 50, 100, 100, 133, 5, 166] {
                let time = MediaTime(milliseconds: milliseconds)
                let times = mapper.video(pts: time, dts: time, arrival: unknown)
                #expect(times.dts > last && times.pts >= times.dts)
                last = times.dts
            }
        }
    }

    @Test func soundWithAClockOfItsOwnStartsBesideThePictures() {
        for clock: Int64 in [50_000, -3_600_000] {
            var repair = TimestampRepair(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
            // Before the first picture nothing says where it belongs.
            #expect(repair.audio(ms(clock)) == nil)
            #expect(repair.audio(ms(-500)) == ms(9_500))
            for index in 0..<Int64(50) {
                _ = repair.video(pts: ms(index * 40), dts: ms(index * 40), arrival: unknown)
                guard let sound = repair.audio(ms(clock + index * 40)) else {
                    Issue.record("no place")
                    return
                }
                #expect((sound - start - ms(index * 40)).magnitude <= ms(40), "\(index)")
            }
            #expect(repair.repairs == 1)
        }
    }

    @Test(
        arguments: [
            (FrameTiming.constant(FrameRate(25)), 7_777), (.constant(FrameRate(30)), -90_000_000),
            (.variable(nominal: FrameRate(30)), 4_294_967_290),
        ] as [(FrameTiming, Int64)]) func anotherFeedJoinsWhereItIsTold(_ timing: FrameTiming, _ clock: Int64)
    {
        var repair = TimestampRepair(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
        var last = MediaTime.zero
        for index in 0..<Int64(100) {
            let time = MediaTime(milliseconds: index * 40)
            last = repair.video(pts: time + MediaTime(milliseconds: 80), dts: time, arrival: unknown).dts
        }
        let sourceStart = MediaTime(milliseconds: clock)
        let place = start + MediaTime(milliseconds: 6_013)
        repair.rejoin(timing: timing, sourceStart: sourceStart, at: place)
        for index in 0..<Int64(100) {
            let time = timing.rate.time(ofFrame: index)
            let source = sourceStart + MediaTime(milliseconds: time.milliseconds)
            let lead = timing.rate.frameDuration * 2
            let times = repair.video(pts: source, dts: source - lead, arrival: unknown)
            #expect((times.pts - place - time).magnitude <= MediaTime(ticks: timing.isConstant ? 0 : 240))
            #expect(times.dts > last && times.dts <= times.pts)
            #expect(repair.audio(source) == place + MediaTime(milliseconds: time.milliseconds))
            last = times.dts
        }
        #expect(repair.repairs == 0)
    }

    /// A feed that was kept warm: its IDR picture is older than what has been shown, and all of it stays where it belongs.
    @Test func aFeedThatJoinsWithOldPicturesIsNotMadeLate() {
        var repair = TimestampRepair(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
        let frame = MediaTime(milliseconds: 40)
        var last = TimestampRepair.Times(pts: .zero, dts: .zero)
        for index in 0..<10 { last = repair.video(pts: frame * index, dts: frame * index, arrival: unknown) }
        repair.rejoin(sourceStart: .zero, at: start)
        #expect(repair.video(pts: .zero, dts: .zero - frame * 2, arrival: unknown).pts == start)
        // Passed through from here on: decoding times go on from what others have shown.
        repair.decodeAfter(last.pts)
        let next = repair.video(pts: frame * 12, dts: frame, arrival: unknown)
        #expect(next.pts == start + frame * 12 && next.dts > last.pts && next.dts <= next.pts)
    }

    @Test func wildTimesNeverTrap() {
        var generator = SplitMix(state: 7)
        for timing in [FrameTiming.constant(FrameRate(30)), .variable(nominal: FrameRate(30))] {
            var mapper = TimestampRepair(timing: timing, sourceStart: .zero, start: start)
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

    // MARK: Odd decoding times

    /// Pictures in decoding order with the host's composition offsets; all in frames of 40 ms.
    @Test(arguments: [
        // As it should be, with the first decoding time before zero.
        ([0, 3, 1, 2, 6, 4, 5, 9, 7, 8], [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7]),
        // Decoding times that start with the first picture's: some pictures are shown before they are decoded.
        ([0, 3, 1, 2, 6, 4, 5, 9, 7, 8], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        // Equal decoding times.
        ([0, 3, 1, 2, 6, 4, 5, 9, 7, 8], [-2, -2, -2, 1, 1, 1, 4, 4, 4, 7]),
        // Decoding times of one picture that is too late, and of one that is too early.
        ([0, 3, 1, 2, 6, 4, 5, 9, 7, 8], [-2, -1, 0, 1, 2, 9, 4, 5, 6, 7]),
        ([0, 3, 1, 2, 6, 4, 5, 9, 7, 8], [-2, -1, 0, 1, 2, -1, 4, 5, 6, 7]),
        ([0, 1, 2, 3, 4, 5], [0, 1, 1, 1, 4, 5]),
    ]) func oddDecodingTimesLeaveThePicturesWhereTheyAre(_ shown: [Int], _ decoded: [Int]) {
        for timing in [FrameTiming.constant(FrameRate(25)), .variable(nominal: FrameRate(25))] {
            var repair = TimestampRepair(timing: timing, sourceStart: .zero, start: start)
            var last = MediaTime.zero
            var moved = 0
            for group in 0..<10 {
                for (display, decoding) in zip(shown, decoded) {
                    let (pts, dts) = (display + group * shown.count, decoding + group * shown.count)
                    let times = repair.video(
                        pts: ms(Int64(pts * 40)), dts: ms(Int64(dts * 40)), arrival: unknown)
                    #expect(times.dts > last && times.dts <= times.pts)
                    if times.pts != start + ms(Int64(pts * 40)) { moved += 1 }
                    last = times.dts
                }
            }
            // The first that comes too early for its decoding time teaches it.
            #expect(moved <= 2, "\(shown) \(decoded) \(timing)")
            #expect(repair.repairs == 0)
        }
    }

    // MARK: Nothing for a while

    @Test(arguments: [true, false]) func aMinuteOfNothing(_ clockGoesOn: Bool) {
        // The server puts a slate there and has the feed join anew; where it does not, two seconds pass at most.
        var repair = TimestampRepair(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
        let arrival = MonotonicTime(nanoseconds: 5_000_000_000)
        _ = repair.video(pts: .zero, dts: .zero, arrival: arrival)
        _ = repair.audio(.zero, arrival: arrival)
        let time = ms(clockGoesOn ? 60_000 : 40)
        let picture = repair.video(pts: time, dts: time, arrival: arrival + .seconds(60))
        #expect(picture.pts >= start + ms(40) && picture.pts <= start + ms(2000))
        #expect(repair.audio(time, arrival: arrival + .seconds(60)) == picture.pts)
    }

    @Test func aMinuteOfSoundAloneIsAGapInThePictures() {
        var repair = TimestampRepair(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
        _ = repair.video(pts: .zero, dts: .zero, arrival: unknown)
        for index in 0..<Int64(2800) { _ = repair.audio(ms(index * 64 / 3), arrival: unknown) }
        let back = ms(60_000)
        #expect(repair.video(pts: back, dts: back, arrival: unknown).pts == start + back)
        #expect(repair.audio(back, arrival: unknown) == start + back && repair.repairs == 0)
    }

    @Test func aMinuteWithoutSoundMovesNothing() {
        var repair = TimestampRepair(timing: .constant(FrameRate(25)), sourceStart: .zero, start: start)
        _ = repair.audio(.zero, arrival: unknown)
        for index in 0..<Int64(1500) {
            _ = repair.video(pts: ms(index * 40), dts: ms(index * 40), arrival: unknown)
        }
        #expect(repair.audio(ms(60_000), arrival: unknown) == start + ms(60_000))
        #expect(repair.repairs == 0)
    }

    @Test func soundFromLongBeforeThePicturesIsNotTheirs() {
        var repair = TimestampRepair(timing: .constant(FrameRate(25)), sourceStart: ms(60_000), start: start)
        #expect(repair.audio(ms(1_000), arrival: unknown) == nil)
        #expect(repair.audio(ms(59_500), arrival: unknown) == start - ms(500))
        _ = repair.video(pts: ms(60_000), dts: ms(60_000), arrival: unknown)
        #expect(repair.audio(ms(60_020), arrival: unknown) == start + ms(20))
        #expect(repair.repairs == 0)
    }

    @Test func aStepBackTooSmallForAJumpIsMadeUpFor() {
        var repair = TimestampRepair(timing: .constant(FrameRate(30)), sourceStart: .zero, start: start)
        var distance = MediaTime.zero
        for index in 0..<Int64(300) {
            let time = FrameRate(30).time(ofFrame: index) - (index < 100 ? .zero : ms(150))
            let picture = repair.video(pts: time, dts: time, arrival: unknown)
            if let sound = repair.audio(time, arrival: unknown) { distance = sound - picture.pts }
        }
        #expect(distance.magnitude <= ms(20))
    }
}
