// In: events. Out: messages to the webhooks that want them. An event is a delivery for each of them in the store first, and
// stays there until the receiver has answered or it is given up: a restart loses nothing, and what was under way is sent
// again under the same name. Nobody who emits waits for a receiver. Attempts are bounded in all and one for each webhook;
// what waits is bounded for each webhook (newer events are dropped then, counted and told in the log).

import CoreMetrics
package import Foundation
package import Logging
import NIOPosix
package import Outbound
package import People
import ServiceLifecycle
import Synchronization

package final class HookDispatcher: Service {
    private struct State {
        var desk: DeliveryDesk
        var mailbox: [(event: HookEvent, at: Date)] = []
        var isStopping = false
        /// The store failed the last time: the next failure is no news.
        var isStoreBroken = false
    }

    let store: any HookStore
    let courier: HookCourier
    let settings: HookSettings
    let logger: Logger
    let metrics = HookMetrics()
    private let clock: @Sendable () -> Date
    private let bell = Bell()
    private let state: Mutex<State>

    /// How often old records are deleted and the gauges are set; and the longest sleep.
    private static let sweep = Duration.seconds(60)
    /// More webhooks are not looked at in one round.
    private static let round = 256

    /// `clock`: the date, for what is stored and signed.
    package init(
        store: any HookStore, client: OutboundClient, settings: HookSettings = HookSettings(),
        clock: @escaping @Sendable () -> Date = { Date() }, logger: Logger
    ) {
        self.store = store
        courier = HookCourier(client: client, deadline: settings.deadline)
        self.settings = settings
        self.clock = clock
        self.logger = logger
        state = Mutex(State(desk: DeliveryDesk(parallel: settings.parallel, rule: settings.breaker)))
    }

    /// Tells the webhooks that want it, for sure: when it returns, the deliveries are on disk.
    @discardableResult package func emit(_ event: HookEvent) async throws -> HookReceipt {
        try await record(event, at: clock())
    }

    /// The same from where nobody can wait: the event is on disk a moment later, and is lost where the process dies
    /// before. Bound, when full, counter: `mailboxLimit`, the event is dropped, `shopcast_webhook_dropped_total`.
    package func post(_ event: HookEvent) {
        let isTaken = state.withLock { state in
            guard state.mailbox.count < settings.mailboxLimit else { return false }
            state.mailbox.append((event, clock()))
            return true
        }
        guard isTaken else {
            metrics.dropped.increment()
            return
        }
        bell.ring()
    }

    /// Looks for what is due at once: deliveries were appended by another transaction.
    package func wake() {
        bell.ring()
    }

    /// Sends `webhook.test` now, once, whether the webhook is enabled or not, and keeps what came of it; nil where there
    /// is no such webhook.
    package func sendTest(to id: HookID) async throws -> Delivery? {
        guard let hook = try await onDisk({ [store] in try store.hook(id) }) else { return nil }
        let now = clock()
        // One attempt, whatever comes of it.
        let once = Backoff(attempts: 1)
        let fresh = try Delivery(HookEvent(.test, show: nil, at: now), to: id, at: now)
        let outcome = await courier.take(fresh, to: hook, at: now)
        let cancelled = Delivery.Outcome.failed(reason: "the server is stopping", isFinal: true)
        let settled = fresh.after(outcome ?? cancelled, at: clock(), backoff: once, chance: 0)
        count(settled)
        if settled.state == .delivered { trust(id) }
        return try await onDisk { [store] in
            guard try store.add(settled) else { return nil }
            return try store.delivery(settled.id)
        }
    }

    /// Sends a dead delivery again, from its first attempt on; false where it is not dead.
    package func resend(_ id: DeliveryID, noting note: AuditDraft? = nil) async throws -> Bool {
        let now = clock()
        let hook = try await onDisk { [store] in
            try store.revive(id, at: now, noting: note) ? try store.delivery(id)?.hook : nil
        }
        guard let hook else { return false }
        trust(hook)
        return true
    }

    /// Sends all dead deliveries of a webhook again; returns how many.
    package func resendAll(of hook: HookID) async throws -> Int {
        let now = clock()
        let count = try await onDisk { [store] in try store.reviveAll(of: hook, at: now) }
        trust(hook)
        return count
    }

    private func trust(_ hook: HookID) {
        state.withLock { $0.desk.trust(hook) }
        bell.ring()
    }

    /// Sends until graceful shutdown. Attempts that are under way may end then; what they leave is sent after the next
    /// start.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                var nextSweep = ContinuousClock.now
                while !state.withLock({ $0.isStopping }), !Task.isCancelled {
                    let wait: Duration
                    do {
                        try await emptyMailbox()
                        if ContinuousClock.now >= nextSweep {
                            try await tidy()
                            nextSweep = .now + HookDispatcher.sweep
                        }
                        for due in try await choose() {
                            group.addTask { [self] in await attempt(due) }
                        }
                        wait = try await pause()
                        storeWorks()
                    } catch {
                        storeFails(error)
                        wait = .seconds(2)
                    }
                    await bell.wait(atMost: wait)
                }
                await finish()
                group.cancelAll()
            }
        } onGracefulShutdown: { [self] in
            state.withLock { $0.isStopping = true }
            bell.ring()
        }
    }

    private func emptyMailbox() async throws {
        while let next = state.withLock({ $0.mailbox.first }) {
            try await record(next.event, at: next.at)
            // It is taken out when it is on disk. Only this task takes out.
            state.withLock { _ = $0.mailbox.removeFirst() }
        }
    }

    @discardableResult private func record(_ event: HookEvent, at now: Date) async throws -> HookReceipt {
        let limit = settings.waitingLimit
        let receipt = try await onDisk { [store] in
            try store.append(event, at: now, waitingLimit: limit)
        }
        for hook in receipt.dropped {
            metrics.dropped.increment()
            logger.warning(
                "webhook is not told: too much waits for it",
                metadata: ["hook": "\(hook)", "event": "\(event.kind.rawValue)", "waiting": "\(limit)"])
        }
        if receipt.accepted > 0 { bell.ring() }
        return receipt
    }

    /// What is to be tried now, marked as under way.
    private func choose() async throws -> [DueDelivery] {
        let closed = state.withLock { $0.desk.closed(at: .now) }
        let now = clock()
        let due = try await onDisk { [store] in
            try store.due(at: now, except: closed, limit: HookDispatcher.round)
        }
        let chosen = state.withLock { $0.desk.choose(from: due.map(\.hook.id), at: .now) }
        return due.filter { chosen.contains($0.hook.id) }
    }

    /// How long nothing needs to be done.
    private func pause() async throws -> Duration {
        let (closed, isFull, opening) = state.withLock {
            ($0.desk.closed(at: .now), $0.desk.busy.count >= settings.parallel, $0.desk.wakes())
        }
        // The end of an attempt rings.
        guard !isFull else { return HookDispatcher.sweep }
        var wait = HookDispatcher.sweep
        if let next = try await onDisk({ [store] in try store.nextDue(except: closed) }) {
            wait = min(wait, .seconds(max(next.timeIntervalSince(clock()), 0.001)))
        }
        if let opening { wait = min(wait, max(opening - .now, .milliseconds(1))) }
        return wait
    }

    private func attempt(_ due: DueDelivery) async {
        let (delivery, hook) = (due.delivery, due.hook)
        var verdict = DeliveryDesk.Verdict.abandoned
        if let outcome = await courier.take(delivery, to: hook, at: clock()) {
            let settled = delivery.after(
                outcome, at: clock(), backoff: settings.backoff, chance: .random(in: 0...1))
            verdict = outcome.isTrouble ? .trouble : .fine
            count(settled)
            tell(settled, of: hook)
            do {
                try await onDisk { [store] in try store.settle(settled) }
            } catch {
                verdict = .unrecorded
                storeFails(error)
            }
        }
        state.withLock { $0.desk.finish(hook.id, verdict, at: .now) }
        bell.ring()
    }

    private func count(_ delivery: Delivery) {
        (delivery.state == .delivered ? metrics.delivered : metrics.failed).increment()
        if delivery.state == .dead { metrics.dead.increment() }
    }

    /// The path of an address may be a secret, so the log has its host only.
    private func tell(_ delivery: Delivery, of hook: Webhook) {
        var facts: Logger.Metadata = [
            "hook": "\(hook.id)", "delivery": "\(delivery.id)", "event": "\(delivery.event)",
            "attempt": "\(delivery.attempt)",
        ]
        if let authority = try? hook.target().authority { facts["host"] = "\(authority)" }
        if let error = delivery.lastError { facts["reason"] = "\(error)" }
        switch delivery.state {
        case .delivered: logger.debug("webhook told", metadata: facts)
        case .pending: logger.info("webhook could not be told; it is tried again", metadata: facts)
        case .dead: logger.warning("webhook could not be told; the delivery was given up", metadata: facts)
        }
    }

    private func tidy() async throws {
        let now = clock()
        let (waiting, delivered, dead) = (
            now.addingTimeInterval(-settings.longestWait), now.addingTimeInterval(-settings.keepDelivered),
            now.addingTimeInterval(-settings.keepDead)
        )
        let (lost, counts, hooks) = try await onDisk { [store] in
            let lost = try store.tidy(
                waitingSince: waiting, deliveredBefore: delivered, deadBefore: dead, at: now)
            return (lost, try store.counts(), try store.hooks().map(\.id))
        }
        if lost > 0 {
            metrics.dead.increment(by: lost)
            logger.warning(
                "webhook deliveries waited too long and were given up", metadata: ["count": "\(lost)"])
        }
        metrics.show(counts)
        state.withLock { $0.desk.keepOnly(Set(hooks)) }
    }

    /// Stores what was posted, and waits a little for what is under way.
    private func finish() async {
        do { try await emptyMailbox() } catch { storeFails(error) }
        let end = ContinuousClock.now + settings.grace
        while state.withLock({ !$0.desk.busy.isEmpty }), ContinuousClock.now < end, !Task.isCancelled {
            await bell.wait(atMost: end - .now)
        }
    }

    private func storeFails(_ error: any Error) {
        // The server is stopping: it says nothing of the store.
        guard !(error is CancellationError) else { return }
        let isNews = state.withLock { state in
            defer { state.isStoreBroken = true }
            return !state.isStoreBroken
        }
        logger.log(
            level: isNews ? .error : .debug, "webhooks cannot be read or written",
            metadata: ["error": "\(error)"])
    }

    private func storeWorks() {
        state.withLock { $0.isStoreBroken = false }
    }

    /// The store waits for the disk: not on the cooperative pool.
    private func onDisk<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(work)
    }
}
