package import Foundation
package import People

/// Where webhooks and their deliveries are kept. Every call is one transaction and is on disk when it returns; it waits
/// for the disk, so it is not for the cooperative pool. A change that comes with a note for the audit log is noted if and
/// only if it is made.
package protocol HookStore: Sendable {
    // Webhooks
    /// The oldest first.
    func hooks() throws -> [Webhook]
    func hook(_ id: HookID) throws -> Webhook?
    /// A new one, or a change of one. False where it is new and there are `Webhook.most` already.
    func keep(_ hook: Webhook, noting note: AuditDraft?) throws -> Bool
    /// With its deliveries; false where there is none.
    func removeHook(_ id: HookID, noting note: AuditDraft?) throws -> Bool

    // Deliveries
    /// One delivery for each enabled webhook that wants the event. A webhook with `waitingLimit` deliveries that wait
    /// already gets none.
    func append(_ event: HookEvent, at now: Date, waitingLimit: Int) throws -> HookReceipt
    /// A delivery as it stands, with the next sequence number; false where its webhook is gone.
    func add(_ delivery: Delivery) throws -> Bool
    /// Of each enabled webhook that is not in `except` the delivery that is due first, ordered by when.
    func due(at now: Date, except: Set<HookID>, limit: Int) throws -> [DueDelivery]
    /// When the next delivery of an enabled webhook that is not in `except` is due.
    func nextDue(except: Set<HookID>) throws -> Date?
    /// What an attempt has changed. A delivery that is gone stays gone.
    func settle(_ delivery: Delivery) throws
    func delivery(_ id: DeliveryID) throws -> Delivery?
    /// The newest first.
    func deliveries(_ query: DeliveryQuery) throws -> [Delivery]
    /// A dead one is pending again, from its first attempt on; false where it is not dead.
    func revive(_ id: DeliveryID, at now: Date, noting note: AuditDraft?) throws -> Bool
    /// All dead ones of a webhook; how many.
    func reviveAll(of hook: HookID, at now: Date) throws -> Int
    func counts() throws -> [Delivery.State: Int]
    /// Gives up what waits since before `waitingSince`, deletes what was delivered before `deliveredBefore` or given up
    /// before `deadBefore`; returns how many were given up.
    func tidy(waitingSince: Date, deliveredBefore: Date, deadBefore: Date, at now: Date) throws -> Int
}

/// What became of an event.
package struct HookReceipt: Hashable, Sendable {
    /// Deliveries that wait now.
    package var accepted: Int
    /// Webhooks that were not told, since too much waits for them.
    package var dropped: [HookID]

    package init(accepted: Int, dropped: [HookID]) {
        self.accepted = accepted
        self.dropped = dropped
    }
}

/// A delivery that is to be tried, and where to.
package struct DueDelivery: Hashable, Sendable {
    package var delivery: Delivery
    package var hook: Webhook

    package init(delivery: Delivery, hook: Webhook) {
        self.delivery = delivery
        self.hook = hook
    }
}

/// Which deliveries are wanted.
package struct DeliveryQuery: Hashable, Sendable {
    package var hook: HookID?
    package var state: Delivery.State?
    /// Only those with a lower sequence number: the last of the page before.
    package var before: Int?
    package var limit: Int

    package init(
        hook: HookID? = nil, state: Delivery.State? = nil, before: Int? = nil, limit: Int = 50
    ) {
        self.hook = hook
        self.state = state
        self.before = before
        self.limit = limit
    }
}
