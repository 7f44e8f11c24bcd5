import Hooks
import Outbound
import People
import Testing

@Suite struct DeskTests {
    private let start = ContinuousClock.now
    private let rule = CircuitBreaker.Rule(threshold: 2, pause: .seconds(30), longest: .seconds(60))
    private let hooks = (0..<8).map { _ in HookID.random() }

    @Test func oneAttemptForEachAndSoManyInAll() {
        var desk = DeliveryDesk(parallel: 3, rule: rule)
        func choose(_ hooks: [HookID], _ time: ContinuousClock.Instant) -> Set<HookID> {
            desk.choose(from: hooks, at: time)
        }
        let chosen = choose(hooks, start)
        #expect(chosen == Set(hooks.prefix(3)) && desk.busy == chosen)
        #expect(choose(hooks, start).isEmpty)
        desk.finish(hooks[1], .fine, at: start)
        #expect(choose([hooks[0], hooks[1]], start) == [hooks[1]])
        #expect(desk.closed(at: start) == chosen)
    }

    @Test func thoseInTroubleHaveHalfOfTheRoom() {
        var desk = DeliveryDesk(parallel: 4, rule: rule)
        func choose(_ hooks: [HookID], _ time: ContinuousClock.Instant) -> Set<HookID> {
            desk.choose(from: hooks, at: time)
        }
        let (bad, good) = (hooks.prefix(4), hooks.suffix(4))
        #expect(choose(Array(bad), start).count == 4)
        for hook in bad { desk.finish(hook, .trouble, at: start) }
        // However long they have been waiting at the front.
        let chosen = choose(hooks, start)
        #expect(
            chosen.count == 4 && chosen.intersection(bad).count == 2 && chosen.intersection(good).count == 2)
        for hook in chosen.intersection(good) { desk.finish(hook, .fine, at: start) }
        #expect(choose(Array(bad), start).isEmpty)
        #expect(choose(Array(good), start).count == 2)
    }

    @Test func whoFailsInARowIsLeftAlone() {
        var desk = DeliveryDesk(parallel: 4, rule: rule)
        func choose(_ hooks: [HookID], _ time: ContinuousClock.Instant) -> Set<HookID> {
            desk.choose(from: hooks, at: time)
        }
        for _ in 0..<2 {
            #expect(choose([hooks[0]], start) == [hooks[0]])
            desk.finish(hooks[0], .trouble, at: start)
        }
        #expect(desk.closed(at: start) == [hooks[0]] && desk.wakes() == start + .seconds(30))
        #expect(choose([hooks[0]], start + .seconds(29)).isEmpty)
        #expect(desk.closed(at: start + .seconds(30)).isEmpty)
        // One probe; its failure doubles the pause, its success ends it.
        #expect(choose([hooks[0]], start + .seconds(30)) == [hooks[0]])
        desk.finish(hooks[0], .trouble, at: start + .seconds(31))
        #expect(desk.wakes() == start + .seconds(91))
        #expect(choose([hooks[0]], start + .seconds(91)) == [hooks[0]])
        desk.finish(hooks[0], .fine, at: start + .seconds(91))
        #expect(desk.wakes() == nil && desk.closed(at: start).isEmpty)
    }

    @Test func anOperatorOpensTheWay() {
        var desk = DeliveryDesk(parallel: 4, rule: rule)
        func choose(_ hooks: [HookID], _ time: ContinuousClock.Instant) -> Set<HookID> {
            desk.choose(from: hooks, at: time)
        }
        for _ in 0..<2 {
            _ = choose([hooks[0]], start)
            desk.finish(hooks[0], .trouble, at: start)
        }
        desk.trust(hooks[0])
        #expect(choose([hooks[0]], start) == [hooks[0]])
        // What is under way is not forgotten.
        desk.trust(hooks[0])
        desk.keepOnly([])
        #expect(desk.busy == [hooks[0]])
    }

    @Test func whatCouldNotBeWrittenDownWaits() {
        var desk = DeliveryDesk(parallel: 4, rule: rule)
        func choose(_ hooks: [HookID], _ time: ContinuousClock.Instant) -> Set<HookID> {
            desk.choose(from: hooks, at: time)
        }
        _ = choose([hooks[0]], start)
        desk.finish(hooks[0], .unrecorded, at: start)
        #expect(desk.closed(at: start) == [hooks[0]] && desk.wakes() == start + DeliveryDesk.hold)
        #expect(choose([hooks[0]], start).isEmpty)
        #expect(choose([hooks[0]], start + DeliveryDesk.hold) == [hooks[0]])
        desk.finish(hooks[0], .abandoned, at: start)
        #expect(choose([hooks[0]], start) == [hooks[0]])
    }
}
