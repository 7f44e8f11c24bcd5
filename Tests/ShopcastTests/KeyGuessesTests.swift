import Media
import Shopcast
import Testing

@Suite struct KeyGuessesTests {
    private let a = GuessingPlace("192.0.2.1")
    private let b = GuessingPlace("192.0.2.2")

    private func at(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds * 1e9))
    }

    @Test func theFirstAreFreeThenOneInAWhile() {
        var guesses = KeyGuesses(free: 3, pace: .seconds(2), most: 100)
        for key in 0..<3 {
            #expect(guesses.wait(for: a, at: at(0)) == nil)
            guesses.failed(a, key: key, at: at(0))
        }
        #expect(guesses.wait(for: a, at: at(0)) == .seconds(2))
        #expect(guesses.wait(for: a, at: at(1.5)) == .milliseconds(500))
        #expect(guesses.wait(for: a, at: at(2)) == nil)
        #expect(guesses.wait(for: b, at: at(0)) == nil, "others are not touched")
        guesses.failed(a, key: 3, at: at(2))
        #expect(guesses.wait(for: a, at: at(2)) == .seconds(2))
        // After a while all of them are free again.
        #expect(guesses.wait(for: a, at: at(60)) == nil)
        for key in 4..<6 { guesses.failed(a, key: key, at: at(60)) }
        #expect(guesses.wait(for: a, at: at(60)) == nil)
    }

    @Test func anEncoderWithAnOldKeyGuessesOnce() {
        var guesses = KeyGuesses(free: 3, pace: .seconds(2), most: 100)
        for second in 0..<100 { guesses.failed(a, key: second % 2, at: at(Double(second) / 10)) }
        #expect(guesses.wait(for: a, at: at(0)) == nil)
        // Who runs through many keys is not helped by coming back to one.
        for round in 0..<3 {
            for key in 10..<20 { guesses.failed(a, key: key, at: at(10 + Double(round))) }
        }
        #expect(guesses.wait(for: a, at: at(13)).map { $0 > .seconds(40) } == true)
    }

    @Test func memoryIsBounded() {
        var guesses = KeyGuesses(free: 1, pace: .seconds(1000), most: 50)
        for number in 0..<500 {
            guesses.failed(GuessingPlace("\(number)"), key: 0, at: at(Double(number)))
        }
        #expect(guesses.count == 50)
        #expect(guesses.wait(for: GuessingPlace("499"), at: at(500)) != nil)
        #expect(guesses.wait(for: GuessingPlace("0"), at: at(500)) == nil)
    }

    @Test(arguments: [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("fe80::1%eth0", "fe80::2%eth1", true), ("::ffff:192.0.2.1", "192.0.2.1", true),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("192.0.2.1", "192.0.2.2", false),
        ("unknown", "unknown", true), ("", "unknown", false),
    ])
    func aPlaceIsWhatOneCustomerHas(one: String, other: String, isSame: Bool) {
        #expect((GuessingPlace(one) == GuessingPlace(other)) == isSame)
    }
}
