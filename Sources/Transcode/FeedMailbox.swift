import Codecs
import Media
import Synchronization

/// The door of a run: any thread puts events in without blocking, the run's source thread takes them out.
final class FeedMailbox: Sendable {
    enum Item {
        case input(RunInput)
        /// Nothing came in time.
        case nothing
        /// Closed, and empty.
        case closed
    }

    private struct State {
        var backlog: FeedBacklog
        var isClosed = false
    }

    private static let offlineRoom = 64

    private let state: Monitor<State>
    private let waits: Bool
    private let onDrop: @Sendable () -> Void
    /// Nanoseconds; see `heldUp`.
    private let longestHold = Atomic<Int64>(0)

    init(limits: FeedBacklog.Limits, pace: TranscodeSettings.Pace, onDrop: @escaping @Sendable () -> Void) {
        var limits = limits
        // Who waits for room loses nothing, whatever the times in a file say.
        if pace == .offline { (limits.bytes, limits.span) = (.max / 2, .seconds(1 << 40)) }
        state = Monitor(State(backlog: FeedBacklog(limits: limits)))
        waits = pace == .offline
        self.onDrop = onDrop
    }

    func put(_ input: RunInput) {
        if waits {
            _ = state.wait { state in
                state.isClosed || state.backlog.count < FeedMailbox.offlineRoom ? true : nil
            }
        }
        let outcome = state.change { state -> (Bool, FeedBacklog.Outcome) in
            guard !state.isClosed else { return (false, .taken) }
            let outcome = state.backlog.offer(input)
            return (outcome == .takenAtOnce, outcome)
        }
        if outcome == .dropped { onDrop() }
    }

    /// Whoever reads the feed had to wait for a processor for so long: what comes in now was there before.
    func heldUp(_ delay: Duration) {
        longestHold.max(Int64(delay / .nanoseconds(1)), ordering: .relaxed)
    }

    /// The longest such wait since it was asked last.
    func takeHold() -> Duration { .nanoseconds(longestHold.exchange(0, ordering: .relaxed)) }

    /// `quietUntil`: see `FeedBacklog`.
    func take(atMost limit: Duration, quietUntil: MediaTime? = nil) -> Item {
        state.wait(atMost: limit) { state in
            state.backlog.quietUntil = quietUntil
            if let input = state.backlog.take() { return .input(input) }
            return state.isClosed ? .closed : nil
        } ?? .nothing
    }

    /// What is inside still comes out.
    func close() {
        state.change { state in
            state.isClosed = true
            return (true, ())
        }
    }

    var depth: Int { state.withLock { $0.backlog.count } }
}
