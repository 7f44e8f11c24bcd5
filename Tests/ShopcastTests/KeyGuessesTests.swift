import Media
import Shopcast
import Testing

@Suite struct KeyGuessesTests {
    private func at(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds * 1e9))
    }

    @Test func theFirstAreFreeThenOneInAWhile() {
        var guesses = KeyGuesses(free: 3, pace: .seconds(2), most: 100)
        for _ in 0..<3 {
            #expect(guesses.wait(for: "a", at: at(0)) == nil)
            guesses.failed("a", at: at(0))
        }
        #expect(guesses.wait(for: "a", at: at(0)) == .seconds(2))
        #expect(guesses.wait(for: "a", at: at(1.5)) == .milliseconds(500))
        #expect(guesses.wait(for: "a", at: at(2)) == nil)
        #expect(guesses.wait(for: "b", at: at(0)) == nil, "others are not touched")
        guesses.failed("a", at: at(2))
        #expect(guesses.wait(for: "a", at: at(2)) == .seconds(2))
        // After a while all of them are free again.
        #expect(guesses.wait(for: "a", at: at(60)) == nil)
        for _ in 0..<2 { guesses.failed("a", at: at(60)) }
        #expect(guesses.wait(for: "a", at: at(60)) == nil)
    }

    @Test func memoryIsBounded() {
        var guesses = KeyGuesses(free: 1, pace: .seconds(1000), most: 50)
        for address in 0..<500 { guesses.failed("\(address)", at: at(Double(address))) }
        #expect(guesses.count == 50)
        #expect(guesses.wait(for: "499", at: at(500)) != nil)
        #expect(guesses.wait(for: "0", at: at(500)) == nil)
    }
}
