import Chat
import Foundation
import Media
import Testing

/// Token buckets, recent texts and guests' passes.
@Suite struct LimitTests {
    private func second(_ value: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: 1 + Int64(value * 1e9))
    }

    @Test func aBurstThenAPace() {
        var table = PaceTable(.init(burst: 3, perSecond: 0.5))
        for _ in 0..<3 {
            #expect(table.wait(for: "a", at: second(0)) == nil)
            table.take("a", at: second(0))
        }
        #expect(table.wait(for: "a", at: second(0)) == .seconds(2))
        #expect(table.wait(for: "a", at: second(1.5)) == .milliseconds(500))
        #expect(table.wait(for: "a", at: second(2)) == nil)
        #expect(table.wait(for: "b", at: second(0)) == nil)
        table.take("a", at: second(2))
        #expect(table.wait(for: "a", at: second(2)) == .seconds(2))
        // A long pause is no more than a full bucket.
        for _ in 0..<3 { table.take("a", at: second(100)) }
        #expect(table.wait(for: "a", at: second(100)) == .seconds(2))
    }

    @Test func itStaysSmall() {
        var table = PaceTable(.init(burst: 1, perSecond: 1), most: 10)
        for number in 0..<1000 { table.take("\(number)", at: second(0)) }
        #expect(table.count <= 10)
        var recent = RecentTexts(most: 10)
        for number in 0..<1000 { recent.note("\(number)", for: .seconds(10), at: second(0)) }
        #expect(recent.wait(for: "999", at: second(9)) == .seconds(1))
        #expect(recent.wait(for: "999", at: second(10)) == nil)
    }

    @Test func passesAreSigned() throws {
        let passes = GuestPasses(key: Array("one key".utf8))
        let pass = GuestPass(id: .guest(), name: "Zoë 👩‍🚀 \"x\"", linkMark: "m", show: ShowID("s"), issuedAt: 5)
        let secret = passes.secret(of: pass)
        #expect(passes.pass(secret) == pass && secret.utf8.count < GuestPasses.longest)
        #expect(GuestPasses(key: Array("another".utf8)).pass(secret) == nil)
        #expect(passes.mark(ofLink: "x") != passes.mark(ofAddress: "x"))
        for text in [
            "", ".", "sg1.", "sg1..", "sg1.e30.AAAA", secret + "A", "x" + secret, secret + "=",
            String(secret.dropLast()),
        ] {
            #expect(passes.pass(text) == nil, "\(text)")
        }
    }

    @Test func noBitOfAPassCanChange() {
        let passes = GuestPasses(key: Array("key".utf8))
        let secret = Array(passes.secret(of: GuestPass(id: .guest(), name: "Ada", issuedAt: 1)).utf8)
        for place in secret.indices {
            for bit in 0..<7 {
                var other = secret
                other[place] ^= 1 << bit
                #expect(passes.pass(String(decoding: other, as: UTF8.self)) == nil)
            }
        }
    }
}
