import Media
import Restream
import Testing

@Suite struct RelayQueueTests {
    private let formats = RelayFeed.formats()

    private func item(_ unit: AccessUnit, _ formats: RelayFormats? = nil) -> RelayItem {
        RelayItem(unit: unit, formats: formats ?? self.formats)
    }

    private func times(_ queue: inout RelayQueue) -> [Int64] {
        var times: [Int64] = []
        while let item = queue.take() { times.append(item.unit.dts.milliseconds) }
        return times
    }

    @Test func itBeginsWithAKeyPicture() {
        var queue = RelayQueue()
        queue.offer(item(RelayFeed.picture(0)), isFlowing: true)
        queue.offer(item(RelayFeed.sound(10)), isFlowing: true)
        queue.offer(item(RelayFeed.picture(40, isKey: true)), isFlowing: true)
        queue.offer(item(RelayFeed.sound(45)), isFlowing: true)
        queue.offer(item(RelayFeed.picture(80, isKey: true)), isFlowing: true)
        #expect(times(&queue) == [40, 45, 80] && queue.dropped == 0)
    }

    @Test func whoeverIsStillCalledBeginsWithTheNewestKeyPicture() {
        var queue = RelayQueue()
        for time in stride(from: 0 as Int64, to: 6000, by: 40) {
            queue.offer(item(RelayFeed.picture(time, isKey: time % 2000 == 0)), isFlowing: false)
        }
        #expect(queue.count == 50 && queue.take()?.unit.dts.milliseconds == 4000 && queue.dropped == 0)
    }

    /// (bytes of a picture, the most bytes, the most seconds)
    @Test(arguments: [(1000, 20_000, 1000), (10, 1 << 20, 1)])
    func whatIsTooMuchIsDroppedUpToTheNextKeyPicture(bytes: Int, mostBytes: Int, seconds: Int) {
        var queue = RelayQueue(mostBytes: mostBytes, mostSpan: .seconds(seconds))
        var taken: [Int64] = []
        for time in stride(from: 0 as Int64, to: 8000, by: 40) {
            let isKey = time % 2000 == 0
            queue.offer(item(RelayFeed.picture(time, isKey: isKey, bytes: bytes)), isFlowing: true)
            #expect(queue.count <= 26)
            if isKey { taken += [time] }
        }
        #expect(queue.count == 0 && queue.dropped == 200)
        queue.offer(item(RelayFeed.sound(8000)), isFlowing: true)
        #expect(queue.dropped == 201 && queue.count == 0)
        queue.offer(item(RelayFeed.picture(8040, isKey: true)), isFlowing: true)
        #expect(times(&queue) == [8040] && queue.dropped == 201)
    }

    @Test func anotherFeedIsTakenFromItsOwnKeyPictureOn() {
        let other = RelayFeed.formats(2)
        var queue = RelayQueue()
        queue.offer(item(RelayFeed.picture(0, isKey: true)), isFlowing: true)
        queue.offer(item(RelayFeed.picture(7000), other), isFlowing: true)
        queue.offer(item(RelayFeed.sound(7000), other), isFlowing: true)
        queue.offer(item(RelayFeed.picture(7040, isKey: true), other), isFlowing: true)
        queue.offer(item(RelayFeed.picture(40)), isFlowing: true)
        queue.offer(item(RelayFeed.picture(7080), other), isFlowing: true)
        #expect(times(&queue) == [0, 7040, 7080] && queue.dropped == 0)
    }

    @Test func anotherConnectionBeginsAnew() {
        var queue = RelayQueue()
        queue.offer(item(RelayFeed.picture(0, isKey: true)), isFlowing: true)
        queue.restart()
        #expect(queue.count == 0)
        queue.offer(item(RelayFeed.picture(40)), isFlowing: true)
        #expect(queue.count == 0 && queue.dropped == 0)
    }
}
