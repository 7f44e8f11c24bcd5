import DequeModule
import Media
import NIOCore

/// What waits for one target, in order. It begins with an IDR picture, and so does what follows a loss. Pure.
///
/// Bound: `mostBytes` and `mostSpan`; policy: all of it goes, and what comes up to the next IDR picture; counter:
/// `dropped`.
package struct RelayQueue: Sendable {
    private let mostBytes: Int
    private let mostSpan: Duration
    private var items = Deque<RelayItem>()
    private var bytes = 0
    /// Nothing is taken before the next IDR picture.
    private var awaitsStart = true
    /// Of which the newest IDR picture came: what another feed sends before its own first is not taken.
    private var feed: Int?
    /// What was lost before it is counted; before the first IDR picture nothing is lost.
    private var isLosing = false
    /// Pictures and frames of sound that a target did not get because it was too slow.
    package private(set) var dropped = 0

    package init(mostBytes: Int = 8 << 20, mostSpan: Duration = .seconds(8)) {
        self.mostBytes = mostBytes
        self.mostSpan = mostSpan
    }

    package var count: Int { items.count }

    /// `isFlowing`: somebody takes what is here. Before that, nothing older than the newest IDR picture is kept: whoever
    /// comes late begins with it.
    package mutating func offer(_ item: RelayItem, isFlowing: Bool) {
        if item.isStart {
            if !isFlowing { clear() }
            awaitsStart = false
            isLosing = false
            feed = item.formats.feed
        } else if awaitsStart || item.formats.feed != feed {
            if isLosing { dropped += 1 }
            return
        }
        items.append(item)
        bytes += item.unit.payload.readableBytes
        guard let first = items.first else { return }
        if bytes > mostBytes || item.unit.arrival - first.unit.arrival > mostSpan {
            dropped += items.count
            clear()
            awaitsStart = true
            isLosing = true
        }
    }

    package mutating func take() -> RelayItem? {
        guard let item = items.popFirst() else { return nil }
        bytes -= item.unit.payload.readableBytes
        return item
    }

    /// The connection is another one: it begins with the next IDR picture.
    package mutating func restart() {
        clear()
        awaitsStart = true
        isLosing = false
    }

    private mutating func clear() {
        items.removeAll()
        bytes = 0
    }
}
