package import Foundation
package import Outbound

/// How webhooks are told.
package struct HookSettings: Sendable, Hashable {
    /// For one attempt, from resolving the name to the end of the answer.
    package var deadline = Duration.seconds(10)
    /// When a delivery is tried again, and how often: 12 times in about 27 hours.
    package var backoff = Backoff()
    /// When a receiver that fails is left alone, whatever waits for it.
    package var breaker = CircuitBreaker.Rule()
    /// Attempts under way at once, in all; one webhook has one. Receivers in trouble have half of them at most.
    package var parallel = 16
    /// Deliveries that wait for one webhook; it is not told more.
    package var waitingLimit = 10_000
    /// Events that were posted and are not stored yet; more are dropped.
    package var mailboxLimit = 1024
    /// What waits longer is given up, however seldom it was tried.
    package var longestWait: TimeInterval = 3 * 86_400
    /// How long the records of what was delivered, and of what was given up, are kept.
    package var keepDelivered: TimeInterval = 7 * 86_400
    package var keepDead: TimeInterval = 30 * 86_400
    /// How long attempts that are under way may take when the server stops.
    package var grace = Duration.seconds(3)

    package init() {}
}
