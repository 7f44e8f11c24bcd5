import Codecs
import Media
import NIOCore
import Testing
import Transcode

/// A show whose feeds come and go, on a clock of its own: nothing here takes as long as it says.
private struct Stage {
    let transcoder: Transcoder
    let sink = CollectingSink()
    /// The time on stage.
    var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
    var feed = 1

    init(_ settings: TranscodeSettings) {
        var settings = settings
        settings.pace = .offline
        transcoder = Transcoder(
            settings: settings, name: "test", capacity: EncodingCapacity(cores: 100), sink: sink,
            logger: quietLogger)
    }

    /// A feed sends the clip's media from `from` up to `to` in real time, its clock `shift` off; the first `atOnce` of it
    /// together.
    mutating func play(
        _ clip: String, from: MediaTime = .zero, to: MediaTime, shift: MediaTime = .zero, sound: Bool = true,
        atOnce: MediaTime = .zero
    ) throws {
        var reader = try MediaFileReader.open(path: clip)
        let began = now
        var last = now
        while let event = try reader.next() {
            switch event {
            case .video(var unit), .audio(var unit):
                guard unit.dts >= from, unit.dts < to, sound || unit.kind == .video else { continue }
                unit.arrival = began + max(.zero, unit.dts - from - atOnce).duration
                last = max(last, unit.arrival)
                unit.pts += shift
                unit.dts += shift
                transcoder.receive(unit.kind == .video ? .video(unit) : .audio(unit), feed: feed)
            default: transcoder.receive(event, feed: feed)
            }
        }
        now = max(last, began + (to - from - atOnce).duration)
    }

    /// Nobody sends for a while.
    mutating func wait(_ span: Duration, by step: Duration = .milliseconds(100)) {
        let end = now + span
        while now < end {
            now = now + step
            transcoder.tick(now: now)
        }
    }

    /// The connection breaks.
    func lose() { transcoder.loseFeed() }

    /// Another connection, or the same one again.
    mutating func join(isNew: Bool = true) {
        if isNew { feed += 1 }
        transcoder.joinFeed(feed)
    }

    func finish() throws -> CollectingSink.Collected {
        transcoder.finish()
        return try sink.wait()
    }
}

private func settings(_ steps: [(Int, Int)], source: TranscodeSettings.SourceRule = .auto)
    -> TranscodeSettings
{
    var settings = TranscodeSettings()
    settings.steps = steps.map { Ladder.Step(shortSide: $0.0, kilobits: $0.1) }
    settings.source = source
    return settings
}

private func ms(_ value: Int64) -> MediaTime { MediaTime(milliseconds: value) }

/// How a feed goes, and how it comes back.
private enum Loss: CaseIterable {
    /// The connection breaks, and another comes three seconds later.
    case broken
    /// Packets stop for five seconds on the same connection.
    case pulled
    /// Another connection with the same key while the first still looks alive.
    case replaced
}

private enum Change: CaseIterable {
    case none, resolution, frameRate, noSound, fromZero, goesOn, bFrames

    func clip() throws -> String {
        switch self {
        case .resolution: try TestClip.bars("returnsmall", size: "256x144", seconds: 8)
        case .frameRate: try TestClip.bars("return25", rate: "25", seconds: 8, gop: 50)
        case .bFrames: try TestClip.bars("returnb", seconds: 8, extra: "-bf 2 -b_strategy 0")
        default: try TestClip.bars("return", seconds: 8)
        }
    }
}

@Suite struct ReturnTests {
    /// Every loss with every change, with the source passed through and below it a rung, with the source alone, and
    /// with all encoded.
    @Test(arguments: [(Loss.broken, 0), (.pulled, 0), (.replaced, 0), (.broken, 1), (.broken, 2)])
    fileprivate func theRunGoesOn(_ loss: Loss, _ shape: Int) throws {
        for change in Change.allCases where loss != .pulled || [.none, .goesOn, .noSound].contains(change) {
            let first = try TestClip.bars("return", seconds: 8)
            let rules = [
                settings([(96, 100)]), settings([]), settings([(144, 200), (96, 100)], source: .never),
            ]
            var stage = Stage(rules[shape])
            try stage.play(first, to: ms(4500))
            switch loss {
            case .broken:
                stage.lose()
                stage.wait(.seconds(3))
                stage.join()
            case .pulled:
                stage.now = stage.now + .seconds(2)
                stage.lose()
                stage.wait(.seconds(3))
                stage.join(isNew: false)
            case .replaced:
                stage.lose()
                stage.join()
            }
            let lost = stage.now
            let shift: MediaTime =
                switch (loss, change) {
                case (.pulled, _): ms(5000)
                case (_, .goesOn): ms(7500)
                default: ms(-20)
                }
            if loss == .pulled {
                // The same host's next pictures; its formats are told again by the show.
                try stage.play(
                    first, from: ms(2000), to: ms(8000), shift: shift + ms(2500), sound: change != .noSound)
            } else {
                try stage.play(change.clip(), to: ms(7000), shift: shift, sound: change != .noSound)
            }
            _ = lost
            let run = try stage.finish()
            try run.expectOrder()
            #expect(run.news == [.slate, .feed(loss == .pulled ? 1 : 2)], "\(loss) \(change)")
            try expectNoHole(run, "\(loss) \(change) \(shape)")
            expectDiscontinuities(run, loss, change, shape)
        }
    }

    /// One picture for each place of the grid, from the first to the last, in every encoded rendition.
    private func expectNoHole(_ run: CollectingSink.Collected, _ what: String) throws {
        let plan = try #require(run.plan)
        for name in run.videoNames where name != .source || plan.renditions[0].name != .source {
            let times = run.samples(name).map(\.pts).sorted()
            for (time, next) in zip(times, times.dropFirst()) {
                #expect(next - time < ms(52) && next > time, "\(what): \(name) from \(time) to \(next)")
            }
        }
        let end = try #require(run.samples(run.videoNames[0]).map(\.pts).max())
        #expect(end > plan.start + ms(10_500), "\(what): the new feed is shown to its end: \(end)")
    }

    private func expectDiscontinuities(
        _ run: CollectingSink.Collected, _ loss: Loss, _ change: Change, _ shape: Int
    ) {
        let count = run.segments(run.videoNames[0]).count(where: \.isDiscontinuity)
        let what: Comment = "\(loss) \(change) \(shape)"
        // Where all is encoded nothing changes that players must be told of.
        if shape == 2 { return #expect(count == 0, what) }
        // Out of the host's own picture, and back into it where it fits.
        let fits = ![.resolution].contains(change)
        #expect(count == (fits ? 2 : 1), what)
        #expect(run.formats(.source).count == (fits ? 3 : 2), what)
    }

    @Test func theSlateIsTheLastPictureDark() throws {
        let clip = try TestClip.bars("return", seconds: 8)
        var stage = Stage(settings([(144, 300)], source: .never))
        try stage.play(clip, to: ms(4000))
        stage.lose()
        stage.wait(.seconds(2))
        let run = try stage.finish()
        let name = try #require(run.videoNames.first)
        let pictures = try run.decode(name)
        func light(_ picture: Picture) -> Double {
            let samples = stride(from: 0, to: picture.width, by: 8).compactMap {
                picture.sample(plane: 0, x: $0, y: picture.height / 5)
            }
            return samples.reduce(0) { $0 + Double($1) - 16 } / Double(samples.count)
        }
        let before = light(pictures[100])
        let slate = light(pictures[160])
        #expect(slate > before * 0.2 && slate < before * 0.5, "\(before) becomes \(slate)")
        // The words are the brightest thing in it.
        let middle = stride(from: 40, to: pictures[160].width - 40, by: 1).compactMap { x in
            (-4...4).compactMap { pictures[160].sample(plane: 0, x: x, y: pictures[160].height / 2 + $0) }
                .max()
        }
        #expect(middle.max() ?? 0 > 180)
    }

    @Test func aFeedThatCannotBeShownLeavesTheSlate() throws {
        let clip = try TestClip.bars("return", seconds: 8)
        var stage = Stage(settings([(96, 100)]))
        try stage.play(clip, to: ms(4000))
        stage.lose()
        stage.join()
        // Sound alone, for longer than a key frame is waited for.
        stage.wait(.seconds(41))
        stage.join()
        try stage.play(clip, to: ms(5000))
        let run = try stage.finish()
        try run.expectOrder()
        guard run.news.count == 3, case .unusable(let reason, 2) = run.news[1] else {
            Issue.record("\(run.news)")
            return
        }
        #expect(reason.contains("no video"))
        #expect(run.news[2] == .feed(3))
    }

    @Test func whatTheOldFeedStillSendsIsLeftOut() throws {
        let clip = try TestClip.bars("return", seconds: 8)
        var stage = Stage(settings([(96, 100)]))
        try stage.play(clip, to: ms(4000))
        stage.lose()
        stage.join()
        stage.feed = 1
        try stage.play(clip, from: ms(4000), to: ms(8000))
        stage.feed = 2
        let run = try stage.finish()
        #expect(run.news == [.slate])
    }

    /// Wherever in the slate's segment the host's key frame comes: its picture is passed through again in the end.
    @Test(arguments: [0, 70, 150, 230, 310, 390, 900, 1950]) func theSourceIsPassedThroughAgain(_ phase: Int)
        throws
    {
        let clip = try TestClip.bars("return", seconds: 8)
        var stage = Stage(settings([(96, 100)]))
        try stage.play(clip, to: ms(4000))
        stage.lose()
        stage.wait(.milliseconds(2000 + phase), by: .milliseconds(10))
        stage.join()
        try stage.play(clip, to: ms(7900))
        let run = try stage.finish()
        try run.expectOrder()
        #expect(run.formats(.source).count == 3, "\(phase)")
    }

    /// Two hosts in turn, each kept warm: the show's time does not run away from the clock.
    @Test func warmFeedsTakeOverWithoutALateness() throws {
        let clip = try TestClip.bars("return", seconds: 8)
        var stage = Stage(settings([(96, 100)], source: .never))
        let began = stage.now
        try stage.play(clip, to: ms(4000))
        for _ in 0..<6 {
            // The other one's GOP began 1.5 s ago.
            let now = stage.now
            stage.lose()
            stage.join()
            stage.now = now + .milliseconds(-1500)
            try stage.play(clip, to: ms(3500))
        }
        let run = try stage.finish()
        try run.expectOrder()
        let plan = try #require(run.plan)
        let end = try #require(run.samples(run.videoNames[0]).map(\.pts).max())
        let due = plan.start + MediaTime(seconds: (stage.now - began) / .seconds(1))
        #expect((end - due).magnitude < ms(150), "\(end) and not \(due)")
    }

    /// Each time it is back, such a host is ahead of the clock; that does not add up.
    @Test(arguments: [Duration.zero, .seconds(3)]) func aHostWhoSendsTwoSecondsAtOnceIsAheadOnceOnly(
        _ away: Duration
    )
        throws
    {
        let clip = try TestClip.bars("return", seconds: 8)
        var stage = Stage(settings([(96, 100)], source: .never))
        let began = stage.now
        try stage.play(clip, to: ms(5000), atOnce: ms(2000))
        for _ in 0..<6 {
            stage.lose()
            stage.wait(away)
            stage.join()
            try stage.play(clip, to: ms(5000), atOnce: ms(2000))
        }
        let run = try stage.finish()
        try run.expectOrder()
        try expectNoHole(run, "at once")
        let plan = try #require(run.plan)
        let end = try #require(run.samples(run.videoNames[0]).map(\.pts).max())
        let due = plan.start + MediaTime(seconds: (stage.now - began) / .seconds(1))
        #expect(end - due > ms(1800) && end - due < ms(2200), "\(end) and not \(due)")
    }

    /// Back for a moment only, too short to be shown: the slate goes on, and the next one is shown.
    @Test func aHostWhoIsBackForAMomentChangesNothing() throws {
        let clip = try TestClip.bars("return", seconds: 8)
        var stage = Stage(settings([(96, 100)]))
        try stage.play(clip, to: ms(4000))
        stage.lose()
        stage.wait(.seconds(1))
        stage.join()
        try stage.play(clip, to: ms(200))
        stage.lose()
        stage.wait(.seconds(2))
        stage.join()
        try stage.play(clip, to: ms(5000))
        let run = try stage.finish()
        try run.expectOrder()
        try expectNoHole(run, "a moment")
        #expect(run.news.last == .feed(3))
    }

    /// Sound that always comes later than its pictures is heard again after a while.
    @Test func lateSoundIsHeardAfterAReturn() throws {
        let clip = try TestClip.bars("return", seconds: 8)
        let late = try TestClip.make(
            "returnlate",
            "-f lavfi -i testsrc2=s=320x180:r=30 -itsoffset 0.8 \(TestClip.tone) -t 8 -c:v libx264 -preset ultrafast"
                + " -g 60 -keyint_min 60 -sc_threshold 0 -bf 0 -c:a aac -pix_fmt yuv420p")
        var stage = Stage(settings([(96, 100)], source: .never))
        try stage.play(clip, to: ms(4000))
        stage.lose()
        stage.wait(.seconds(1))
        stage.join()
        try stage.play(late, to: ms(8000))
        let loud = try stage.finish().loudness().suffix(80).map(\.level).max() ?? 0
        #expect(loud > 0.02)
    }

    @Test func itGoesOnThroughManyLosses() throws {
        let clip = try TestClip.bars("return", seconds: 8)
        var stage = Stage(settings([(96, 100)]))
        try stage.play(clip, to: ms(4000))
        for round in 0..<6 {
            stage.lose()
            stage.wait(.milliseconds(300 + 700 * round))
            stage.join()
            try stage.play(clip, to: ms(round % 2 == 0 ? 1300 : 5000), shift: ms(Int64(round) * 1000))
        }
        let run = try stage.finish()
        try run.expectOrder()
        try expectNoHole(run, "many")
        #expect(run.news == (2...7).flatMap { [RunNews.slate, .feed($0)] })
    }
}
