import Codecs
import Media
import Preflight
import Testing

/// Each finding on a made-up feed: it is not there when all is well, comes, stands a little longer than its cause, and
/// goes.
@Suite struct FindingTests {
    typealias Stretch = MadeUpFeed.Stretch

    struct Case: CustomTestStringConvertible {
        let code: FindingCode
        let severity: Finding.Severity
        /// What brings it, and for how long at least.
        let bad: Stretch
        var within: Double
        /// Seconds of good feed after which it is still there, …
        var staysFor: Double
        /// … and after which it is gone.
        var goneAfter: Double
        /// Words that have to be in what the host reads.
        let says: String
        var rules = PreflightRules()

        var testDescription: String { code.rawValue }
    }

    struct Between: CustomTestStringConvertible {
        let code: FindingCode
        let seconds: Double
        let bad: Stretch
        let between: Stretch
        var testDescription: String { code.rawValue }

        init(_ code: FindingCode, _ seconds: Double, _ bad: Stretch, _ between: Stretch) {
            (self.code, self.seconds, self.bad, self.between) = (code, seconds, bad, between)
        }
    }

    private static func stretch(_ change: (inout Stretch) -> Void) -> Stretch {
        var stretch = Stretch()
        change(&stretch)
        return stretch
    }

    private static var lowLatency: PreflightRules {
        var rules = PreflightRules()
        rules.isLowLatency = true
        return rules
    }

    static let cases: [Case] = [
        Case(
            code: .keyframeInterval, severity: .warning, bad: stretch { $0.keyframes = 10 }, within: 21,
            staysFor: 4, goneAfter: 16, says: "interval is 10 s"),
        Case(
            code: .keyframeInterval, severity: .error, bad: stretch { $0.keyframes = 300 }, within: 14,
            staysFor: 1, goneAfter: 8, says: "longer than 1"),
        Case(
            code: .framesDropped, severity: .warning, bad: stretch { $0.dropEvery = 40 }, within: 14,
            staysFor: 5, goneAfter: 17, says: "2."),
        Case(
            code: .framesDropped, severity: .error, bad: stretch { $0.dropEvery = 7 }, within: 14,
            staysFor: 5, goneAfter: 17, says: "missing"),
        Case(
            code: .framesIrregular, severity: .warning, bad: stretch { $0.jitter = 0.012 }, within: 12,
            staysFor: 5, goneAfter: 17, says: "uneven"),
        Case(
            code: .frameRateLow, severity: .warning, bad: stretch { $0.rate = 15 }, within: 16, staysFor: 2,
            goneAfter: 20, says: "Only 15"),
        Case(
            code: .frameRateHigh, severity: .info, bad: stretch { $0.rate = 60 }, within: 16, staysFor: 2,
            goneAfter: 20, says: "60 pictures a second; viewers get 30"),
        Case(
            code: .bFrames, severity: .warning, bad: stretch { $0.bFrames = true }, within: 6, staysFor: 3,
            goneAfter: 12, says: "B-frames", rules: lowLatency),
        Case(
            code: .bitrateLow, severity: .warning, bad: stretch { $0.kilobits = 300 }, within: 26,
            staysFor: 3, goneAfter: 20, says: "300 kbit/s is low for 1280×720"),
        Case(
            code: .bitrateHigh, severity: .warning, bad: stretch { $0.kilobits = 12_000 }, within: 20,
            staysFor: 3, goneAfter: 20, says: "at most 8000"),
        Case(
            code: .bitrateUnstable, severity: .info,
            bad: stretch {
                $0.kilobits = 5000
                $0.otherKilobits = 800
            }, within: 45, staysFor: 4, goneAfter: 40, says: "up and down"),
        Case(
            code: .uploadLate, severity: .warning, bad: stretch { $0.late = 1.5 }, within: 5, staysFor: 3,
            goneAfter: 9, says: "1.5 s late"),
        Case(
            code: .clockDrift, severity: .warning, bad: stretch { $0.drift = 900 }, within: 280,
            staysFor: 20, goneAfter: 700, says: "fast, by 3.2 s an hour"),
        Case(
            code: .pictureMissing, severity: .error, bad: stretch { $0.hasPicture = false }, within: 6,
            staysFor: 0.3, goneAfter: 2, says: "No picture"),
        Case(
            code: .audioMissing, severity: .error, bad: stretch { $0.hasSound = false }, within: 4,
            staysFor: 0.5, goneAfter: 2, says: "no sound"),
        Case(
            code: .audioSilent, severity: .error,
            bad: stretch {
                $0.momentary = -90
                $0.left = 0
                $0.right = 0
            }, within: 9, staysFor: 0.5, goneAfter: 2, says: "silent"),
        Case(
            code: .audioClipping, severity: .warning, bad: stretch { $0.clips = 2 }, within: 1, staysFor: 9,
            goneAfter: 11, says: "distorts"),
        Case(
            code: .audioOneSided, severity: .warning, bad: stretch { $0.right = 0.0001 }, within: 9,
            staysFor: 1, goneAfter: 3, says: "right side"),
        Case(
            code: .loudnessLow, severity: .warning, bad: stretch { $0.momentary = -35 }, within: 20,
            staysFor: 2, goneAfter: 15, says: "quiet"),
        Case(
            code: .loudnessHigh, severity: .warning, bad: stretch { $0.momentary = -6 }, within: 20,
            staysFor: 2, goneAfter: 15, says: "very loud"),
        Case(
            code: .pictureDark, severity: .error,
            bad: stretch {
                $0.brightness = 1
                $0.movement = 0
            }, within: 6, staysFor: 0, goneAfter: 4, says: "black"),
        Case(
            code: .pictureFrozen, severity: .warning, bad: stretch { $0.movement = 0 }, within: 18,
            staysFor: 0, goneAfter: 4, says: "not moved"),
    ]

    @Test(arguments: cases) func comesAndGoes(_ one: Case) throws {
        var feed = MadeUpFeed(rules: one.rules)
        feed.meter.format(try MadeUpFeed.format())
        feed.meter.format(.aac(try #require(AACFormat(sampleRate: 48_000, channels: 2))))
        feed.run(60)
        #expect(feed.codes == [], "a good feed has no findings")
        let began = feed.now
        feed.run(one.within, one.bad)
        let finding = try #require(feed.finding(one.code), "\(feed.codes)")
        #expect(finding.severity == one.severity)
        #expect(
            finding.words.title.contains(one.says) || finding.words.fix.contains(one.says), "\(finding.words)"
        )
        #expect(finding.since >= MadeUpFeed.at(began) && finding.since <= MadeUpFeed.at(feed.now))
        feed.run(one.staysFor)
        #expect(feed.codes.contains(one.code), "it does not flicker")
        feed.run(one.goneAfter - one.staysFor)
        #expect(!feed.codes.contains(one.code))
        // An outage goes on counting as unsteady for half a minute.
        feed.run(60)
        #expect(feed.codes == [])
    }

    /// Between the value that raises a finding and the one that clears it, it neither comes nor goes.
    @Test(arguments: [
        Between(.loudnessLow, 25, stretch { $0.momentary = -35 }, stretch { $0.momentary = -26.5 }),
        Between(.loudnessHigh, 25, stretch { $0.momentary = -6 }, stretch { $0.momentary = -11 }),
        Between(.audioSilent, 25, stretch { $0.momentary = -90 }, stretch { $0.momentary = -55 }),
        Between(.uploadLate, 8, stretch { $0.late = 1.5 }, stretch { $0.late = 0.6 }),
        Between(.bitrateLow, 25, stretch { $0.kilobits = 300 }, stretch { $0.kilobits = 600 }),
        Between(.bitrateHigh, 25, stretch { $0.kilobits = 9000 }, stretch { $0.kilobits = 7800 }),
        Between(.framesDropped, 25, stretch { $0.dropEvery = 20 }, stretch { $0.dropEvery = 170 }),
    ]) func whatIsInBetweenChangesNothing(_ one: Between) throws {
        var feed = MadeUpFeed()
        feed.meter.format(try MadeUpFeed.format())
        feed.run(30)
        feed.run(one.seconds, one.between)
        #expect(!feed.codes.contains(one.code))
        feed.run(one.seconds, one.bad)
        #expect(feed.codes.contains(one.code))
        feed.run(one.seconds, one.between)
        #expect(feed.codes.contains(one.code))
        feed.run(60)
        #expect(!feed.codes.contains(one.code))
    }

    @Test(arguments: [
        (640, 360, false, [FindingCode.resolutionLow]), (1280, 720, false, []), (1920, 1080, false, []),
        (1080, 1920, false, [.picturePortrait]), (720, 720, false, []),
        (1279, 719, false, [.resolutionLow, .resolutionOdd]),
        (3840, 2160, false, [.resolutionHigh]), (1400, 720, false, [.pictureShape]),
        (1920, 1088, true, [.pictureInterlaced]),
    ]) func shapes(_ width: Int, _ height: Int, _ interlaced: Bool, _ expected: [FindingCode]) throws {
        var feed = MadeUpFeed()
        feed.meter.format(try MadeUpFeed.format(width: width, height: height, interlaced: interlaced))
        feed.run(3)
        #expect(feed.codes == Set(expected))
        // The host changes it without going away.
        feed.meter.format(try MadeUpFeed.format())
        feed.run(1)
        #expect(feed.codes == [])
    }

    @Test func aTargetThatIsNotReached() throws {
        var feed = MadeUpFeed()
        feed.meter.format(try MadeUpFeed.format())
        var metadata = FeedMetadata()
        metadata.videoKilobits = 3000
        feed.meter.metadata(metadata)
        feed.run(30)
        #expect(feed.codes == [])
        feed.run(20, Self.stretch { $0.kilobits = 1800 })
        let finding = try #require(feed.finding(.bitrateBelowTarget))
        #expect(finding.severity == .info && finding.words.title.contains("3000 kbit/s, and 18"))
        // Together with a late stream it is the upload, and no longer a note.
        feed.run(3, Self.stretch { ($0.kilobits, $0.late) = (1800, 1.2) })
        #expect(feed.finding(.bitrateBelowTarget)?.severity == .warning)
        feed.run(20)
        #expect(feed.codes == [])
    }

    @Test func oneChannelIsSaidAndNothingElse() throws {
        var feed = MadeUpFeed()
        feed.meter.format(try MadeUpFeed.format())
        feed.meter.format(.aac(try #require(AACFormat(sampleRate: 44_100, channels: 1))))
        feed.run(15)
        #expect(feed.codes == [.audioMono])
        feed.meter.format(.aac(try #require(AACFormat(sampleRate: 48_000, channels: 2))))
        feed.run(1)
        #expect(feed.codes == [])
    }

    /// B-frames are nobody's trouble where quality is asked for; silence is not also quiet; black is not also frozen.
    @Test func oneCauseHasOneFinding() throws {
        var feed = MadeUpFeed()
        feed.meter.format(try MadeUpFeed.format())
        feed.run(20, Self.stretch { $0.bFrames = true })
        #expect(feed.codes == [])
        feed.run(30, Self.stretch { ($0.momentary, $0.left, $0.right) = (-100, 0, 0) })
        #expect(feed.codes == [.audioSilent])
        feed.run(20)
        feed.run(30, Self.stretch { ($0.brightness, $0.movement) = (0, 0) })
        #expect(feed.codes == [.pictureDark])
        feed.run(20)
        feed.run(20, Self.stretch { ($0.hasPicture, $0.hasSound) = (false, false) })
        #expect(feed.codes == [.pictureMissing])
    }

    /// Speech has pauses; the side that is not heard is not heard for all that. Two words with a long pause between them
    /// are not evidence of one piece.
    @Test func aDeafSideIsFoundInSpeech() throws {
        let word = Self.stretch { $0.right = 0.0001 }
        let pause = Self.stretch { ($0.left, $0.right, $0.momentary) = (0.002, 0.0001, -55) }
        var feed = MadeUpFeed()
        feed.meter.format(try MadeUpFeed.format())
        for _ in 0..<3 {
            feed.run(0.5, word)
            feed.run(5, pause)
        }
        #expect(!feed.codes.contains(.audioOneSided))
        for _ in 0..<6 {
            feed.run(1.7, word)
            feed.run(0.3, pause)
        }
        #expect(feed.codes.contains(.audioOneSided))
        for _ in 0..<3 {
            feed.run(1.7)
            feed.run(0.3, pause)
        }
        #expect(!feed.codes.contains(.audioOneSided))
    }

    /// That nothing is found says something only once it was looked for.
    @Test func atFirstNothingIsKnown() throws {
        var feed = MadeUpFeed()
        feed.run(10)
        #expect(feed.meter.report.observed == .starting, "of what format the pictures are is not known")
        feed.meter.format(try MadeUpFeed.format())
        #expect(feed.meter.report.observed == .starting, "nor that of the sound")
        feed.meter.format(.aac(try #require(AACFormat(sampleRate: 48_000, channels: 2))))
        #expect(feed.meter.report.observed == .on)
        feed = MadeUpFeed()
        feed.meter.format(try MadeUpFeed.format())
        let silent = Self.stretch { $0.hasSound = false }
        feed.run(4, silent)
        #expect(feed.meter.report.observed == .starting)
        feed.run(2, silent)
        #expect(feed.meter.report.observed == .on)
    }

    /// What the observer itself has lost, and a clock that the host sets, are not the host's dropped pictures.
    @Test func holesOfOursAreNotTheHosts() throws {
        var feed = MadeUpFeed()
        feed.meter.format(try MadeUpFeed.format())
        feed.run(20)
        for _ in 0..<10 {
            feed.run(0.3, Self.stretch { $0.hasPicture = false })
            feed.meter.interrupt()
            feed.run(1.2)
        }
        #expect(!feed.codes.contains(.framesDropped))
    }

    @Test func wildTimesAreTakenCalmly() throws {
        var meter = FeedMeter(start: MadeUpFeed.at(0))
        meter.format(try MadeUpFeed.format())
        var generator = SystemRandomNumberGenerator()
        for index in 0..<5000 {
            let ticks = Int64.random(in: -(1 << 50)...(1 << 50), using: &generator)
            let time = MediaTime(ticks: ticks)
            let arrival = MadeUpFeed.at(Double(index) / 50)
            meter.picture(
                PictureArrival(
                    bytes: 1 << 20, pts: time, dts: MediaTime(ticks: -ticks), isSync: index % 3 == 0,
                    arrival: arrival))
            meter.tick(now: arrival)
        }
        #expect(meter.report.kilobits.count <= BitrateMeter.span)
    }

    @Test func theSeriesIsTheLastMinute() {
        var meter = BitrateMeter(start: MadeUpFeed.at(0))
        for second in 0..<90 where second != 70 {
            meter.add(second * 125, .video, at: MadeUpFeed.at(Double(second) + 0.5))
            meter.add(125, .audio, at: MadeUpFeed.at(Double(second) + 0.9))
        }
        meter.advance(to: MadeUpFeed.at(90))
        let expected = (30..<90).map { $0 == 70 ? 0 : $0 + 1 }
        #expect(meter.series == expected)
        #expect(meter.videoKilobits(over: 10) == (80..<90).reduce(0, +) / 10)
        meter.advance(to: MadeUpFeed.at(4000))
        #expect(meter.series == [Int](repeating: 0, count: 60))
    }
}
