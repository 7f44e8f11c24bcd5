import Media
import Testing

@testable import Codecs

struct HeapTests {
    @Test func nothingIsGivenBackWhereNothingWasClosed() {
        var trim = HeapTrim()
        #expect([0, 0, 0].map { trim.isDue(closed: $0) } == [false, false, false])
    }

    @Test func whatWasClosedIsGivenBackOnceAndALookLater() {
        var trim = HeapTrim()
        #expect([1, 1, 1, 1].map { trim.isDue(closed: $0) } == [false, true, false, false])
    }

    @Test func closingsWithoutAPauseDoNotPutItOff() {
        var trim = HeapTrim()
        #expect([1, 2, 5, 5, 5].map { trim.isDue(closed: $0) } == [false, true, true, true, false])
    }

    @Test func aClosedEncoderIsCounted() throws {
        let before = MediaHeap.closed
        do {
            _ = try X264Encoder.open(
                .init(width: 64, height: 64, frameRate: FrameRate(30), maximumKilobits: 100))
        }
        #expect(MediaHeap.closed > before)
        MediaHeap.giveBack()
    }
}
