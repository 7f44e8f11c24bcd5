import Outbound
import Testing

@Suite struct RetryTests {
    @Test func waitsGrowToTheLongest() {
        let backoff = Backoff()
        let waits = (1...12).map { backoff.delay(after: $0, chance: 0.5)?.components.seconds }
        #expect(waits == [10, 30, 90, 270, 810, 2430, 7290, 21600, 21600, 21600, 21600, nil])
        let hours = waits.compactMap { $0 }.reduce(0, +) / 3600
        #expect(hours == 27)
    }

    @Test func chanceSpreadsThem() {
        let backoff = Backoff()
        #expect(backoff.delay(after: 1, chance: 0) == .seconds(8))
        #expect(backoff.delay(after: 1, chance: 1) == .seconds(12))
        #expect(backoff.delay(after: 1, chance: 7) == .seconds(12))
        #expect(Backoff(jitter: 0).delay(after: 2, chance: 1) == .seconds(30))
    }

    @Test func theOtherSidesWishLengthens() {
        let backoff = Backoff()
        #expect(backoff.delay(after: 1, chance: 0.5, asked: .seconds(100)) == .seconds(100))
        #expect(backoff.delay(after: 4, chance: 0.5, asked: .seconds(1)) == .seconds(270))
        #expect(backoff.delay(after: 1, chance: 0.5, asked: .seconds(1 << 40)) == .seconds(21600))
        #expect(backoff.delay(after: 12, chance: 0.5, asked: .seconds(1)) == nil)
    }

    @Test func hugeCountsDoNoHarm() {
        let backoff = Backoff(attempts: .max)
        #expect(backoff.delay(after: 1_000_000, chance: 0.5) == .seconds(21600))
        #expect(Backoff(attempts: 1).delay(after: 1, chance: 0.5) == nil)
    }

    private let start = ContinuousClock.now
    private let rule = CircuitBreaker.Rule(threshold: 3, pause: .seconds(10), longest: .seconds(25))

    @Test func failuresInARowOpenIt() {
        var breaker = CircuitBreaker(rule: rule)
        func admits(_ time: ContinuousClock.Instant) -> Bool { breaker.admits(at: time) }
        for _ in 0..<2 {
            #expect(admits(start))
            breaker.fail(at: start)
        }
        breaker.succeed()
        for _ in 0..<3 {
            #expect(admits(start))
            breaker.fail(at: start)
        }
        #expect(!admits(start) && !breaker.isClosed)
        #expect(breaker.opensAt == start + .seconds(10))
        #expect(!admits(start + .seconds(9)))
    }

    @Test func oneProbeDecides() {
        var breaker = opened()
        func admits(_ time: ContinuousClock.Instant) -> Bool { breaker.admits(at: time) }
        #expect(admits(start + .seconds(10)))
        #expect(!admits(start + .seconds(11)))
        breaker.succeed()
        #expect(breaker.isClosed && admits(start + .seconds(11)))

        breaker = opened()
        #expect(admits(start + .seconds(10)))
        breaker.fail(at: start + .seconds(12))
        #expect(breaker.opensAt == start + .seconds(32))
        #expect(admits(start + .seconds(32)))
        breaker.fail(at: start + .seconds(32))
        // No longer than the longest.
        #expect(breaker.opensAt == start + .seconds(57))
    }

    @Test func aProbeWithoutAnEndIsRepeated() {
        var breaker = opened()
        func admits(_ time: ContinuousClock.Instant) -> Bool { breaker.admits(at: time) }
        #expect(admits(start + .seconds(10)))
        breaker.abandon(at: start + .seconds(11))
        #expect(admits(start + .seconds(11)))
        // Late failures of calls from before move nothing.
        var other = opened()
        other.fail(at: start + .seconds(5))
        #expect(other.opensAt == start + .seconds(10))
    }

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker(rule: rule)
        for _ in 0..<3 {
            _ = breaker.admits(at: start)
            breaker.fail(at: start)
        }
        return breaker
    }
}
