import Media
import Testing
import Transcode

/// What a whole simulated run came to.
private struct Outcome {
    /// Between sound and picture as they are put out, against how they were taken up; seconds.
    var worst = 0.0
    var worstAt = 0.0
    var repairs = 0
    var sounds = 0
    var unplaced = 0
}

/// Runs a host through the repair, and its sound through the timeline that counts samples, as an encoder stretches it or
/// as whole frames. What lies within `lenience` seconds after the moments in `except` is not judged.
private func simulate(
    _ host: SimulatedHost, seconds: Double, copies: Bool = false, except: [Double] = [], lenience: Double = 3
) -> Outcome {
    var host = host
    let rate = host.rate
    var outcome = Outcome()
    let start = MediaTime(milliseconds: 10_000)
    var repair: TimestampRepair?
    var timeline = AudioTimeline(sampleRate: 48_000, start: start, expectsAudio: true)
    var shown: [(taken: Double, put: Double)] = []
    var lastDecoded = MediaTime.zero
    host.run(seconds: seconds) { event in
        switch event.kind {
        case .picture:
            if repair == nil {
                repair = TimestampRepair(timing: .constant(rate), sourceStart: event.pts, start: start)
            }
            guard let times = repair?.video(pts: event.pts, dts: event.dts, arrival: event.arrival) else {
                return
            }
            #expect(times.dts > lastDecoded && times.dts <= times.pts)
            lastDecoded = times.dts
            shown.append((event.taken, times.pts.seconds))
            if shown.count > 64 { shown.removeFirst(32) }
        case .sound:
            guard let place = repair?.audio(event.pts, arrival: event.arrival) else {
                if repair != nil { outcome.unplaced += 1 }
                return
            }
            let put: Double
            if copies {
                let before = timeline.position
                guard let silent = timeline.placeWhole(place, frame: 1024) else { return }
                put = Double(before + Int64(silent * 1024)) / 48_000
            } else {
                let count = 1024 + timeline.stretch(1024)
                let before = timeline.position
                let placement = timeline.place(place, count: count)
                guard placement.trim < count else { return }
                put = Double(before + Int64(placement.silence)) / 48_000 - Double(placement.trim) / 48_000
            }
            outcome.sounds += 1
            guard !except.contains(where: { event.emitted >= $0 && event.emitted <= $0 + lenience }),
                let beside = shown.min(by: { abs($0.taken - event.taken) < abs($1.taken - event.taken) }),
                abs(beside.taken - event.taken) < 0.2
            else { return }
            let error = abs((put - beside.put) - (event.taken - beside.taken))
            if error > outcome.worst { (outcome.worst, outcome.worstAt) = (error, event.emitted) }
        }
    }
    outcome.repairs = repair?.repairs ?? 0
    return outcome
}

private let percents = [-0.01, -0.005, -0.001, -0.0002, 0.0, 0.0002, 0.001, 0.005, 0.01]

@Suite struct RepairRunTests {
    @Test(arguments: percents) func aHostWithAWrongClockKeepsSoundAndPictureTogether(_ drift: Double) {
        for rate in [FrameRate(30), FrameRate(25), FrameRate(60000, 1001)] {
            var host = SimulatedHost()
            host.rate = rate
            host.pictureClock.drift = drift
            host.soundClock.drift = drift
            let outcome = simulate(host, seconds: 900)
            #expect(outcome.worst <= 0.040, "\(rate): \(outcome)")
            #expect(outcome.repairs == 0)
        }
    }

    @Test(arguments: percents) func aSoundClockThatDriftsIsFollowed(_ drift: Double) {
        for unit: Int64 in [1000, 90_000] {
            var host = SimulatedHost()
            host.soundClock.drift = drift
            host.sampleDrift = drift
            host.soundClock.unit = unit
            host.burst = 0.3
            let outcome = simulate(host, seconds: 900)
            #expect(outcome.worst <= 0.040, "\(outcome)")
            #expect(outcome.sounds > 41_700)
        }
    }

    @Test(arguments: percents, [true, false]) func samplesThatComeFasterThanTheyClaimAreFitted(
        _ drift: Double, _ copies: Bool
    ) {
        var host = SimulatedHost()
        host.sampleDrift = drift
        let outcome = simulate(host, seconds: 900, copies: copies)
        #expect(outcome.worst <= 0.040, "\(outcome)")
    }

    @Test(arguments: [
        // When the pictures' clock jumps and when the sound's, by seconds; how late pictures and sound are sent.
        (100.0, 100.0, 3600.0, 0.08, 0.04), (100, 100, -3600, 0.08, 0.04), (100, 100, 3600, 0.08, 0.30),
        (100, 100, -90, 0.08, 0.30), (100, 100, 4_294_967.296, 0.08, 0.30), (100, 100, -5, 0.08, 0.04),
        (100, 100, -5, 0.04, 0.30), (100, 100, 3.5, 0.08, 0.04), (100, 100, 3.5, 0.04, 0.3),
        (101.5, 100, 3600, 0.08, 0.04), (100, 101.5, 3600, 0.08, 0.04), (100, 101.5, -3600, 0.08, 0.04),
        (101.5, 100, -3600, 0.3, 0.04),
    ]) func aJumpOfBothIsOneStepForBoth(
        _ picturesAt: Double, _ soundAt: Double, _ by: Double, _ pictureDelay: Double, _ soundDelay: Double
    ) {
        var host = SimulatedHost()
        host.pictureDelay = pictureDelay
        host.soundDelay = soundDelay
        host.pictureClock.jumps = [(picturesAt, MediaTime(seconds: by))]
        host.soundClock.jumps = [(soundAt, MediaTime(seconds: by))]
        let outcome = simulate(host, seconds: 200)
        #expect(outcome.worst <= 0.040, "\(outcome)")
        #expect(outcome.repairs == 2 && outcome.unplaced == 0)
        // Nothing of the sound is lost but what a moment's overlap costs.
        #expect(outcome.sounds > 9_300)
    }

    /// An encoder that starts anew: its clocks start from elsewhere, and some of what came between is lost.
    @Test(arguments: [
        (100.0...100.6, 100.0...100.1, 0.08, 0.04), (100...100.1, 100...100.6, 0.08, 0.04),
        (100...100.6, 100...100.1, 0.04, 0.3), (99.5...100.2, 100...100.1, 0.04, 0.3),
        (99.6...100, 99.9...100.3, 0.3, 0.04), (100...100.02, 100...100.25, 0.8, 0.04),
    ]) func aJumpThatLosesSomeOfBothIsOneStepToo(
        _ pictures: ClosedRange<Double>, _ sounds: ClosedRange<Double>, _ pictureDelay: Double,
        _ soundDelay: Double
    ) {
        var host = SimulatedHost()
        (host.pictureDelay, host.soundDelay) = (pictureDelay, soundDelay)
        (host.lostPictures, host.lostSounds) = (pictures, sounds)
        host.pictureClock.jumps = [(100, MediaTime(seconds: -5000))]
        host.soundClock.jumps = host.pictureClock.jumps
        let outcome = simulate(host, seconds: 200, except: [99.5], lenience: 1.4)
        #expect(outcome.worst <= 0.040 && outcome.repairs == 2, "\(outcome)")
    }

    @Test(arguments: [-3600.0, -30, -3, 5, 30, 3600], [true, false]) func aJumpOfOneLeavesTheOther(
        _ by: Double, _ ofPictures: Bool
    ) {
        var host = SimulatedHost()
        host.burst = 0.2
        if ofPictures {
            host.pictureClock.jumps = [(100, MediaTime(seconds: by))]
        } else {
            host.soundClock.jumps = [(100, MediaTime(seconds: by))]
        }
        let outcome = simulate(host, seconds: 200, except: [100])
        #expect(outcome.worst <= 0.040, "\(outcome)")
        #expect(outcome.repairs == 1)
        #expect(outcome.sounds > 9_200)
    }

    @Test func timesFromZeroAgain() {
        var host = SimulatedHost()
        host.bFrames = 2
        host.pictureClock.base = MediaTime(seconds: 5000)
        host.soundClock.base = MediaTime(seconds: 5000)
        host.pictureClock.jumps = [(100, MediaTime(seconds: -5100)), (200, MediaTime(seconds: -100))]
        host.soundClock.jumps = host.pictureClock.jumps
        let outcome = simulate(host, seconds: 300)
        #expect(outcome.worst <= 0.040 && outcome.repairs == 4, "\(outcome)")
    }

    @Test func anEncoderThatBecomesLaterIsBelieved() {
        // The pictures come 300 ms later than before, and their times say when they were taken up.
        var outcome = Outcome()
        var repair: TimestampRepair?
        var delayed = SimulatedHost()
        delayed.soundDelay = 0.04
        var worst = 0.0
        delayed.run(seconds: 120) { event in
            // Sound that is sent 300 ms early from a minute on stands for it.
            var event = event
            if event.kind == .sound && event.emitted > 60 { event.pts += MediaTime(milliseconds: 300) }
            if event.kind == .picture {
                if repair == nil {
                    repair = TimestampRepair(
                        timing: .constant(FrameRate(30)), sourceStart: event.pts, start: .zero)
                }
                _ = repair?.video(pts: event.pts, dts: event.dts, arrival: event.arrival)
            } else if let place = repair?.audio(event.pts, arrival: event.arrival) {
                worst = max(worst, (place - event.pts).magnitude.seconds)
            }
        }
        outcome.repairs = repair?.repairs ?? 0
        #expect(worst < 0.005 && outcome.repairs == 0)
    }

    /// Two hours with a jump every few minutes, of one stream, or of both: then there is no moment at which sound and
    /// picture part.
    @Test(arguments: Array(1...8) as [UInt64]) func twoHours(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        var host = SimulatedHost()
        host.random = SplitMix(state: seed + 100)
        host.rate = [FrameRate(30), FrameRate(25), FrameRate(30000, 1001), FrameRate(60)][Int(seed % 4)]
        host.bFrames = seed % 2 == 0 ? 2 : 0
        host.pictureDelay = Double.random(in: 0.03...0.2, using: &random)
        host.soundDelay = Double.random(in: 0.03...0.2, using: &random)
        host.burst = Double.random(in: 0...0.4, using: &random)
        let drift = Double.random(in: -0.0005...0.0005, using: &random)
        host.pictureClock.drift = drift
        host.soundClock.drift = drift + Double.random(in: -0.002...0.002, using: &random)
        host.sampleDrift = host.soundClock.drift
        var (at, apart) = (60.0, [Double]())
        while at < 7200 {
            let far = Bool.random(using: &random)
            let size = Double.random(in: far ? 60...4_000_000 : 3...50, using: &random)
            let by = MediaTime(seconds: Bool.random(using: &random) ? size : -size)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                host.pictureClock.jumps.append((at, by))
                apart.append(at)
            case 1:
                host.soundClock.jumps.append((at, by))
                apart.append(at)
            default:
                host.pictureClock.jumps.append((at, by))
                host.soundClock.jumps.append((at, by))
            }
            at += Double.random(in: 40...400, using: &random)
        }
        let outcome = simulate(host, seconds: 7200, except: apart)
        #expect(outcome.worst <= 0.040, "\(outcome)")
        #expect(outcome.repairs == host.pictureClock.jumps.count + host.soundClock.jumps.count, "\(outcome)")
        #expect(outcome.unplaced == 0 && outcome.sounds > 330_000, "\(outcome)")
    }
}
