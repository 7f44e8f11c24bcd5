import Dispatch
package import Media
package import NIOCore
import Synchronization

/// Whole elements for those who have asked for a topic.
struct TopicNote: Sendable {
    var json: ByteBuffer
    /// By readers who are too slow, the oldest first.
    var mayBeLost: Bool
}

extension RoomFanout {
    /// Notes of a topic that wait for a tick; then the oldest that may be are lost, and counted.
    static let notesAtMost = 512

    /// Tells those who have asked for `topic`. From any thread; it never waits.
    func tell(_ topic: Topic, _ json: ByteBuffer, mayBeLost: Bool) {
        let (isFirst, isLost) = state.withLock { state -> (Bool, Bool) in
            guard state.followers[topic] != nil else { return (false, false) }
            var isLost = false
            if let waiting = state.notes[topic], waiting.count >= RoomFanout.notesAtMost {
                guard let oldest = waiting.firstIndex(where: \.mayBeLost) else { return (false, true) }
                state.notes[topic]?.remove(at: oldest)
                isLost = true
            }
            state.notes[topic, default: []].append(TopicNote(json: json, mayBeLost: mayBeLost))
            return (state.schedule(), isLost)
        }
        if isLost { surroundings.metrics.lost(1) }
        if isFirst { tickLater() }
    }

    func hasFollowers(_ topic: Topic) -> Bool { state.withLock { $0.followers[topic] != nil } }

    /// The reader hears of these topics from now on, and of no others. On the reader's event loop.
    package func follow(_ reader: Reader, _ topics: Set<Topic>, on loop: any EventLoop) {
        guard reader.place != nil else { return }
        let crowd = state.withLock { state in
            for topic in topics where reader.topics[topic] == nil { state.followers[topic, default: 0] += 1 }
            for topic in reader.topics.keys where !topics.contains(topic) { state.unfollow(topic) }
            return state.crowd(on: loop)
        }
        crowd.value.follow(reader, topics)
    }

    /// What only this reader hears, made by `body` in the order of the ticks: nothing that a later one tells is in it
    /// already unless it is the same. `body` must not wait.
    package func tell(
        _ reader: Reader, on loop: any EventLoop, _ body: @escaping @Sendable () -> ByteBuffer
    ) {
        let bound = NIOLoopBound(reader, eventLoop: loop)
        queue.async {
            let frame = body()
            loop.execute { bound.value.tell(Sheet(frame)) }
        }
    }
}

extension RoomFanout.State {
    mutating func unfollow(_ topic: Topic) {
        guard let count = followers[topic] else { return }
        followers[topic] = count > 1 ? count - 1 : nil
        if count <= 1 { notes[topic] = nil }
    }
}

extension Fanout {
    /// Tells those readers of a show who have asked for `topic`: an element of a frame's array. It never waits.
    package func tell(_ show: ShowID, _ topic: Topic, _ json: ByteBuffer, mayBeLost: Bool) {
        room(show)?.tell(topic, json, mayBeLost: mayBeLost)
    }

    /// Whether anybody has: else nothing need be written for them.
    package func hasFollowers(_ show: ShowID, _ topic: Topic) -> Bool {
        room(show)?.hasFollowers(topic) ?? false
    }
}
