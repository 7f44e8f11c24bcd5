import Codecs
import Media
import Preflight
import Testing

/// What waits for the observing thread, and what becomes of what finds no room.
@Suite struct ObservationQueueTests {
    private static let sound = Observation.sound(bytes: 1, arrival: MonotonicTime(nanoseconds: 0), nil)

    private func fill(_ queue: ObservationQueue) {
        for _ in 0..<ObservationQueue.most { queue.put(Self.sound) }
    }

    /// Formats are sent once: the newest of each kind comes before what is sent next.
    @Test func whatIsSaidOnceIsNotLost() throws {
        let queue = ObservationQueue()
        fill(queue)
        let (old, new) = (try MadeUpFeed.format(width: 640, height: 360), try MadeUpFeed.format())
        #expect(!queue.put(.videoFormat(old)))
        #expect(!queue.put(.audioFormat(.aac(try #require(AACFormat(sampleRate: 48_000, channels: 2))))))
        #expect(!queue.put(.videoFormat(new)))
        #expect(!queue.put(Self.sound))
        let full = try #require(queue.take())
        #expect(full.observations.count == ObservationQueue.most)
        #expect(full.dropped == 1, "what is kept is not dropped")
        #expect(queue.put(Self.sound))
        let next = try #require(queue.take()).observations
        #expect(next.count == 3)
        guard case .audioFormat = next[0], case .videoFormat(let format) = next[1], case .sound = next[2]
        else {
            Issue.record("\(next)")
            return
        }
        #expect(format == new)
        #expect(queue.put(Self.sound))
        #expect(try #require(queue.take()).observations.count == 1, "they come once")
    }
}
