import Media
import Testing

@Suite struct TimestampUnwrapperTests {
    @Test(
        arguments: [
            ([0, 33, 66], [0, 33, 66]),
            ([4_294_967_290, 4, 37], [4_294_967_290, 4_294_967_300, 4_294_967_333]),
            ([100, 80, 120], [100, 80, 120]),
            ([5, 4_294_967_295], [5, -1]),
            (
                [0, 2_000_000_000, 4_000_000_000, 1_000_000_000],
                [0, 2_000_000_000, 4_000_000_000, 5_294_967_296]
            ),
        ] as [([Int64], [Int64])])
    func millisecondsOf32Bits(stamps: [Int64], times: [Int64]) {
        var unwrapper = TimestampUnwrapper(bits: 32)
        #expect(stamps.map { unwrapper.unwrap($0) } == times)
    }

    @Test(
        arguments: [
            ([8_589_934_590, 3000, 6000], [8_589_934_590, 8_589_937_592, 8_589_940_592]),
            // What has been counted on before is as good, and so is a count that starts below zero.
            ([8_589_934_590, 8_589_937_592, 6000], [8_589_934_590, 8_589_937_592, 8_589_940_592]),
            ([-2, 3000], [8_589_934_590, 8_589_937_592]),
            ([900_000, 892_492], [900_000, 892_492]),
        ] as [([Int64], [Int64])])
    func ticksOf33Bits(stamps: [Int64], times: [Int64]) {
        var unwrapper = TimestampUnwrapper(bits: 33)
        #expect(stamps.map { unwrapper.unwrap($0) } == times)
    }

    /// Two days of a transport stream, which wraps around every 26.5 hours.
    @Test func aDayIsNotEnough() {
        var unwrapper = TimestampUnwrapper(bits: 33)
        for second in 0..<Int64(200_000) {
            let time = 8_000_000_000 + second * 90_000
            #expect(unwrapper.unwrap(time % (1 << 33)) == time)
        }
    }

    /// Half a period with each unit, for as long as anybody could send them.
    @Test func countsThatOnlyRiseStayWithinWhatTimesCanHold() {
        var unwrapper = TimestampUnwrapper(bits: 32)
        var stamp: Int64 = 0
        for _ in 0..<200_000 {
            stamp = (stamp + 0x7FFF_FFFF) & 0xFFFF_FFFF
            let time = unwrapper.unwrap(stamp)
            #expect(time.magnitude < 1 << 47)
            if time.magnitude >= 1 << 47 { return }
        }
    }
}
