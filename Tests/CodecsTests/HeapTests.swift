import Codecs
import Media
import Testing

struct HeapTests {
    @Test func nothingIsGivenBackWhereNothingWasClosed() {
        var trim = HeapTrim()
        let answers = [0, 0, 0].map { trim.isDue(closed: $0) }
        #expect(answers == [false, false, false])
    }

    @Test func whatWasClosedIsGivenBackOnceAndALookLater() {
        var trim = HeapTrim()
        let answers = [1, 1, 1, 1].map { trim.isDue(closed: $0) }
        #expect(answers == [false, true, false, false])
    }

    @Test func closingsWithoutAPauseDoNotPutItOff() {
        var trim = HeapTrim()
        let answers = [1, 2, 5, 5, 5].map { trim.isDue(closed: $0) }
        #expect(answers == [false, true, true, true, false])
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
