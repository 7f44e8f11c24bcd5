import DequeModule
package import Media
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

    /// Pictures that the host decodes before this, and by less than a second, can wait for those that follow: nothing
    /// becomes of them alone. Nil where each has work to do.
    package var quietUntil: MediaTime?

    private static let longestQuiet = MediaTime(milliseconds: 1000)
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
        let most = quietUntil == nil ? 16 : 48
        return (unit.kind == .video && !canWait(unit)) || events.count >= most ? .takenAtOnce : .taken
    }

    private func canWait(_ unit: AccessUnit) -> Bool {
        guard let quietUntil, !unit.isSync else { return false }
        // Beyond that the host's clock has jumped.
        return unit.dts < quietUntil && quietUntil - unit.dts <= FeedBacklog.longestQuiet
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
