import Foundation
import Hooks
import Outbound
import People
import Testing

@Suite struct DeliveryTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)
    private let backoff = Backoff(jitter: 0, attempts: 3)

    private func fresh() throws -> Delivery {
        try Delivery(HookEvent(.test, show: nil, at: start), to: .random(), at: start)
    }

    @Test(arguments: [200, 201, 202, 204, 299])
    func anyTwoHundredIsADelivery(_ status: Int) throws {
        let now = start.addingTimeInterval(1)
        let settled = try fresh().after(
            .answered(status: status, retryAfter: nil), at: now, backoff: backoff, chance: 0.5)
        #expect(settled.state == .delivered && settled.attempt == 1 && settled.lastStatus == status)
        #expect(settled.lastError == nil && settled.settledAt == now)
    }

    @Test(arguments: [100, 301, 302, 400, 401, 404, 408, 429, 500, 503])
    func everythingElseIsTriedAgainUntilTheAttemptsAreUsedUp(_ status: Int) throws {
        var delivery = try fresh()
        for (attempt, wait) in [(1, 10.0), (2, 30.0)] {
            delivery = delivery.after(
                .answered(status: status, retryAfter: nil), at: start, backoff: backoff, chance: 0.5)
            #expect(delivery.state == .pending && delivery.attempt == attempt && delivery.settledAt == nil)
            #expect(delivery.nextAttempt == start.addingTimeInterval(wait) && delivery.lastStatus == status)
        }
        delivery = delivery.after(
            .failed(reason: "no answer in time", isFinal: false), at: start, backoff: backoff, chance: 0.5)
        #expect(delivery.state == .dead && delivery.attempt == 3 && delivery.settledAt == start)
        #expect(delivery.lastStatus == nil && delivery.lastError == "no answer in time")
        delivery.revive(at: start.addingTimeInterval(60))
        #expect(delivery.state == .pending && delivery.attempt == 0 && delivery.settledAt == nil)
        #expect(delivery.nextAttempt == start.addingTimeInterval(60) && delivery.createdAt == start)
    }

    @Test func whatIsFinalIsNotTriedAgain() throws {
        for outcome in [
            Delivery.Outcome.answered(status: 410, retryAfter: .seconds(1)),
            .failed(reason: "refused", isFinal: true),
        ] {
            let settled = try fresh().after(outcome, at: start, backoff: backoff, chance: 0.5)
            #expect(settled.state == .dead && settled.attempt == 1 && settled.lastError != nil)
        }
    }

    @Test func theReceiverMayAskForTime() throws {
        let settled = try fresh().after(
            .answered(status: 429, retryAfter: .seconds(600)), at: start, backoff: backoff, chance: 0.5)
        #expect(settled.nextAttempt == start.addingTimeInterval(600))
    }

    @Test func aHookWantsWhatItHasChosen() {
        var hook = Webhook(url: "https://example.com/", events: [.showLive], createdAt: start)
        #expect(hook.wants(.showLive) && !hook.wants(.showEnded))
        hook.events = nil
        #expect(HookEvent.Kind.allCases.allSatisfy(hook.wants))
        hook.isEnabled = false
        #expect(!hook.wants(.showLive))
    }
}
