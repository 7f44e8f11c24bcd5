import Media
import Testing

@Suite struct MediaTimeTests {
    @Test(
        arguments: [
            (FrameRate(30), 8000), (FrameRate(30000, 1001), 8008), (FrameRate(24000, 1001), 10010),
            (FrameRate(25), 9600), (FrameRate(60000, 1001), 4004), (FrameRate(50), 4800),
            (FrameRate(15), 16000),
        ] as [(FrameRate, Int64)])
    func framesAreWholeTicks(rate: FrameRate, ticks: Int64) {
        #expect(rate.frameDuration.ticks == ticks)
        #expect(rate.time(ofFrame: 1_000_000).ticks == ticks * 1_000_000)
    }

    @Test func samplesSurviveTicks() {
        for rate: Int64 in [44100, 48000] {
            for sample in stride(from: Int64(0), to: 500_000_000, by: 1_234_567) {
                #expect(MediaTime(value: sample, timescale: rate).value(timescale: rate) == sample)
            }
        }
    }

    @Test func negativeTimesRoundLikePositiveOnes() {
        for ticks: Int64 in [0, 1, 119, 120, 121, 240, 8008, 123_456_789] {
            #expect(MediaTime(ticks: -ticks).milliseconds == -MediaTime(ticks: ticks).milliseconds)
        }
    }

    @Test func hugeValuesDoNotTrap() {
        let far = MediaTime(ticks: Int64.max / 4)
        #expect(far.value(timescale: 1_000_000) > 0)
        #expect(MediaTime(value: Int64.max / 300_000, timescale: 1).ticks > 0)
    }

    @Test func nearestFrameIsFound() {
        let rate = FrameRate(30000, 1001)
        for frame in Int64(0)..<20_000 {
            let rounded = MediaTime(milliseconds: rate.time(ofFrame: frame).milliseconds)
            #expect(rate.frame(nearest: rounded) == frame)
        }
    }

    @Test(arguments: [
        (FrameRate(60), 30, "30"), (FrameRate(50), 30, "25"), (FrameRate(60000, 1001), 30, "29.970"),
        (FrameRate(30), 30, "30"), (FrameRate(48), 30, "24"), (FrameRate(120), 30, "30"),
        (FrameRate(15), 30, "15"),
    ])
    func ratesAreDividedNeverRaised(rate: FrameRate, limit: Int, expected: String) {
        #expect(rate.limited(to: limit).description == expected)
    }

    @Test func readsAsSeconds() {
        #expect(MediaTime(milliseconds: 10_005).description == "10.005s")
        #expect(MediaTime(milliseconds: -21).description == "-0.021s")
    }
}
