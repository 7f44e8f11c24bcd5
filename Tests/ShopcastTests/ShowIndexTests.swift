import Foundation
import Media
import People
import Shopcast
import Shows
import Testing

@Suite struct ShowIndexTests {
    private static func facts(_ name: String, _ state: ShowState, start: TimeInterval? = nil) throws
        -> ShowFacts
    {
        ShowFacts(
            id: try #require(ShowID(name)), state: state, start: start.map(Date.init(timeIntervalSince1970:)),
            visibility: .public, language: .english, srtPassphrase: nil, endedAt: nil)
    }

    private static func key(_ secret: String, _ show: String, _ role: FeedRole = .primary) throws -> KnownKey
    {
        KnownKey(
            id: .random(), show: try #require(ShowID(show)), role: role, hash: SecretHash(of: secret))
    }

    @Test func aKeyOpensItsShowUntilItIsTakenAway() throws {
        let index = ShowIndex()
        let (a, b) = (try Self.facts("a", .live), try Self.facts("b", .scheduled))
        let (first, second) = (try Self.key("key-one", "a"), try Self.key("key-two", "a", .backup))
        index.load([a, b], [first, second, try Self.key("key-three", "b")])
        #expect(index.opening("key-two")?.key == second && index.opening("key-two")?.facts == a)
        #expect(index.opening("key-three")?.facts.id == b.id)
        #expect(index.opening("key-four") == nil && index.opening("") == nil)
        #expect(index.admits("key-one", to: a.id) && !index.admits("key-one", to: b.id))
        index.set(a.id, a, keys: [second])
        #expect(index.opening("key-one") == nil && index.opening("key-two") != nil)
        index.set(a.id, nil, keys: [])
        #expect(index.opening("key-two") == nil && index[a.id] == nil && index.all.count == 1)
    }

    /// The shows of a series have the same key.
    @Test func aSharedKeyOpensWhatIsOnOrNext() throws {
        let index = ShowIndex()
        func opens(_ facts: [ShowFacts]) throws -> String? {
            index.load(facts, try facts.map { try Self.key("shared", $0.id.text) })
            return index.opening("shared")?.facts.id.text
        }
        let ended = try Self.facts("ended", .ended, start: 1)
        let older = try Self.facts("older", .replay, start: 0)
        let next = try Self.facts("next", .scheduled, start: 10)
        let later = try Self.facts("later", .scheduled, start: 20)
        #expect(try opens([older, ended]) == "ended")
        #expect(try opens([ended, later, next]) == "next")
        #expect(try opens([next, try Self.facts("rehearsing", .rehearsal, start: 30)]) == "rehearsing")
        #expect(try opens([next, try Self.facts("live", .live, start: 30)]) == "live")
        #expect(try opens([try Self.facts("gone", .cancelled), older]) == "older")
    }

    @Test func tenThousandShowsAreFoundAtOnce() throws {
        let index = ShowIndex()
        let facts = try (0..<10_000).map { try Self.facts("show-\($0)", .scheduled) }
        index.load(facts, try facts.map { try Self.key("key-\($0.id)", $0.id.text) })
        let clock = ContinuousClock.now
        for number in 0..<1000 {
            #expect(index.opening("key-show-\(number)")?.facts.id.text == "show-\(number)")
        }
        #expect(ContinuousClock.now - clock < .seconds(2))
    }
}
