import Media
import Testing
import Transcode

private func grid(_ rate: FrameRate, _ count: Int64, rounding: FloatingPointRoundingRule? = .toNearestOrEven)
    -> [MediaTime]
{
    (0..<count).map { index in
        let time = rate.time(ofFrame: index)
        guard let rounding else { return time }
        return MediaTime(milliseconds: Int64((time.seconds * 1000).rounded(rounding)))
    }
}

@Suite struct FrameTimingTests {
    @Test(arguments: FrameRate.standard, [FloatingPointRoundingRule.toNearestOrEven, .down])
    func findsRoundedGrids(_ rate: FrameRate, _ rounding: FloatingPointRoundingRule) {
        let count = Int64(rate.framesPerSecond * 2) + 1
        #expect(FrameTiming.detect(grid(rate, count, rounding: rounding), hints: []) == .constant(rate))
        #expect(FrameTiming.detect(grid(rate, count, rounding: nil), hints: []) == .constant(rate))
    }

    @Test func aHoleDoesNotHideTheGrid() {
        var times = grid(FrameRate(30), 60)
        times.removeSubrange(20..<26)
        #expect(FrameTiming.detect(times, hints: []) == .constant(FrameRate(30)))
    }

    @Test func reorderedTimesAreTheSameGrid() {
        #expect(FrameTiming.detect(grid(FrameRate(25), 50).shuffled(), hints: []) == .constant(FrameRate(25)))
    }

    @Test func aClaimDecidesWhereTimesCannot() {
        let few = Array(grid(FrameRate(30), 8))
        let claimed = FrameRate(30000, 1001)
        #expect(FrameTiming.detect(few, hints: [claimed]) == .constant(claimed))
        #expect(FrameTiming.detect([.zero], hints: [FrameRate(50)]) == .constant(FrameRate(50)))
        #expect(FrameTiming.detect([], hints: []) == .constant(FrameRate(30)))
    }

    @Test func aFalseClaimDoesNotHold() {
        #expect(
            FrameTiming.detect(grid(FrameRate(30), 60), hints: [FrameRate(60)]) == .constant(FrameRate(30)))
        #expect(
            FrameTiming.detect(grid(FrameRate(50), 100), hints: [FrameRate(25)]) == .constant(FrameRate(50)))
    }

    @Test func anUnusualClaimedRateIsAGrid() {
        let odd = FrameRate(18)
        #expect(FrameTiming.detect(grid(odd, 40), hints: [odd]) == .constant(odd))
    }

    @Test func jitterIsVariable() {
        let times = (0..<60).map { MediaTime(milliseconds: Int64($0) * 33 + [0, 7, -5, 4, 9][$0 % 5]) }
        #expect(FrameTiming.detect(times, hints: []) == .variable(nominal: FrameRate(30)))
        let slow = (0..<40).map { MediaTime(milliseconds: Int64($0) * 52 + [0, 7, -5, 4, 9][$0 % 5]) }
        #expect(FrameTiming.detect(slow, hints: []) == .variable(nominal: FrameRate(20)))
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
