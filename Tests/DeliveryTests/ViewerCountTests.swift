import Delivery
import Media
import Testing

@Suite struct ViewerCountTests {
    @Test func whoAskedLately() throws {
        let count = ViewerCount()
        let (show, other) = (try #require(ShowID("sale")), try #require(ShowID("other")))
        for viewer in 0..<5000 as Range<UInt64> { count.saw(viewer, of: show, at: 100) }
        count.saw(1, of: show, at: 105)
        count.saw(1, of: other, at: 105)
        // What nobody has counted is not known.
        #expect(count.count(of: show) == 0)
        #expect(count.recount(at: 110) == [show: 5000, other: 1])
        #expect(count.count(of: show) == 5000 && count.count(of: other) == 1)
        #expect(count.recount(at: 111) == [show: 1, other: 1])
        #expect(count.recount(at: 116).isEmpty && count.count(of: show) == 0)
        count.saw(7, of: show, at: 117)
        #expect(count.recount(at: 117) == [show: 1])
    }
}
