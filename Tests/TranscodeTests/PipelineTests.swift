import Codecs
import Media
import Testing
import Transcode

private func settings(_ steps: [(Int, Int)] = [(144, 200), (96, 100)]) -> TranscodeSettings {
    var settings = TranscodeSettings()
    settings.steps = steps.map { Ladder.Step(shortSide: $0.0, kilobits: $0.1) }
    return settings
}

@Suite struct PipelineTests {
    @Test(arguments: LatencyProfile.allCases) func passesSourceAndAlignsRungs(_ latency: LatencyProfile)
        throws
    {
        var wanted = settings()
        wanted.latency = latency
        let run = try transcode(TestClip.bars("plain"), wanted)
        try run.expectOrder()
        #expect(run.plan?.unfitReasons == [])
        #expect(run.plan?.renditions.map(\.name.text) == ["source", "144p", "96p", "audio"])
        let source = run.samples(.source)
        #expect(source.count == 150)
        #expect(run.segments(.source).map(\.time.milliseconds) == [10_000, 12_000, 14_000])
        for name in run.videoNames {
            #expect(Set(run.samples(name).map(\.pts)) == Set(source.map(\.pts)), "\(name)")
            #expect(try run.decode(name).count == 150, "\(name)")
        }
    }

    @Test(arguments: [
        ("25", 50, 25), ("30000/1001", 60, 30), ("60", 120, 60), ("60000/1001", 120, 60), ("15", 30, 15),
        ("24", 48, 24), ("50", 100, 50),
    ]) func frameRates(_ rate: String, _ gop: Int, _ nominal: Int) throws {
        let name = "rate" + rate.replacing("/", with: "-")
        let run = try transcode(TestClip.bars(name, rate: rate, seconds: 4, gop: gop), settings())
        try run.expectOrder()
        #expect(run.plan?.unfitReasons == [])
        let source = run.samples(.source)
        let count = Int((4.0 * Double(nominal)).rounded())
        #expect(abs(source.count - count) <= 1)
        let halves = nominal > 30 ? 2 : 1
        for rung in run.videoNames.dropFirst() {
            let times = run.samples(rung).map(\.pts)
            #expect(abs(times.count - source.count / halves) <= 1, "\(rung)")
            #expect(Set(times).isSubset(of: Set(source.map(\.pts))))
            #expect(try run.decode(rung).count == times.count)
        }
    }

    @Test func bFramesPassThrough() throws {
        let clip = try TestClip.bars("bframes", extra: "-bf 3 -b_strategy 0 -x264-params b-pyramid=normal")
        let run = try transcode(clip, settings())
        try run.expectOrder()
        #expect(run.plan?.unfitReasons == [])
        let source = run.samples(.source)
        #expect(source.contains { $0.pts > $0.dts })
        #expect(source.count == 150)
        for rung in run.videoNames.dropFirst() {
            #expect(Set(run.samples(rung).map(\.pts)) == Set(source.map(\.pts)))
        }
    }

    @Test func millisecondTimesAreSnapped() throws {
        let run = try transcode(TestClip.bars("plain"), settings()) { event in
            switch event {
            case .video(var unit):
                unit.pts = MediaTime(milliseconds: unit.pts.milliseconds)
                unit.dts = MediaTime(milliseconds: unit.dts.milliseconds)
                return [.video(unit)]
            case .audio(var unit):
                unit.pts = MediaTime(milliseconds: unit.pts.milliseconds)
                return [.audio(unit)]
            default: return [event]
            }
        }
        try run.expectOrder()
        let expected = (0..<150).map { MediaTime(milliseconds: 10_000) + FrameRate(30).time(ofFrame: $0) }
        #expect(run.samples(.source).map(\.pts) == expected)
    }

    @Test func longGOPIsEncodedInstead() throws {
        let run = try transcode(
            TestClip.bars("longgop", seconds: 9, gop: 240), settings([(180, 300), (96, 100)]))
        try run.expectOrder()
        #expect(try #require(run.plan?.unfitReasons.first).contains("key frame"))
        #expect(run.plan?.renditions.map(\.name.text) == ["180p", "96p", "audio"])
        #expect(run.segments(.audio).map(\.time.milliseconds) == [10_000, 12_000, 14_000, 16_000, 18_000])
        #expect(run.samples(RenditionName("180p")).count == 270)
    }

    @Test func portraitKeepsItsShape() throws {
        let run = try transcode(TestClip.bars("portrait", size: "180x320", seconds: 3), settings())
        try run.expectOrder()
        guard case .video(let width, let height, _) = run.plan?.renditions[1].kind else {
            Issue.record("no rung")
            return
        }
        #expect((width, height) == (144, 256))
        let picture = try #require(try run.decode(RenditionName("144p")).first)
        #expect((picture.width, picture.height) == (144, 256))
    }

    @Test(arguments: [
        ("tenbit", "-pix_fmt yuv420p10le -profile:v high10"),
        ("fourfourfour", "-pix_fmt yuv444p -profile:v high444"),
        ("fourtwotwo", "-pix_fmt yuv422p -profile:v high422"), ("fullrange", "-pix_fmt yuvj420p -bf 0"),
        ("grey", "-pix_fmt gray -profile:v high"),
    ]) func pixelFormats(_ name: String, _ format: String) throws {
        let clip = try TestClip.make(
            name,
            "-f lavfi -i testsrc2=s=320x180:r=30 \(TestClip.tone) -t 2.5 -c:v libx264 -preset ultrafast -g 60 \(format)"
                + " -c:a aac")
        var wanted = settings([(180, 400), (96, 100)])
        wanted.source = .never
        let run = try transcode(clip, wanted)
        try run.expectOrder()
        #expect(run.samples(RenditionName("180p")).count == 75)
        #expect(try run.decode(RenditionName("96p")).count == 75)
    }

    @Test func oddSizesAndSmallSources() throws {
        let clip = try TestClip.make(
            "odd",
            "-f lavfi -i testsrc2=s=319x181:r=30 \(TestClip.tone) -t 2.5 -c:v libx264 -preset ultrafast -g 60"
                + " -pix_fmt yuv444p -c:a aac")
        let run = try transcode(clip, TranscodeSettings())
        try run.expectOrder()
        #expect(run.plan?.renditions.map(\.name.text) == ["180p", "audio"])
        #expect(run.samples(RenditionName("180p")).count == 75)
    }

    @Test func variableFrameRateBecomesConstant() throws {
        let clip = try TestClip.make(
            "vfr",
            "-f lavfi -i testsrc2=s=320x180:r=30 \(TestClip.tone) -t 5 -vf setpts=PTS+0.009*sin(N*0.7)/TB"
                + " -fps_mode passthrough -enc_time_base 1:1000 -c:v libx264 -preset ultrafast -bf 0 -g 60 -pix_fmt yuv420p"
                + " -c:a aac", kind: "mkv")
        let run = try transcode(clip, settings([(180, 300), (96, 100)]))
        try run.expectOrder()
        #expect(run.plan?.unfitReasons == ["its frame rate is not constant"])
        let times = run.samples(RenditionName("180p")).map(\.pts)
        #expect(abs(times.count - 150) <= 2)
        for (time, next) in zip(times, times.dropFirst()) { #expect(next - time == times[1] - times[0]) }
    }

    @Test func remuxDecodesNothingAndCopiesSound() throws {
        let run = try transcode(TestClip.bars("plain"), settings([]))
        try run.expectOrder()
        #expect(run.plan?.renditions.map(\.name.text) == ["source", "audio"])
        #expect(run.plan?.renditions.map(\.isPassthrough) == [true, true])
        var units: [AccessUnit] = []
        var reader = try MediaFileReader.open(path: TestClip.bars("plain"))
        while let event = try reader.next() { if case .video(let unit) = event { units.append(unit) } }
        #expect(run.samples(.source).map(\.payload) == units.map(\.payload))
    }
}
