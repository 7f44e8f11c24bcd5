import Foundation
import Hooks
import People
import Synchronization

/// The rules of a store at their plainest, for the tests and for the other stores to be held against.
final class MemoryHookStore: HookStore {
    private struct State {
        var hooks: [Webhook] = []
        var deliveries: [Delivery] = []
        var sequence = 0
        /// Every call fails, like that of a full disk.
        var isBroken = false
    }

    struct DiskFull: Error {}

    private let state = Mutex(State())

    func setBroken(_ isBroken: Bool) {
        state.withLock { $0.isBroken = isBroken }
    }

    private func transaction<Result>(_ work: (inout State) throws -> Result) throws -> Result {
        try state.withLock { state in
            guard !state.isBroken else { throw DiskFull() }
            return try work(&state)
        }
    }

    func hooks() throws -> [Webhook] { try transaction { $0.hooks } }

    func hook(_ id: HookID) throws -> Webhook? { try hooks().first { $0.id == id } }

    func keep(_ hook: Webhook, noting note: AuditDraft?) throws -> Bool {
        try transaction { state in
            if let index = state.hooks.firstIndex(where: { $0.id == hook.id }) {
                var changed = hook
                changed.createdAt = state.hooks[index].createdAt
                state.hooks[index] = changed
                return true
            }
            guard state.hooks.count < Webhook.most else { return false }
            state.hooks.append(hook)
            state.hooks.sort { $0.createdAt < $1.createdAt }
            return true
        }
    }

    func removeHook(_ id: HookID, noting note: AuditDraft?) throws -> Bool {
        try transaction { state in
            let count = state.hooks.count
            state.hooks.removeAll { $0.id == id }
            state.deliveries.removeAll { $0.hook == id }
            return state.hooks.count < count
        }
    }

    func append(_ event: HookEvent, at now: Date, waitingLimit: Int) throws -> HookReceipt {
        try transaction { state in
            var receipt = HookReceipt(accepted: 0, dropped: [])
            for hook in state.hooks where hook.wants(event.kind) {
                let waiting = state.deliveries.count { $0.hook == hook.id && $0.state == .pending }
                guard waiting < waitingLimit else {
                    receipt.dropped.append(hook.id)
                    continue
                }
                MemoryHookStore.insert(try Delivery(event, to: hook.id, at: now), in: &state)
                receipt.accepted += 1
            }
            return receipt
        }
    }

    func add(_ delivery: Delivery) throws -> Bool {
        try transaction { state in
            guard state.hooks.contains(where: { $0.id == delivery.hook }) else { return false }
            MemoryHookStore.insert(delivery, in: &state)
            return true
        }
    }

    func due(at now: Date, except: Set<HookID>, limit: Int) throws -> [DueDelivery] {
        try transaction { state in
            let due = state.hooks.filter { $0.isEnabled && !except.contains($0.id) }.compactMap { hook in
                state.deliveries.filter {
                    $0.hook == hook.id && $0.state == .pending && $0.nextAttempt <= now
                }.min(by: MemoryHookStore.isEarlier).map { DueDelivery(delivery: $0, hook: hook) }
            }
            return Array(due.sorted { MemoryHookStore.isEarlier($0.delivery, $1.delivery) }.prefix(limit))
        }
    }

    func nextDue(except: Set<HookID>) throws -> Date? {
        try transaction { state in
            let open = Set(state.hooks.filter { $0.isEnabled && !except.contains($0.id) }.map(\.id))
            return state.deliveries.filter { $0.state == .pending && open.contains($0.hook) }.map(
                \.nextAttempt
            )
            .min()
        }
    }

    func settle(_ delivery: Delivery) throws {
        try transaction { state in
            guard let index = state.deliveries.firstIndex(where: { $0.id == delivery.id }) else { return }
            state.deliveries[index] = delivery
        }
    }

    func delivery(_ id: DeliveryID) throws -> Delivery? {
        try transaction { state in state.deliveries.first { $0.id == id } }
    }

    func deliveries(_ query: DeliveryQuery) throws -> [Delivery] {
        try transaction { state in
            let found = state.deliveries.reversed().filter {
                (query.hook ?? $0.hook) == $0.hook && (query.state ?? $0.state) == $0.state
                    && $0.sequence < query.before ?? .max
            }
            return Array(found.prefix(max(0, query.limit)))
        }
    }

    func revive(_ id: DeliveryID, at now: Date, noting note: AuditDraft?) throws -> Bool {
        try transaction { state in MemoryHookStore.revive(in: &state, at: now) { $0.id == id } > 0 }
    }

    func reviveAll(of hook: HookID, at now: Date) throws -> Int {
        try transaction { state in MemoryHookStore.revive(in: &state, at: now) { $0.hook == hook } }
    }

    func counts() throws -> [Delivery.State: Int] {
        try transaction { state in
            state.deliveries.reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
        }
    }

    func tidy(waitingSince: Date, deliveredBefore: Date, deadBefore: Date, at now: Date) throws -> Int {
        try transaction { state in
            state.deliveries.removeAll { delivery in
                guard let settled = delivery.settledAt else { return false }
                switch delivery.state {
                case .pending: return false
                case .delivered: return settled < deliveredBefore
                case .dead: return settled < deadBefore
                }
            }
            var lost = 0
            for index in state.deliveries.indices
            where state.deliveries[index].state == .pending
                && state.deliveries[index].waitingSince < waitingSince
            {
                state.deliveries[index].state = .dead
                state.deliveries[index].settledAt = now
                state.deliveries[index].lastError =
                    state.deliveries[index].lastError ?? Delivery.waitedTooLong
                lost += 1
            }
            return lost
        }
    }

    private static func insert(_ delivery: Delivery, in state: inout State) {
        var delivery = delivery
        state.sequence += 1
        delivery.sequence = state.sequence
        state.deliveries.append(delivery)
    }

    private static func revive(in state: inout State, at now: Date, _ isWanted: (Delivery) -> Bool) -> Int {
        var count = 0
        for index in state.deliveries.indices
        where state.deliveries[index].state == .dead && isWanted(state.deliveries[index]) {
            state.deliveries[index].revive(at: now)
            count += 1
        }
        return count
    }

    private static func isEarlier(_ a: Delivery, _ b: Delivery) -> Bool {
        (a.nextAttempt, a.sequence) < (b.nextAttempt, b.sequence)
    }
}
