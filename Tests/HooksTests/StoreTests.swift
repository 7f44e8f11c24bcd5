import Foundation
import Hooks
import People
import Testing

/// What every store must do.
@Suite struct StoreTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000.25)

    private func hook(_ second: Double = 0, events: Set<HookEvent.Kind>? = nil, isEnabled: Bool = true)
        -> Webhook
    {
        Webhook(
            url: "https://example.com/\(second)", events: events, isEnabled: isEnabled,
            createdAt: start.addingTimeInterval(second))
    }

    private func event(_ happening: HookEvent.Happening = .test) -> HookEvent {
        HookEvent(happening, show: nil, at: start)
    }

    @Test(arguments: Stores.allCases) func webhooksAreKeptAsTheyAre(_ kind: Stores) throws {
        let store = try kind.make()
        var first = hook(1, events: [.showLive, .feedLost])
        var second = hook(0)
        #expect(try store.keep(first) && store.keep(second))
        #expect(try store.hooks() == [second, first] && store.hook(first.id) == first)
        #expect(try store.hook(.random()) == nil)
        first.secrets.rotate(at: start)
        first.events = []
        first.url = "https://other.example/"
        second.isEnabled = false
        #expect(try store.keep(first) && store.keep(second))
        #expect(try store.hooks() == [second, first])
        #expect(try store.removeHook(first.id) && !store.removeHook(first.id))
        #expect(try store.hooks() == [second])
    }

    @Test(arguments: Stores.allCases) func thereIsABoundOnWebhooks(_ kind: Stores) throws {
        let store = try kind.make()
        var hooks = (0..<Webhook.most).map { hook(Double($0)) }
        for hook in hooks { #expect(try store.keep(hook)) }
        #expect(try !store.keep(hook(1000)))
        hooks[5].isEnabled = false
        #expect(try store.keep(hooks[5]) && store.hooks() == hooks)
        #expect(try store.removeHook(hooks[0].id) && store.keep(hook(1000)))
    }

    @Test(arguments: Stores.allCases) func anEventIsADeliveryForEachThatWantsIt(_ kind: Stores) throws {
        let store = try kind.make()
        let (all, live, off) = (hook(0), hook(1, events: [.showLive]), hook(2, isEnabled: false))
        for hook in [all, live, off] { #expect(try store.keep(hook)) }
        let told = event(.live)
        #expect(try store.append(told, at: start, waitingLimit: 10) == HookReceipt(accepted: 2, dropped: []))
        #expect(try store.append(event(.ended), at: start, waitingLimit: 10).accepted == 1)
        let ofAll = try store.deliveries(DeliveryQuery(hook: all.id))
        #expect(ofAll.map(\.event) == ["show.ended", "show.live"])
        let delivery = try #require(try store.deliveries(DeliveryQuery(hook: live.id)).first)
        #expect(try delivery.body == told.body() && delivery.state == .pending && delivery.attempt == 0)
        #expect(delivery.nextAttempt == start && delivery.createdAt == start && delivery.settledAt == nil)
        #expect(try store.delivery(delivery.id) == delivery && delivery.sequence > 0)
        #expect(try store.deliveries(DeliveryQuery(hook: off.id)).isEmpty)
        #expect(Set(try store.deliveries(DeliveryQuery()).map(\.id)).count == 3)
    }

    @Test(arguments: Stores.allCases) func whatWaitsForOneIsBounded(_ kind: Stores) throws {
        let store = try kind.make()
        let (full, other) = (hook(0), hook(1))
        #expect(try store.keep(full))
        for _ in 0..<3 { #expect(try store.append(event(), at: start, waitingLimit: 3).dropped.isEmpty) }
        #expect(try store.keep(other))
        #expect(
            try store.append(event(), at: start, waitingLimit: 3)
                == HookReceipt(accepted: 1, dropped: [full.id]))
        let first = try #require(try store.deliveries(DeliveryQuery(hook: full.id)).last)
        var settled = first
        settled.state = .delivered
        settled.settledAt = start
        try store.settle(settled)
        #expect(
            try store.append(event(), at: start, waitingLimit: 3) == HookReceipt(accepted: 2, dropped: []))
    }

    @Test(arguments: Stores.allCases) func theEarliestOfEachIsDue(_ kind: Stores) throws {
        let store = try kind.make()
        let (a, b, off) = (hook(0), hook(1), hook(2))
        for hook in [a, b, off] { #expect(try store.keep(hook)) }
        func add(_ hook: Webhook, _ second: Double) throws -> DeliveryID {
            let delivery = try Delivery(event(), to: hook.id, at: start.addingTimeInterval(second))
            #expect(try store.add(delivery))
            return delivery.id
        }
        _ = try add(a, 20)
        let firstOfA = try add(a, 10)
        let firstOfB = try add(b, 5)
        _ = try add(b, 5)
        _ = try add(off, 1)
        var disabled = off
        disabled.isEnabled = false
        #expect(try store.keep(disabled))
        func due(_ second: Double, except: Set<HookID> = [], limit: Int = 10) throws -> [DeliveryID] {
            try store.due(at: start.addingTimeInterval(second), except: except, limit: limit).map(
                \.delivery.id)
        }
        #expect(try due(4).isEmpty)
        #expect(
            try due(5) == [firstOfB] && due(30) == [firstOfB, firstOfA] && due(30, limit: 1) == [firstOfB])
        #expect(try due(30, except: [b.id]) == [firstOfA] && due(30, except: [a.id, b.id]).isEmpty)
        #expect(try store.due(at: start.addingTimeInterval(5), except: [], limit: 1).first?.hook == b)
        #expect(try store.nextDue(except: []) == start.addingTimeInterval(5))
        #expect(try store.nextDue(except: [b.id]) == start.addingTimeInterval(10))
        #expect(try store.nextDue(except: [a.id, b.id]) == nil)
    }

    @Test(arguments: Stores.allCases) func attemptsAreWrittenDown(_ kind: Stores) throws {
        let store = try kind.make()
        let hook = hook()
        #expect(try store.keep(hook) && store.append(event(), at: start, waitingLimit: 9).accepted == 1)
        var delivery = try #require(try store.deliveries(DeliveryQuery()).first)
        delivery.attempt = 3
        delivery.nextAttempt = start.addingTimeInterval(90)
        delivery.lastStatus = 503
        delivery.lastError = "the receiver answered 503"
        try store.settle(delivery)
        #expect(try store.delivery(delivery.id) == delivery)
        #expect(try store.nextDue(except: []) == delivery.nextAttempt)
        delivery.state = .dead
        delivery.lastStatus = nil
        delivery.settledAt = start.addingTimeInterval(91)
        try store.settle(delivery)
        #expect(try store.delivery(delivery.id) == delivery && store.nextDue(except: []) == nil)
        // What is gone stays gone.
        #expect(try store.removeHook(hook.id))
        try store.settle(delivery)
        #expect(try store.delivery(delivery.id) == nil && !store.add(delivery))
        #expect(try store.counts().isEmpty)
    }

    @Test(arguments: Stores.allCases) func deliveriesAreListedFromTheNewest(_ kind: Stores) throws {
        let store = try kind.make()
        let (a, b) = (hook(0), hook(1))
        #expect(try store.keep(a) && store.keep(b))
        for _ in 0..<5 { _ = try store.append(event(), at: start, waitingLimit: 99) }
        var seen: [Int] = []
        var query = DeliveryQuery(hook: a.id, limit: 2)
        while true {
            let page = try store.deliveries(query)
            seen += page.map(\.sequence)
            guard let last = page.last else { break }
            query.before = last.sequence
        }
        #expect(seen.count == 5 && seen == seen.sorted(by: >))
        #expect(try store.deliveries(DeliveryQuery(limit: 100)).count == 10)
        #expect(try store.deliveries(DeliveryQuery(state: .dead)).isEmpty)
        #expect(try store.deliveries(DeliveryQuery(limit: 0)).isEmpty)
        #expect(try store.deliveries(DeliveryQuery(state: .pending, limit: 3)).count == 3)
    }

    @Test(arguments: Stores.allCases) func theDeadAreSentAgain(_ kind: Stores) throws {
        let store = try kind.make()
        let hook = hook()
        #expect(try store.keep(hook))
        for _ in 0..<3 { _ = try store.append(event(), at: start, waitingLimit: 99) }
        let all = try store.deliveries(DeliveryQuery())
        for var delivery in all.dropFirst() {
            delivery.state = .dead
            delivery.attempt = 12
            delivery.lastError = "no answer in time"
            delivery.settledAt = start
            try store.settle(delivery)
        }
        let later = start.addingTimeInterval(100)
        #expect(try !store.revive(all[0].id, at: later) && !store.revive(.random(), at: later))
        #expect(try store.revive(all[1].id, at: later) && !store.revive(all[1].id, at: later))
        let revived = try #require(try store.delivery(all[1].id))
        #expect(revived.state == .pending && revived.attempt == 0 && revived.nextAttempt == later)
        #expect(revived.waitingSince == later && revived.createdAt == start && revived.settledAt == nil)
        #expect(try store.counts() == [.pending: 2, .dead: 1])
        #expect(
            try store.reviveAll(of: hook.id, at: later) == 1 && store.reviveAll(of: hook.id, at: later) == 0)
        #expect(try store.counts() == [.pending: 3])
    }

    @Test(arguments: Stores.allCases) func oldRecordsGo(_ kind: Stores) throws {
        let store = try kind.make()
        #expect(try store.keep(hook()))
        func add(_ state: Delivery.State, _ second: Double) throws -> DeliveryID {
            let at = start.addingTimeInterval(second)
            let delivery = Delivery(
                hook: try #require(try store.hooks().first).id, event: "webhook.test", body: "{}",
                nextAttempt: at.addingTimeInterval(1000), state: state, createdAt: at,
                settledAt: state == .pending ? nil : at)
            #expect(try store.add(delivery))
            return delivery.id
        }
        let (oldWaiting, newWaiting) = (try add(.pending, 9), try add(.pending, 10))
        let (oldDelivered, newDelivered) = (try add(.delivered, 19), try add(.delivered, 20))
        let (oldDead, newDead) = (try add(.dead, 29), try add(.dead, 30))
        let now = start.addingTimeInterval(50)
        func tidy() throws -> Int {
            try store.tidy(
                waitingSince: start.addingTimeInterval(10), deliveredBefore: start.addingTimeInterval(20),
                deadBefore: start.addingTimeInterval(30), at: now)
        }
        #expect(try tidy() == 1 && tidy() == 0)
        let lost = try #require(try store.delivery(oldWaiting))
        #expect(lost.state == .dead && lost.settledAt == now && lost.lastError == Delivery.waitedTooLong)
        #expect(try store.delivery(newWaiting)?.state == .pending)
        #expect(try store.delivery(oldDelivered) == nil && store.delivery(newDelivered) != nil)
        #expect(try store.delivery(oldDead) == nil && store.delivery(newDead) != nil)
    }
}
