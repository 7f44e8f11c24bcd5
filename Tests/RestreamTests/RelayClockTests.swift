import Media
import Restream
import Testing

@Suite struct RelayClockTests {
    @Test func itBeginsAtZeroAndKeepsAFeedsOwnSteps() {
        var clock = RelayClock()
        let times = [5_000_000, 5_000_033, 5_000_067, 5_000_100].map {
            clock.place(RelayFeed.picture($0), feed: 1)
        }
        #expect(times == [0, 33, 67, 100])
    }

    @Test func soundMayComeALittleEarlierThanPictures() {
        var clock = RelayClock()
        #expect(clock.place(RelayFeed.picture(1000, isKey: true), feed: 1) == 0)
        #expect(clock.place(RelayFeed.sound(990), feed: 1) == 0)
        #expect(clock.place(RelayFeed.picture(1040), feed: 1) == 40)
        #expect(clock.place(RelayFeed.sound(1011), feed: 1) == 11)
        #expect(clock.place(RelayFeed.sound(1033), feed: 1) == 33)
    }

    /// The other feed's clock says something else altogether; what passed between the two is what counts.
    @Test(arguments: [0, 40, 2500, 60_000] as [Int64])
    func anotherFeedGoesOnByWhatHasPassed(silence: Int64) {
        var clock = RelayClock()
        for time in stride(from: 0 as Int64, through: 4000, by: 40) {
            _ = clock.place(RelayFeed.picture(time), feed: 1)
        }
        let begin: Int64 = 900_000
        let next = clock.place(
            RelayFeed.picture(begin, isKey: true, arrival: 4000 + silence), feed: 2)
        #expect(next == 4000 + max(1, silence))
        #expect(
            clock.place(RelayFeed.picture(begin + 40, arrival: 4040 + silence), feed: 2) == next + 40)
    }

    /// (what the feed's clock jumps by at 4000, what has really passed)
    @Test(arguments: [(-4000, 40), (1_000_000, 40), (-2_000_000_000, 3000), (20_000, 0)] as [(Int64, Int64)])
    func aFeedsJumpIsNotPassedOn(jump: Int64, passed: Int64) {
        var clock = RelayClock()
        for time in stride(from: 0 as Int64, through: 4000, by: 40) {
            _ = clock.place(RelayFeed.picture(time), feed: 1)
        }
        let next = clock.place(RelayFeed.picture(4000 + jump, arrival: 4000 + passed), feed: 1)
        #expect(next == 4000 + max(1, passed))
        #expect(clock.place(RelayFeed.picture(4040 + jump, arrival: 4040 + passed), feed: 1) == next + 40)
    }

    /// After a jam everything comes at once: its own steps are right.
    @Test func aBurstIsNoJump() {
        var clock = RelayClock()
        for time in stride(from: 0 as Int64, through: 4000, by: 40) {
            #expect(clock.place(RelayFeed.picture(time, arrival: 0), feed: 1) == time)
        }
    }

    @Test func nothingEverGoesBack() {
        var clock = RelayClock()
        var (lastVideo, lastAudio): (Int64, Int64) = (-1, -1)
        var state: UInt64 = 1
        func chance(_ range: Int64) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(state >> 33) % range
        }
        for step in 0..<5000 as Range<Int64> {
            let (time, feed) = (step * 20 + chance(4000) - 2000, Int(step / 700) % 2)
            if step % 2 == 0 {
                let placed = clock.place(RelayFeed.picture(time, arrival: step * 20), feed: feed)
                #expect(placed > lastVideo)
                lastVideo = placed
            } else {
                let placed = clock.place(RelayFeed.sound(time, arrival: step * 20), feed: feed)
                #expect(placed >= lastAudio && placed >= 0)
                lastAudio = placed
            }
        }
    }
}
