import DequeModule

/// A bounded queue between two codec threads.
package final class BoundedMailbox<Message: Sendable>: Sendable {
    /// What happens to a message that finds the mailbox full.
    package enum FullPolicy: Sendable {
        /// The sender waits for room.
        case wait
        /// The message is dropped and counted.
        case dropNewest
    }

    private struct State {
        var messages = Deque<Message>()
        var isClosed = false
    }

    private let state: Monitor<State>
    private let bound: Int
    private let policy: FullPolicy
    private let onDrop: @Sendable () -> Void

    /// `bound` in messages; `onDrop` counts, on the sender's thread.
    package init(bound: Int, policy: FullPolicy, onDrop: @escaping @Sendable () -> Void) {
        self.bound = bound
        self.policy = policy
        self.onDrop = onDrop
        self.state = Monitor(State())
    }

    /// Sends by the mailbox's policy, or by another for this once. False where the message was dropped: the mailbox
    /// was full, or is closed.
    @discardableResult
    package func put(_ message: Message, policy: FullPolicy? = nil) -> Bool {
        let taken: Bool
        switch policy ?? self.policy {
        case .wait:
            taken =
                state.wait { state in
                    if state.isClosed { return false }
                    guard state.messages.count < bound else { return nil }
                    state.messages.append(message)
                    return true
                } ?? false
        case .dropNewest:
            taken = state.change { state in
                guard !state.isClosed, state.messages.count < bound else { return (false, false) }
                state.messages.append(message)
                return (true, true)
            }
        }
        if !taken { onDrop() }
        return taken
    }

    /// The oldest message, when there is one; nil when the mailbox is closed and empty.
    package func take() -> Message? {
        state.wait { state -> Message?? in
            if let first = state.messages.popFirst() { return .some(first) }
            return state.isClosed ? .some(nil) : nil
        } ?? nil
    }

    /// No more messages are taken in; those inside still come out.
    package func close() {
        state.change { state in
            state.isClosed = true
            return (true, ())
        }
    }

    package var depth: Int { state.withLock { $0.messages.count } }
}
