import Outbound
import Testing

@Suite struct LineShelfTests {
    private typealias Shelf = LineShelf<String>
    private let start = ContinuousClock.now

    private func key(_ host: String?, _ last: UInt32 = 1) -> Shelf.Key {
        Shelf.Key(host: host, address: .v4(last))
    }

    @Test func aLineIsSharedByNameAndAddress() {
        var shelf = Shelf()
        func take(_ key: Shelf.Key, _ line: String) -> String? { shelf.take(key, at: start) { line } }
        func giveBack(_ key: Shelf.Key, _ second: Int = 0) -> [String] {
            shelf.giveBack(key, at: start + .seconds(second))
        }
        #expect(take(key("a"), "1") == "1")
        #expect(take(key("a"), "2") == "1")
        #expect(take(key("a", 2), "3") == "3")
        #expect(take(key("b"), "4") == "4")
        #expect(take(key(nil), "5") == "5")
        #expect(shelf.count == 4)
    }

    @Test func idleLinesAgeAndAreBounded() {
        var shelf = Shelf(idleLimit: 2, idleTime: .seconds(60))
        func take(_ key: Shelf.Key, _ line: String) -> String? { shelf.take(key, at: start) { line } }
        func giveBack(_ key: Shelf.Key, _ second: Int = 0) -> [String] {
            shelf.giveBack(key, at: start + .seconds(second))
        }
        for number in 0..<4 { _ = shelf.take(key("\(number)"), at: start) { "\(number)" } }
        #expect(giveBack(key("0")).isEmpty)
        #expect(giveBack(key("1"), 1).isEmpty)
        #expect(giveBack(key("2"), 2) == ["0"])
        #expect(giveBack(key("3"), 100) == ["1", "2"])
        #expect(shelf.count == 1)
    }

    @Test func aLineInUseStays() {
        var shelf = Shelf(idleLimit: 0, idleTime: .zero)
        func take(_ key: Shelf.Key, _ line: String) -> String? { shelf.take(key, at: start) { line } }
        func giveBack(_ key: Shelf.Key, _ second: Int = 0) -> [String] {
            shelf.giveBack(key, at: start + .seconds(second))
        }
        for _ in 0..<2 { _ = take(key("a"), "a") }
        #expect(giveBack(key("a")).isEmpty)
        #expect(giveBack(key("a")) == ["a"])
        #expect(shelf.count == 0)
    }

    @Test func aClosedShelfGivesNothingOut() {
        var shelf = Shelf()
        func take(_ key: Shelf.Key, _ line: String) -> String? { shelf.take(key, at: start) { line } }
        func giveBack(_ key: Shelf.Key, _ second: Int = 0) -> [String] {
            shelf.giveBack(key, at: start + .seconds(second))
        }
        _ = take(key("busy"), "busy")
        _ = take(key("idle"), "idle")
        #expect(giveBack(key("idle")).isEmpty)
        let closing = shelf.close()
        #expect(closing == ["idle"])
        #expect(take(key("new"), "new") == nil)
        #expect(giveBack(key("busy")) == ["busy"])
        #expect(shelf.count == 0)
    }
}
