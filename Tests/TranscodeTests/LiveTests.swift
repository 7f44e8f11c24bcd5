import Codecs
import Media
import Testing
import Transcode

/// All events of a clip, as if they had arrived `ago` before now, at their own pace.
private func events(_ path: String, ago: Duration) throws -> [FeedEvent] {
    let began = MonotonicTime.now - ago
    var reader = try MediaFileReader.open(path: path)
    var events: [FeedEvent] = []
    while let event = try reader.next() {
        switch event {
        case .video(var unit):
            unit.arrival = began + unit.dts.duration
            events.append(.video(unit))
        case .audio(var unit):
            unit.arrival = began + unit.dts.duration
            events.append(.audio(unit))
        default: events.append(event)
        }
    }
    return events
}

extension MonotonicTime {
    fileprivate static func - (a: MonotonicTime, b: Duration) -> MonotonicTime { a + (.zero - b) }
}

@Suite struct LiveTests {
    private func run(
        _ events: [FeedEvent], _ change: (inout TranscodeSettings) -> Void
    ) throws -> (CollectingSink.Collected, Duration) {
        var settings = TranscodeSettings()
        settings.steps = [Ladder.Step(shortSide: 96, kilobits: 100)]
        settings.pace = .live
        change(&settings)
        let sink = CollectingSink()
        let transcoder = Transcoder(
            settings: settings, name: "live", capacity: EncodingCapacity(cores: 100), sink: sink,
            logger: quietLogger)
        let began = MonotonicTime.now
        events.forEach { transcoder.receive($0) }
        let taken = MonotonicTime.now - began
        transcoder.finish()
        return (try sink.wait(), taken)
    }

    @Test func aBurstWithinTheBoundsLosesNothing() throws {
        let (run, _) = try run(events(TestClip.bars("plain"), ago: .seconds(5))) { _ in }
        try run.expectOrder()
        #expect(run.samples(.source).count == 150)
        #expect(run.samples(RenditionName("96p")).count == 150)
    }

    @Test func aSlowEncoderNeverBlocksTheFeed() throws {
        let clip = try TestClip.bars("large", size: "1280x720", seconds: 8)
        let (run, taken) = try run(events(clip, ago: .seconds(8))) { settings in
            settings.steps = [Ladder.Step(shortSide: 480, kilobits: 1000)]
            settings.preset = "veryslow"
        }
        try run.expectOrder()
        #expect(taken < .seconds(1))
        #expect(run.samples(.source).count == 240)
    }

    @Test func aFullMailboxKeepsTheOutputInOrder() throws {
        let (run, taken) = try run(events(TestClip.bars("plain"), ago: .seconds(5))) { settings in
            settings.backlog.bytes = 100_000
        }
        #expect(taken < .seconds(1))
        try run.expectOrder()
        #expect(run.samples(.source).count < 150)
    }
}
