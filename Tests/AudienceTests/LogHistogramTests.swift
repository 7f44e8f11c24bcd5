import Audience
import Testing

@Suite struct LogHistogramTests {
    @Test func everyValueLiesInsideItsStep() {
        for value in [0, 15, 16, 17, 31, 32, 33, 999, 1000, 1024, 2047, 2048, 65_535, 131_071] {
            let bounds = LogHistogram.bounds(of: LogHistogram.index(of: value))
            #expect(bounds.contains(Double(value)), "\(value)")
        }
        #expect(LogHistogram.index(of: 131_072) == LogHistogram.size - 1)
        #expect(LogHistogram.index(of: .max) == LogHistogram.size - 1)
        #expect(LogHistogram.index(of: -5) == 0)
    }

    @Test func quantilesAreRightToAFewPercent() throws {
        var histogram = LogHistogram()
        #expect(histogram.quantile(0.5) == nil)
        for value in 1...4000 { histogram.record(value) }
        for (q, wanted) in [(0.05, 200.0), (0.5, 2000), (0.95, 3800), (1, 4000)] {
            let found = try #require(histogram.quantile(q))
            #expect(abs(found - wanted) < wanted * 0.035, "\(q): \(found)")
        }
    }

    @Test func addsUpAndKeeps() throws {
        var (a, b) = (LogHistogram(), LogHistogram())
        for value in [5, 100, 100, 2000] { a.record(value) }
        for value in [100, 300_000] { b.record(value) }
        a.add(b)
        #expect(a.count == 6)
        #expect(LogHistogram(encoded: a.encoded) == a)
        #expect(LogHistogram(encoded: LogHistogram().encoded) == LogHistogram())
        #expect(a.encoded.count < 16)
    }

    @Test(
        arguments: [
            [1], [0x80], [0, 1, 0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0x7F, 1],
            [0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        ] as [[UInt8]])
    func refusesWhatItDidNotWrite(_ bytes: [UInt8]) {
        #expect(LogHistogram(encoded: bytes) == nil)
    }
}
