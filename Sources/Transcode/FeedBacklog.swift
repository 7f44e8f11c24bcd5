import DequeModule
import Media
import NIOCore

/// What has arrived and was not yet worked on, bounded in bytes and in time. Full, it drops pictures up to the next
/// IDR that finds room (half a GOP is of no use), and sound meanwhile. Pure.
package struct FeedBacklog {
    package struct Limits: Hashable, Sendable {
        package var bytes = 64 << 20
        /// By arrival.
        package var span = Duration.seconds(12)

        package init() {}
    }

    package enum Outcome: Hashable, Sendable {
        /// The worker should look now.
        case takenAtOnce
        /// It is kept, and can wait for the next picture.
        case taken
        case dropped
    }

    private let limits: Limits
    private var events = Deque<RunInput>()
    private var bytes = 0
    private var isDropping = false

    package init(limits: Limits) {
        self.limits = limits
    }

    package var count: Int { events.count }

    package mutating func offer(_ event: RunInput) -> Outcome {
        guard let unit = event.unit else {
            // Only the newest of what nothing has used yet.
            if let last = events.last, FeedBacklog.replaces(event, last) { events.removeLast() }
            events.append(event)
            return .takenAtOnce
        }
        let isFull = bytes + unit.payload.readableBytes > limits.bytes || span(to: unit.arrival) > limits.span
        if unit.kind == .video {
            if isFull { isDropping = true }
            if isDropping && !isFull && unit.isSync { isDropping = false }
        }
        if isFull || isDropping { return .dropped }
        bytes += unit.payload.readableBytes
        events.append(event)
        // Sound alone waits for the next picture: half the wake-ups.
        return unit.kind == .video || events.count >= 16 ? .takenAtOnce : .taken
    }

    package mutating func take() -> RunInput? {
        guard let event = events.popFirst() else { return nil }
        if let unit = event.unit { bytes -= unit.payload.readableBytes }
        return event
    }

    private static func replaces(_ event: RunInput, _ last: RunInput) -> Bool {
        switch (event, last) {
        case (.time, .time): true
        case (.event(let new, let feed), .event(let old, let former)) where feed == former:
            switch (new, old) {
            case (.videoFormat, .videoFormat), (.audioFormat, .audioFormat), (.metadata, .metadata): true
            default: false
            }
        default: false
        }
    }

    private func span(to arrival: MonotonicTime) -> Duration {
        for event in events {
            if let unit = event.unit { return arrival - unit.arrival }
        }
        return .zero
    }
}
