import Media
import Testing
import Transcode

private func ms(_ value: Int64) -> MediaTime { MediaTime(milliseconds: value) }

@Suite struct AudioTimelineTests {
    private func timeline(expects: Bool = true) -> AudioTimeline {
        AudioTimeline(sampleRate: 48_000, start: ms(10_000), expectsAudio: expects)
    }

    @Test func roundedTimesAreCountedThrough() {
        var timeline = timeline()
        for index in 0..<Int64(50_000) {
            let time = ms(10_000) + ms(MediaTime(value: index * 1024, timescale: 48_000).milliseconds)
            #expect(timeline.place(time, count: 1024) == .init(silence: 0, trim: 0))
        }
        #expect(timeline.position == 480_000 + 50_000 * 1024)
    }

    @Test func theFirstBlockIsPlacedExactly() {
        var timeline = timeline()
        #expect(timeline.place(ms(9990), count: 1024) == .init(silence: 0, trim: 480))
        var other = self.timeline()
        #expect(other.place(ms(10_010), count: 1024) == .init(silence: 480, trim: 0))
    }

    @Test func soundFromBeforeTheStartIsCutOffAndMeansNothing() {
        var timeline = timeline()
        #expect(timeline.place(ms(9000), count: 1024) == .init(silence: 0, trim: 1024))
        #expect(timeline.place(ms(10_000), count: 1024) == .init(silence: 0, trim: 0))
        // The half second of patience has not grown.
        #expect(timeline.advance(to: ms(11_000)) == 24_000 - 1024)
    }

    @Test(arguments: [(30, 0, 0), (-30, 0, 0), (50, 2400, 0), (-50, 0, 1024)])
    func deviationsBeyondFortyMillisecondsAreCorrected(_ shift: Int64, _ silence: Int, _ trim: Int) {
        var timeline = timeline()
        _ = timeline.place(ms(10_000), count: 48_000)
        #expect(timeline.place(ms(11_000 + shift), count: 1024) == .init(silence: silence, trim: trim))
    }

    @Test func withoutSoundSilenceFollowsThePictures() {
        var timeline = timeline(expects: false)
        #expect(timeline.advance(to: ms(10_040)) == 1920)
        #expect(timeline.advance(to: ms(10_040)) == 0)
        #expect(timeline.advance(to: ms(10_080)) == 1920)
    }

    @Test func missingSoundIsWaitedForAWhile() {
        var timeline = timeline()
        _ = timeline.place(ms(10_000), count: 48_000)
        #expect(timeline.advance(to: ms(11_400)) == 0)
        #expect(timeline.advance(to: ms(11_600)) == 4800)
        // It is back, where it belongs.
        #expect(timeline.place(ms(11_700), count: 1024) == .init(silence: 28_800, trim: 0))
        #expect(timeline.position == MediaTime(milliseconds: 11_700).value(timescale: 48_000) + 1024)
    }

    @Test func soundThatIsAlwaysLateIsLearned() {
        var timeline = timeline()
        var heard = 0
        // Each block comes 800 ms of pictures after its time.
        for index in 0..<Int64(500) {
            let time = ms(10_000) + MediaTime(value: index * 1024, timescale: 48_000)
            _ = timeline.advance(to: time + ms(800))
            if timeline.place(time, count: 1024).trim == 0 { heard += 1 }
        }
        #expect(heard > 450)
    }

    @Test func atTheEndNothingIsWaitedFor() {
        var timeline = timeline()
        _ = timeline.place(ms(10_000), count: 48_000)
        #expect(timeline.advance(to: ms(11_100), isLast: true) == 4800)
    }

    @Test func wholeFramesOnly() {
        var timeline = timeline()
        #expect(timeline.placeWhole(ms(10_000), frame: 1024) == 0)
        #expect(timeline.placeWhole(ms(10_000) + MediaTime(value: 1024, timescale: 48_000), frame: 1024) == 0)
        // 200 ms later: nine frames and a bit.
        #expect(timeline.placeWhole(ms(10_243), frame: 1024) == 9)
        let before = timeline.position
        #expect(timeline.placeWhole(ms(10_000), frame: 1024) == nil)
        #expect(timeline.position == before)
        #expect(timeline.advance(to: ms(12_000), wholeFramesOf: 1024) % 1024 == 0)
    }
}
