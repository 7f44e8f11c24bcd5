import Codecs
import Media
import NIOCore
import Testing
import Transcode

private func ms(_ value: Int64) -> MediaTime { MediaTime(milliseconds: value) }
private func at(_ milliseconds: Int64) -> MonotonicTime {
    MonotonicTime(nanoseconds: 1_000_000_000 + milliseconds * 1_000_000)
}

/// Parameter sets as x264 writes them.
private func format(width: Int = 320, height: Int = 180) throws -> PictureFormat {
    let encoder = try X264Encoder.open(
        .init(width: width, height: height, frameRate: FrameRate(30), maximumKilobits: 500))
    return .avc(encoder.format)
}

private func picture(_ time: Int64, key: Bool = false, bytes: Int = 100) -> FeedEvent {
    .video(
        AccessUnit(
            kind: .video, payload: ByteBuffer(repeating: 1, count: bytes), pts: ms(time), dts: ms(time),
            isSync: key,
            arrival: at(time)))
}

private func sound(_ time: Int64, bytes: Int = 50) -> FeedEvent {
    .audio(
        AccessUnit(
            kind: .audio, payload: ByteBuffer(repeating: 2, count: bytes), pts: ms(time), dts: ms(time),
            isSync: true,
            arrival: at(time)))
}

@Suite struct FeedBacklogTests {
    private func offer(_ backlog: inout FeedBacklog, _ event: FeedEvent) -> FeedBacklog.Outcome {
        backlog.offer(.event(event, feed: 1))
    }

    private func backlog(bytes: Int = 1000, seconds: Int = 100) -> FeedBacklog {
        var limits = FeedBacklog.Limits()
        limits.bytes = bytes
        limits.span = .seconds(seconds)
        return FeedBacklog(limits: limits)
    }

    @Test func fullOfBytesItDropsToTheNextIDRThatFits() {
        var backlog = backlog()
        for index in 0..<10 { #expect(offer(&backlog, picture(Int64(index) * 40)) == .takenAtOnce) }
        #expect(offer(&backlog, picture(400)) == .dropped)
        #expect(offer(&backlog, sound(400)) == .dropped)
        _ = backlog.take()
        _ = backlog.take()
        // There is room, and still half a GOP is of no use.
        #expect(offer(&backlog, picture(440)) == .dropped)
        #expect(offer(&backlog, sound(440)) == .dropped)
        #expect(offer(&backlog, picture(480, key: true)) == .takenAtOnce)
        #expect(offer(&backlog, picture(520)) == .takenAtOnce)
    }

    @Test func aKeyThatDoesNotFitOpensNothing() {
        var backlog = backlog()
        #expect(offer(&backlog, picture(0, key: true, bytes: 900)) == .takenAtOnce)
        #expect(offer(&backlog, picture(40, key: true, bytes: 200)) == .dropped)
        #expect(offer(&backlog, picture(80, bytes: 50)) == .dropped)
    }

    @Test func boundedInTimeByArrival() {
        var backlog = backlog(bytes: 1 << 30, seconds: 12)
        var taken = 0
        for index in 0..<1000
        where offer(&backlog, picture(Int64(index) * 40, key: index % 50 == 0)) != .dropped {
            taken += 1
        }
        #expect(taken == 301)
    }

    @Test func whatIsNotMediaIsAlwaysTaken() {
        var backlog = backlog(bytes: 0)
        #expect(offer(&backlog, picture(0, key: true)) == .dropped)
        #expect(offer(&backlog, .ended(reason: "gone")) == .takenAtOnce)
        #expect(backlog.count == 1)
    }

    @Test func soundAloneWaitsForPictures() {
        var backlog = backlog()
        #expect(offer(&backlog, sound(0)) == .taken)
        #expect(offer(&backlog, picture(0, key: true)) == .takenAtOnce)
        var wakes = 0
        for index in 0..<16 where offer(&backlog, sound(Int64(index), bytes: 5)) == .takenAtOnce {
            wakes += 1
        }
        // At sixteen events it stops waiting.
        #expect(wakes == 3)
    }

    @Test func picturesWaitUntilAPartEnds() {
        var backlog = backlog(bytes: 100_000)
        backlog.quietUntil = ms(1400)
        #expect(offer(&backlog, picture(960)) == .taken)
        #expect(offer(&backlog, sound(970)) == .taken)
        #expect(offer(&backlog, picture(1000, key: true)) == .takenAtOnce, "a segment may end here")
        #expect(offer(&backlog, picture(1360)) == .taken)
        #expect(offer(&backlog, picture(1400)) == .takenAtOnce)
        #expect(offer(&backlog, picture(380)) == .takenAtOnce, "the host's clock has jumped back")
        #expect(offer(&backlog, picture(9000)) == .takenAtOnce)
        var waiting = 0
        while backlog.count < 60, offer(&backlog, picture(1200)) == .taken { waiting += 1 }
        #expect(backlog.count == 48 && waiting > 30, "they are not let gather without end")
    }
}

@Suite struct FeedProbeTests {
    private func facts(_ events: [FeedEvent], ends: Bool = false) throws -> (FeedFacts, [FeedEvent])? {
        var probe = FeedProbe()
        for event in events {
            if case .decided(let facts, let kept) = probe.receive(event, now: arrival(event)) {
                return (facts, kept)
            }
        }
        if ends, case .decided(let facts, let kept) = probe.end() { return (facts, kept) }
        return nil
    }

    private func arrival(_ event: FeedEvent) -> MonotonicTime {
        switch event {
        case .video(let unit), .audio(let unit): unit.arrival
        default: at(0)
        }
    }

    private func feed(
        gop: Int64, frames: Int64, withSound: Bool = true, first: Int64 = 0
    ) throws -> [FeedEvent] {
        var events: [FeedEvent] = [.videoFormat(try format())]
        if withSound {
            events.append(.audioFormat(.aac(try #require(AACFormat(sampleRate: 48_000, channels: 2)))))
        }
        for index in 0..<frames {
            if withSound { events.append(sound(index * 40)) }
            events.append(picture(index * 40, key: index >= first && (index - first) % gop == 0, bytes: 1000))
        }
        return events
    }

    @Test func decidesAtTheSecondIDR() throws {
        let (facts, kept) = try #require(try facts(feed(gop: 50, frames: 200)))
        #expect(facts.keyFrameInterval == ms(2000))
        #expect(facts.timing == .constant(FrameRate(25)))
        #expect(facts.videoKilobits == 200)
        #expect(facts.audio?.sampleRate == 48_000)
        #expect(SourceFitness().reasons(facts).isEmpty)
        #expect(kept.count { if case .video = $0 { true } else { false } } == 51)
        #expect(kept.count { if case .audio = $0 { true } else { false } } == 51)
    }

    @Test func decidesWithoutASecondIDR() throws {
        let (facts, _) = try #require(try facts(feed(gop: 200, frames: 200)))
        #expect(facts.keyFrameInterval == nil)
        #expect(try #require(SourceFitness().reasons(facts).first).contains("key frames are more than 2.5"))
    }

    @Test func waitsASecondForSound() throws {
        let (facts, kept) = try #require(try facts(feed(gop: 10, frames: 200, withSound: false)))
        #expect(facts.audio == nil && facts.span == ms(1000))
        #expect(kept.count { if case .video = $0 { true } else { false } } == 26)
        let (heard, _) = try #require(try self.facts(feed(gop: 10, frames: 200)))
        #expect(heard.span == ms(400))
    }

    @Test func startsAtTheFirstIDR() throws {
        let (facts, kept) = try #require(try facts(feed(gop: 50, frames: 300, first: 13)))
        #expect(facts.firstTime == ms(520) && facts.firstArrival == at(520))
        #expect(kept.count { if case .video = $0 { true } else { false } } == 51)
    }

    @Test(arguments: [3_600_000, -3_600_000]) func aClockThatJumpsWhileProbingSaysNothing(_ by: Int64) throws
    {
        let events = try feed(gop: 50, frames: 200).map { event in
            guard case .video(var unit) = event, unit.dts >= ms(1000) else { return event }
            unit.pts += ms(by)
            unit.dts += ms(by)
            return FeedEvent.video(unit)
        }
        let (facts, kept) = try #require(try facts(events))
        #expect(facts.timing == .constant(FrameRate(25)) && facts.keyFrameInterval == ms(2000))
        // What is handed back is the host's own.
        #expect(kept.contains { if case .video(let unit) = $0 { unit.pts == ms(1000 + by) } else { false } })
    }

    @Test func aTrickleIsDecidedByTheWallClock() throws {
        var probe = FeedProbe()
        _ = probe.receive(.videoFormat(try format()), now: at(0))
        _ = probe.receive(picture(0, key: true), now: at(0))
        guard case .undecided = probe.tick(now: at(2900)) else {
            Issue.record("decided too soon")
            return
        }
        guard case .decided = probe.tick(now: at(3100)) else {
            Issue.record("not decided")
            return
        }
    }

    @Test func withoutPicturesItGivesUp() throws {
        for (events, word) in [
            ([sound(0)], "no video"), ([picture(0)], "parameters"),
            ([.videoFormat(try format()), picture(0)], "key frame"),
        ] {
            var probe = FeedProbe()
            for event in events { _ = probe.receive(event, now: at(0)) }
            guard case .undecided = probe.tick(now: at(7900)),
                case .failed(let reason) = probe.tick(now: at(8100))
            else {
                Issue.record("no verdict for \(word)")
                continue
            }
            #expect(reason.contains(word))
        }
    }

    @Test func claimsAreRead() throws {
        var events = try feed(gop: 50, frames: 60)
        var said = FeedMetadata()
        said.videoKilobits = 6000
        said.framesPerSecond = .nan
        events.insert(.metadata(said), at: 0)
        let (facts, _) = try #require(try facts(events))
        #expect(facts.peakVideoKilobits == 6000 && facts.timing == .constant(FrameRate(25)))
    }
}

@Suite struct SourceFitnessTests {
    private func facts(width: Int = 1280, height: Int = 720) throws -> FeedFacts {
        var facts = FeedFacts(
            format: try format(width: width, height: height), timing: .constant(FrameRate(30)))
        facts.keyFrameInterval = ms(2000)
        return facts
    }

    @Test func limits() throws {
        let fitness = SourceFitness()
        #expect(fitness.reasons(try facts()).isEmpty)
        var long = try facts()
        long.keyFrameInterval = ms(2051)
        #expect(fitness.reasons(long).count == 1)
        long.keyFrameInterval = ms(2050)
        #expect(fitness.reasons(long).isEmpty)
        var heavy = try facts()
        heavy.videoKilobits = 8001
        #expect(fitness.reasons(heavy).count == 1)
        var jittery = try facts()
        jittery.timing = .variable(nominal: FrameRate(30))
        #expect(fitness.reasons(jittery).count == 1)
        #expect(try fitness.reasons(facts(width: 1080, height: 1920)).isEmpty)
        #expect(try fitness.reasons(facts(width: 2560, height: 1440)).contains { $0.contains("larger") })
        var other = try facts()
        other.format = .av1(
            try AV1Format(
                record: [
                    0x81, 0x00, 0x0C, 0x00, 0x0A, 0x0B, 0x00, 0x00, 0x00, 0x04, 0x3C, 0xFE, 0xCC, 0x02, 0xF8,
                    0x00, 0x40,
                ]))
        #expect(fitness.reasons(other) == ["it is AV1, which not every browser plays; send H.264 for that"])
        var lower = SourceFitness()
        lower.maximumLevel = 30
        #expect(try lower.reasons(facts()).contains { $0.contains("level 3.1 is above 3.0") })
    }
}

@Suite struct RunLayoutTests {
    private func layout(
        _ width: Int, _ height: Int, rate: FrameRate = FrameRate(30),
        change: (inout FeedFacts, inout TranscodeSettings) -> Void = { _, _ in }
    ) throws -> RunLayout {
        var facts = FeedFacts(format: try format(width: width, height: height), timing: .constant(rate))
        facts.keyFrameInterval = ms(2000)
        facts.videoKilobits = 3000
        facts.audio = AACFormat(sampleRate: 44_100, channels: 1).map { .aac($0) }
        var settings = TranscodeSettings()
        change(&facts, &settings)
        return RunLayout(facts: facts, settings: settings, start: ms(10_000))
    }

    @Test(arguments: [
        (1920, 1080, "source 720p 480p 360p 240p audio"), (1080, 1920, "source 720p 480p 360p 240p audio"),
        (1280, 720, "source 480p 360p 240p audio"), (320, 180, "source audio"),
        (608, 1080, "source 480p 360p 240p audio"),
    ]) func ladders(_ width: Int, _ height: Int, _ names: String) throws {
        #expect(try layout(width, height).plan.renditions.map(\.name.text).joined(separator: " ") == names)
    }

    @Test func withoutSourceTheStepsReachUpToIt() throws {
        let plan = try layout(1920, 1080) { _, settings in settings.source = .never }.plan
        #expect(plan.renditions.map(\.name.text) == ["1080p", "720p", "480p", "360p", "240p", "audio"])
        #expect(plan.unfitReasons.count == 1)
    }

    @Test func theFrameRateIsNeverRaised() throws {
        for (rate, expected) in [(60, 30), (50, 25), (25, 25), (15, 15)] as [(Int64, Int64)] {
            let plan = try layout(1280, 720, rate: FrameRate(rate)).plan
            #expect(plan.partGrid == FrameRate(expected))
            guard case .video(_, _, let own) = plan.renditions[0].kind else { continue }
            #expect(own == FrameRate(rate))
        }
    }

    @Test func aLeanSourceStaysTheBestRendition() throws {
        let plan = try layout(1920, 1080) { facts, _ in facts.videoKilobits = 2000 }.plan
        let peaks = plan.renditions.dropLast().map { $0.peakBitsPerSecond / 1000 }
        #expect(peaks == [2000, 1200, 720, 432, 250])
        let rich = try layout(1920, 1080) { facts, _ in facts.videoKilobits = 6000 }.plan
        #expect(
            rich.renditions.dropLast().map { $0.peakBitsPerSecond / 1000 } == [6000, 2500, 1200, 600, 250])
    }

    @Test func soundIsCopiedOnlyWhereNothingIsEncoded() throws {
        #expect(try layout(1280, 720).copiesAudio == false)
        let remux = try layout(1280, 720) { _, settings in settings.steps = [] }
        #expect(remux.copiesAudio && remux.cost.cores < 0.02)
        let wanted = try layout(1280, 720) { _, settings in settings.audio = .copy }
        #expect(wanted.copiesAudio)
        let surround = try layout(1280, 720) { facts, settings in
            settings.steps = []
            facts.audio = AACFormat(config: [0x11, 0xB0]).map { .aac($0) }
        }
        #expect(!surround.copiesAudio)
    }

    @Test func anUnfitSourceWithoutStepsIsEncodedAtItsSize() throws {
        let plan = try layout(1280, 720) { facts, settings in
            settings.steps = []
            facts.keyFrameInterval = ms(8000)
        }.plan
        #expect(plan.renditions.map(\.name.text) == ["720p", "audio"])
        #expect(plan.renditions[0].peakBitsPerSecond == 2_500_000)
    }

    @Test func newerCodecsCostMoreToDecodeAndAreNeverPassedThrough() throws {
        let av1 = try AV1Format(
            record: [
                0x81, 0x00, 0x0C, 0x00, 0x0A, 0x0B, 0x00, 0x00, 0x00, 0x04, 0x3C, 0xFE, 0xCC, 0x02, 0xF8,
                0x00,
                0x40,
            ])
        let layout = try layout(1280, 720) { facts, _ in facts.format = .av1(av1) }
        // The 320×180 of the record are smaller than every step.
        #expect(layout.plan.renditions.map(\.name.text) == ["180p", "audio"])
        #expect(
            layout.plan.unfitReasons.count == 1 && layout.plan.renditions.allSatisfy { !$0.isPassthrough })
        func cost(_ codec: VideoCodec) -> Double {
            EncodingCost(
                sourceWidth: 1920, sourceHeight: 1080, sourceRate: FrameRate(30), rungs: layout.ladder.rungs,
                preset: "superfast", encodesAudio: false, sourceCodec: codec
            ).cores
        }
        #expect(cost(.avc) < cost(.av1) && cost(.av1) < cost(.hevc))
    }

    @Test func costsAddUp() throws {
        let capacity = EncodingCapacity(cores: 2)
        let cost = try layout(1920, 1080).cost
        #expect((0.3...1.2).contains(cost.cores))
        #expect(capacity.reserve(cost) && capacity.reserve(cost))
        #expect(!capacity.reserve(cost))
        #expect(capacity.reserve(cost, always: true))
        for _ in 0..<3 { capacity.release(cost) }
        #expect(capacity.reserved < 1e-9)
    }
}
