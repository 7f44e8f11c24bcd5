import Codecs
import Media
import Testing
import Transcode

private func settings() -> TranscodeSettings {
    var settings = TranscodeSettings()
    settings.steps = [Ladder.Step(shortSide: 96, kilobits: 100)]
    return settings
}

extension CollectingSink.Collected {
    /// The run's sound, decoded: loudness of each frame with its time.
    func loudness() throws -> [(time: MediaTime, level: Float)] {
        guard case .aac(let format) = try #require(formats(.audio).first) else { return [] }
        var decoder = try AudioDecoder.open(.aac(format))
        return try samples(.audio).map { unit in
            let block = try decoder.decode(unit.payload)
            return (unit.pts, block.left.reduce(0) { max($0, abs($1)) })
        }
    }
}

@Suite struct SoundTests {
    @Test func noSoundBecomesSilence() throws {
        let run = try transcode(TestClip.bars("mute", audio: "-an"), settings())
        try run.expectOrder()
        #expect(try run.loudness().allSatisfy { $0.level < 0.001 })
        #expect(run.plan?.renditions.last?.isPassthrough == false)
    }

    @Test func noSoundIsSilentInRemuxToo() throws {
        var wanted = settings()
        wanted.steps = []
        let run = try transcode(TestClip.bars("mute", audio: "-an"), wanted)
        try run.expectOrder()
        #expect(run.samples(.source).count == 150)
    }

    @Test func lateSoundJoinsTheSameEncoder() throws {
        let run = try transcode(TestClip.bars("plain"), settings()) { event in
            if case .audio(let unit) = event, unit.pts < MediaTime(milliseconds: 2500) { return [] }
            return [event]
        }
        try run.expectOrder()
        #expect(run.formats(.audio).count == 1)
        let loudness = try run.loudness()
        #expect(loudness.filter { $0.time < MediaTime(milliseconds: 12_450) }.allSatisfy { $0.level < 0.01 })
        let late = loudness.filter { $0.time > MediaTime(milliseconds: 12_600) }
        #expect(late.filter { $0.time < MediaTime(milliseconds: 14_900) }.allSatisfy { $0.level > 0.05 })
    }

    @Test(arguments: [false, true]) func aHoleIsFilled(_ copies: Bool) throws {
        var wanted = settings()
        wanted.audio = copies ? .copy : .encode
        let run = try transcode(TestClip.bars("plain"), wanted) { event in
            if case .audio(let unit) = event, unit.pts > MediaTime(milliseconds: 1000),
                unit.pts < MediaTime(milliseconds: 3000)
            {
                return []
            }
            return [event]
        }
        try run.expectOrder()
        for (time, level) in try run.loudness() {
            if time > MediaTime(milliseconds: 11_100) && time < MediaTime(milliseconds: 12_900) {
                #expect(level < 0.01, "\(time)")
            }
            if time > MediaTime(milliseconds: 13_150) && time < MediaTime(milliseconds: 14_850) {
                #expect(level > 0.05, "\(time)")
            }
        }
    }

    /// A white flash and a beep at each full second must stay together through decoding, scaling and encoding.
    @Test(arguments: LatencyProfile.allCases) func flashAndBeepStayTogether(_ latency: LatencyProfile) throws
    {
        let clip = try TestClip.make(
            "flash",
            "-f lavfi -i color=black:s=320x180:r=30 -f lavfi -i aevalsrc=sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.1):s=44100"
                + " -t 6 -vf drawbox=c=white:t=fill:enable=lt(mod(t\\,1)\\,0.1) -c:v libx264 -preset ultrafast -bf 2"
                + " -g 60 -pix_fmt yuv420p -c:a aac -b:a 96k")
        var wanted = settings()
        wanted.latency = latency
        let run = try transcode(clip, wanted)
        try run.expectOrder()
        let pictures = try run.decode(RenditionName("96p"))
        var flashes: [MediaTime] = []
        var wasWhite = false
        for picture in pictures {
            let isWhite = try #require(picture.sample(plane: 0, x: 80, y: 40)) > 128
            if isWhite && !wasWhite { flashes.append(picture.pts) }
            wasWhite = isWhite
        }
        var beeps: [MediaTime] = []
        var last = MediaTime.zero
        for (time, level) in try run.loudness() where level > 0.3 {
            if time - last > MediaTime(milliseconds: 300) { beeps.append(time) }
            last = time
        }
        #expect(flashes.count == 6 && beeps.count == 6)
        for (flash, beep) in zip(flashes, beeps) {
            // The beep starts inside the frame whose time this is, at most 21 ms later.
            #expect((beep - flash).magnitude <= MediaTime(milliseconds: 30), "\(flash) against \(beep)")
        }
    }
}
