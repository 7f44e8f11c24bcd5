import Load
import Testing

struct DistributionTests {
    @Test func percentilesAreValuesThatWereNoted() {
        var values = Distribution(step: 0.001)
        #expect(values.percentile(0.5) == nil)
        for number in 1...100 { values.note(Double(number) / 100) }
        #expect(values.percentile(0.5) == 0.5)
        #expect(abs((values.percentile(0.95) ?? 0) - 0.95) < 1e-9)
        #expect(values.percentile(1) == 1)
        #expect(values.percentile(0) == 0.01)
    }

    @Test func sumsAreWhatOneWouldHaveCounted() {
        var all = Distribution(step: 0.01)
        var parts = [Distribution(step: 0.01), Distribution(step: 0.01)]
        for number in 0..<1000 {
            let value = Double(number * 7919 % 1000) / 50
            all.note(value)
            parts[number % 2].note(value)
        }
        var sum = Distribution(step: 0.01)
        parts.forEach { sum.add($0) }
        #expect(sum == all)
    }

    @Test func valuesBeyondSenseAreBounded() {
        var values = Distribution(step: 0.001)
        for value in [-5, .infinity, -.infinity, 1e300] { values.note(value) }
        #expect(values.percentile(0.5) == 0)
        #expect(values.percentile(1) == 100)
    }
}
