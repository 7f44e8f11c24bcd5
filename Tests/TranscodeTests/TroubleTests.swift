import Codecs
import Media
import NIOCore
import Testing
import Transcode

private func settings(_ steps: [(Int, Int)] = [(96, 100)]) -> TranscodeSettings {
    var settings = TranscodeSettings()
    settings.steps = steps.map { Ladder.Step(shortSide: $0.0, kilobits: $0.1) }
    return settings
}

/// All events of several files, one after another; each file's times start where the one before ended, plus a jump.
private func feed(_ paths: [String], jump: MediaTime = .zero) throws -> [FeedEvent] {
    var events: [FeedEvent] = []
    var offset = MediaTime.zero
    for path in paths {
        var reader = try MediaFileReader.open(path: path)
        var end = offset
        while let event = try reader.next() {
            switch event {
            case .video(var unit):
                unit.pts += offset
                unit.dts += offset
                end = max(end, unit.pts + MediaTime(milliseconds: 33))
                events.append(.video(unit))
            case .audio(var unit):
                unit.pts += offset
                unit.dts += offset
                events.append(.audio(unit))
            default: events.append(event)
            }
        }
        offset = end + jump
    }
    return events
}

private func transcodeEvents(
    _ events: [FeedEvent], _ settings: TranscodeSettings,
    capacity: EncodingCapacity = EncodingCapacity(cores: 100)
) throws -> CollectingSink.Collected {
    var settings = settings
    settings.pace = .offline
    let sink = CollectingSink()
    let transcoder = Transcoder(
        settings: settings, name: "test", capacity: capacity, sink: sink, logger: quietLogger)
    events.forEach { transcoder.receive($0) }
    transcoder.finish()
    return try sink.wait()
}

@Suite struct TroubleTests {
    @Test(arguments: [
        ("fades", "-bf 0", [(96, 100)]), ("fades", "-bf 0", []),
        ("fadesb", "-bf 3 -b_strategy 0", [(96, 100)]),
        ("fadesb", "-bf 3 -b_strategy 0", []),
    ]) func sourceWithoutKeyFramesIsReplaced(_ name: String, _ extra: String, _ steps: [(Int, Int)]) throws {
        let clip = try TestClip.make(
            name,
            "-f lavfi -i testsrc2=s=320x180:r=30 \(TestClip.tone) -t 9 -c:v libx264 -preset ultrafast -g 999"
                + " -sc_threshold 0 -force_key_frames 0,2,4 \(extra) -pix_fmt yuv420p -c:a aac")
        let run = try transcode(clip, settings(steps))
        try run.expectOrder()
        let cuts = run.segments(.source)
        #expect(cuts.map(\.isDiscontinuity) == [false, false, false, true, false])
        // The last picture before 2.4 s, then one more place; B-frames make it up to three places earlier.
        let length = cuts[3].time - cuts[2].time
        #expect(length > MediaTime(milliseconds: 2270) && length < MediaTime(milliseconds: 2500))
        #expect(run.formats(.source).count == 2)
        // The host's pictures and those encoded in their place follow one another without a hole.
        let grid = (0..<270).map { MediaTime(milliseconds: 10_000) + FrameRate(30).time(ofFrame: $0) }
        #expect(run.samples(.source).map(\.pts).sorted() == grid)
        for rung in run.videoNames.dropFirst() { #expect(run.samples(rung).map(\.pts).sorted() == grid) }
    }

    @Test func turningSourceIsLetterboxed() throws {
        let run = try transcodeEvents(
            feed([TestClip.bars("plain"), TestClip.bars("portrait", size: "180x320", seconds: 3)]), settings()
        )
        try run.expectOrder()
        #expect(run.formats(.source).count == 2)
        let breaks = run.segments(.source).filter(\.isDiscontinuity).map(\.time)
        #expect(
            breaks.count == 1
                && (breaks[0] - MediaTime(milliseconds: 15_000)).magnitude < MediaTime(milliseconds: 40))
        let pictures = try run.decode(RenditionName("96p"))
        #expect(pictures.count == run.samples(RenditionName("96p")).count && pictures.count >= 240)
        let turned = try #require(pictures.last)
        #expect((turned.width, turned.height) == (170, 96))
        #expect(try #require(turned.sample(plane: 0, x: 8, y: 48)) < 24)
        #expect(try #require(turned.sample(plane: 0, x: 162, y: 48)) < 24)
        #expect(try #require(turned.sample(plane: 1, x: 4, y: 24)).distance(to: 128).magnitude < 6)
        let before = try #require(pictures.first)
        #expect(try #require(before.sample(plane: 0, x: 162, y: 20)) > 24)
    }

    @Test(arguments: [-3_600_000, 7_200_000]) func jumpingTimestampsAreClosed(_ jump: Int64) throws {
        let clip = try TestClip.bars("plain")
        let run = try transcodeEvents(feed([clip, clip], jump: MediaTime(milliseconds: jump)), settings())
        try run.expectOrder()
        let times = run.samples(.source).map(\.pts)
        #expect(times.count == 300)
        #expect(try #require(times.last) - times[0] < MediaTime(milliseconds: 10_100))
    }

    @Test func damagedUnitsAreLeftOut() throws {
        var generator = SystemRandomNumberGenerator()
        let run = try transcode(TestClip.bars("plain"), settings()) { event in
            guard case .video(var unit) = event, UInt8.random(in: 0..<10, using: &generator) == 0 else {
                return [event]
            }
            let whole = unit.payload
            for _ in 0..<8 {
                let place = Int.random(in: 0..<whole.readableBytes, using: &generator)
                unit.payload.setInteger(
                    UInt8.random(in: 0...255, using: &generator), at: whole.readerIndex + place)
            }
            return [.video(unit)]
        }
        #expect(run.isFinished || run.failure != nil)
        if run.isFinished { #expect(run.samples(RenditionName("96p")).count > 50) }
    }

    @Test func missingPicturesAreMadeUpFor() throws {
        // Every picture between 2.2 s and 3.9 s is lost on the way; the next IDR picture comes at 4 s.
        let run = try transcode(TestClip.bars("plain"), settings()) { event in
            if case .video(let unit) = event, unit.pts > MediaTime(milliseconds: 2200),
                unit.pts < MediaTime(milliseconds: 3990)
            {
                return []
            }
            return [event]
        }
        try run.expectOrder()
        #expect(run.segments(.source).map(\.time.milliseconds) == [10_000, 12_000, 14_000])
        #expect(run.samples(RenditionName("96p")).count == 150)
    }

    @Test func aFeedThatDoesNotFitIsRefused() throws {
        let capacity = EncodingCapacity(cores: 0.01)
        let run = try transcodeEvents(feed([TestClip.bars("plain")]), settings(), capacity: capacity)
        #expect(try #require(run.failure).contains("cores"))
        #expect(run.plan == nil && run.events.isEmpty)
        #expect(capacity.reserved == 0)
    }

    @Test func capacityIsGivenBack() throws {
        let capacity = EncodingCapacity(cores: 4)
        let run = try transcodeEvents(feed([TestClip.bars("plain")]), settings(), capacity: capacity)
        #expect(run.isFinished)
        #expect(capacity.reserved < 1e-9)
    }

    @Test func aFeedWithoutVideoFails() throws {
        let events = try feed([TestClip.bars("plain")]).filter {
            if case .video = $0 { false } else if case .videoFormat = $0 { false } else { true }
        }
        #expect(try #require(transcodeEvents(events, settings()).failure).contains("no video"))
    }

    @Test func aVeryShortFeedIsShownWhole() throws {
        let run = try transcodeEvents(
            feed([TestClip.bars("short", seconds: 0.5)]), settings())
        try run.expectOrder()
        #expect(run.samples(.source).count == 15)
        #expect(run.samples(RenditionName("96p")).count == 15)
    }
}
