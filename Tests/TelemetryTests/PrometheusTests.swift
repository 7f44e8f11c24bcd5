import CoreMetrics
import Logging
import Telemetry
import Testing

@Suite struct PrometheusTests {
    @Test func rendersEveryKindOnce() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "shopcast_requests", dimensions: [("kind", "part")]).increment(
            by: Int64(2))
        registry.makeCounter(label: "shopcast_requests", dimensions: [("kind", "part")]).increment(
            by: Int64(3))
        registry.makeCounter(label: "shopcast_requests", dimensions: [("kind", "a\"b\\c\nd")]).increment(
            by: Int64(1))
        registry.makeMeter(label: "shopcast.viewers", dimensions: []).set(Int64(7))
        let delay = registry.makeRecorder(
            label: "shopcast_delay_milliseconds", dimensions: [], aggregate: true)
        for value in [0.5, 3, 30_000] { delay.record(value) }
        let text = registry.render()
        #expect(text.contains("# TYPE shopcast_requests counter\n"))
        #expect(text.contains("shopcast_requests{kind=\"part\"} 5\n"))
        #expect(text.contains("shopcast_requests{kind=\"a\\\"b\\\\c\\nd\"} 1\n"))
        #expect(text.contains("shopcast_viewers 7\n"))
        #expect(text.contains("shopcast_delay_milliseconds_bucket{le=\"1\"} 1\n"))
        #expect(text.contains("shopcast_delay_milliseconds_bucket{le=\"5\"} 2\n"))
        #expect(text.contains("shopcast_delay_milliseconds_bucket{le=\"+Inf\"} 3\n"))
        #expect(text.contains("shopcast_delay_milliseconds_count 3\n"))
        #expect(text.components(matching: "# TYPE shopcast_requests ") == 1)
    }

    @Test func aNameOfAnotherKindDoesNotCrash() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "x", dimensions: []).increment(by: Int64(1))
        registry.makeMeter(label: "x", dimensions: []).set(Int64(9))
        #expect(registry.render().contains("x 1\n"))
    }
}

extension String {
    fileprivate func components(matching part: String) -> Int {
        var count = 0
        var rest = Substring(self)
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
