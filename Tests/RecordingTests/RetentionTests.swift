import Media
import Recording
import Testing

@Suite struct RetentionTests {
    private static let day: Int64 = 86_400_000
    private static let gigabyte = 1 << 30

    private func item(_ name: String, _ gigabytes: Int, days: Int64, isLive: Bool = false)
        -> RetentionRules.Item
    {
        .init(
            show: ShowID(name)!, bytes: gigabytes * Self.gigabyte, ended: 1000 * Self.day - days * Self.day,
            isLive: isLive)
    }

    private func rules(days: Int? = nil, gigabytes: Int = 100, floor: Int = 0) -> RetentionRules {
        var limits = RetentionRules.Limits()
        (limits.keepDays, limits.maximumBytes, limits.floor) = (
            days, gigabytes * Self.gigabyte, floor * Self.gigabyte
        )
        return RetentionRules(limits: limits)
    }

    private let now = 1000 * RetentionTests.day

    @Test func theOldestGoesFirstAndIsAnnounced() {
        var rules = rules(gigabytes: 10)
        let items = [item("new", 4, days: 1), item("old", 4, days: 9), item("middle", 4, days: 5)]
        let old = ShowID("old")!
        let first = rules.decide(items, free: nil, unixMilliseconds: now)
        #expect(first == [.near(used: 12 * Self.gigabyte), .announce(old, .size)])
        #expect(rules.decide(items, free: nil, unixMilliseconds: now) == [.delete(old, .size)])
        #expect(rules.decide(Array(items.filter { $0.show != old }), free: nil, unixMilliseconds: now) == [])
    }

    @Test func nineTenthsAreTold() {
        var rules = rules(gigabytes: 10)
        #expect(
            rules.decide([item("a", 9, days: 0)], free: nil, unixMilliseconds: now)
                == [.near(used: 9 * Self.gigabyte)])
        #expect(rules.decide([item("a", 9, days: 0)], free: nil, unixMilliseconds: now) == [])
        #expect(rules.decide([item("a", 7, days: 0)], free: nil, unixMilliseconds: now) == [])
        #expect(
            rules.decide([item("a", 9, days: 0)], free: nil, unixMilliseconds: now)
                == [.near(used: 9 * Self.gigabyte)])
    }

    @Test func ageIsWarnedOfThenAnnouncedThenDeleted() {
        var rules = rules(days: 30)
        let show = ShowID("a")!
        #expect(rules.decide([item("a", 1, days: 26)], free: nil, unixMilliseconds: now) == [])
        #expect(rules.decide([item("a", 1, days: 28)], free: nil, unixMilliseconds: now) == [.ageing(show)])
        #expect(rules.decide([item("a", 1, days: 29)], free: nil, unixMilliseconds: now) == [])
        #expect(
            rules.decide([item("a", 1, days: 30)], free: nil, unixMilliseconds: now) == [
                .announce(show, .age)
            ])
        #expect(
            rules.decide([item("a", 1, days: 30)], free: nil, unixMilliseconds: now) == [.delete(show, .age)])
    }

    @Test func whatIsOnAirIsNeverDeleted() {
        var rules = rules(days: 1, gigabytes: 1, floor: 50)
        let live = [item("live", 40, days: 300, isLive: true)]
        let first = rules.decide(live, free: 0, unixMilliseconds: now)
        #expect(first == [.near(used: 40 * Self.gigabyte), .helpless(.size)])
        for _ in 0..<5 { #expect(rules.decide(live, free: 0, unixMilliseconds: now) == []) }
    }

    @Test func theFloorTakesTheOldest() {
        var rules = rules(floor: 5)
        let items = [item("a", 3, days: 3), item("b", 3, days: 2), item("c", 3, days: 1)]
        #expect(
            rules.decide(items, free: Self.gigabyte, unixMilliseconds: now)
                == [.announce(ShowID("a")!, .room), .announce(ShowID("b")!, .room)])
        // Somebody has made room: nothing goes, and what was announced has to be announced again.
        #expect(rules.decide(items, free: 9 * Self.gigabyte, unixMilliseconds: now) == [])
        #expect(
            rules.decide(items, free: 4 * Self.gigabyte, unixMilliseconds: now)
                == [.announce(ShowID("a")!, .room)])
    }

    /// Whatever comes: nothing unannounced, nothing live, and no more than is needed.
    @Test(arguments: 1...50) func chance(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var rules = rules(days: 20 + random(30), gigabytes: 20 + random(80), floor: random(20))
        var items = (0..<12).map {
            item("s\($0)", 1 + random(12), days: Int64(random(60)), isLive: random(5) == 0)
        }
        var announced: Set<ShowID> = []
        for _ in 0..<20 {
            var next: Set<ShowID> = []
            for step in rules.decide(items, free: random(40) * Self.gigabyte, unixMilliseconds: now) {
                switch step {
                case .announce(let show, _): next.insert(show)
                case .delete(let show, _):
                    #expect(announced.contains(show))
                    #expect(items.first { $0.show == show }?.isLive == false)
                    items.removeAll { $0.show == show }
                default: break
                }
            }
            announced = next
        }
    }
}
