package import Foundation
package import Outbound
import People

/// One message to one webhook, until it has come there or has been given up.
package struct Delivery: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// It is tried at `nextAttempt`.
        case pending
        case delivered
        /// It was given up; an operator can send it again.
        case dead
    }

    /// What came of one attempt.
    package enum Outcome: Hashable, Sendable {
        case answered(status: Int, retryAfter: Duration?)
        /// No answer. `isFinal`: trying again would not help.
        case failed(reason: String, isFinal: Bool)
    }

    /// Counts up in the order in which the store has taken them; 0 before that.
    package var sequence: Int
    package var id: DeliveryID
    package var hook: HookID
    /// `show.live`, …
    package var event: String
    package var body: String
    /// How often it has been tried.
    package var attempt: Int
    package var nextAttempt: Date
    package var state: State
    package var lastStatus: Int?
    package var lastError: String?
    package var createdAt: Date
    /// Since when it is tried: since it was made, or since an operator sent it again.
    package var waitingSince: Date
    /// When it was delivered or given up.
    package var settledAt: Date?

    package init(
        sequence: Int = 0, id: DeliveryID = .random(), hook: HookID, event: String, body: String,
        attempt: Int = 0, nextAttempt: Date, state: State = .pending, lastStatus: Int? = nil,
        lastError: String? = nil, createdAt: Date, waitingSince: Date? = nil, settledAt: Date? = nil
    ) {
        self.sequence = sequence
        self.id = id
        self.hook = hook
        self.event = event
        self.body = body
        self.attempt = attempt
        self.nextAttempt = nextAttempt.toMilliseconds
        self.state = state
        self.lastStatus = lastStatus
        self.lastError = lastError
        self.createdAt = createdAt.toMilliseconds
        self.waitingSince = (waitingSince ?? createdAt).toMilliseconds
        self.settledAt = settledAt?.toMilliseconds
    }

    /// What `event` is told to `hook`.
    package init(_ event: HookEvent, to hook: HookID, at now: Date) throws {
        self.init(
            hook: hook, event: event.kind.rawValue, body: try event.body(), nextAttempt: now, createdAt: now)
    }

    /// The delivery after an attempt. Any 2xx is a delivery; everything else is tried again, until the attempts are used
    /// up, but for what is final and for 410, with which the receiver says that it will never want it.
    package func after(
        _ outcome: Outcome, at now: Date, backoff: Backoff, chance: Double
    ) -> Delivery {
        var next = self
        next.attempt += 1
        let delay: Duration?
        switch outcome {
        case .answered(let status, _) where (200..<300).contains(status):
            next.lastStatus = status
            next.lastError = nil
            next.settle(as: .delivered, at: now)
            return next
        case .answered(let status, let retryAfter):
            next.lastStatus = status
            next.lastError =
                "the receiver answered \(status)"
                + ((300..<400).contains(status) ? ", and redirects are not followed" : "")
            delay =
                status == 410
                ? nil : backoff.delay(after: next.attempt, chance: chance, asked: retryAfter)
        case .failed(let reason, let isFinal):
            next.lastStatus = nil
            next.lastError = reason
            delay = isFinal ? nil : backoff.delay(after: next.attempt, chance: chance)
        }
        if let delay {
            next.nextAttempt = now.addingTimeInterval(delay.timeInterval).toMilliseconds
        } else {
            next.settle(as: .dead, at: now)
        }
        return next
    }

    /// What `lastError` says of what was given up without a last attempt.
    package static let waitedTooLong = "it has waited too long"

    /// Pending again, as if it had never been tried.
    package mutating func revive(at now: Date) {
        state = .pending
        attempt = 0
        nextAttempt = now.toMilliseconds
        waitingSince = nextAttempt
        settledAt = nil
    }

    private mutating func settle(as state: State, at now: Date) {
        self.state = state
        settledAt = now.toMilliseconds
    }
}

extension Delivery.Outcome {
    /// Whether it says that the receiver is not well, so that other messages should wait too.
    var isTrouble: Bool {
        switch self {
        case .answered(let status, _): status >= 500 || status == 429 || status == 408
        case .failed(_, let isFinal): !isFinal
        }
    }
}
