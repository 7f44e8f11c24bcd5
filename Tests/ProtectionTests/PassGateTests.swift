import Media
import Protection
import Testing

@Suite struct PassGateTests {
    private let show = ShowID("sale")!

    private func keys(_ secrets: (String, String)...) async throws -> PassKeys {
        try await PassKeys(secrets: secrets.map { .init(kid: $0.0, secret: $0.1) })
    }

    @Test func whoMayWatch() async throws {
        let keys = try await keys(("k1", PassTests.secret))
        let gate = PassGate(keys: keys)
        let plain = try await keys.token(for: PlaybackPass(show: show, expires: 1000))
        let bound = try await keys.token(for: PlaybackPass(show: show, expires: 1000, country: "DE"))
        let second = try #require(ShowID("second"))
        let table: [(String?, ShowID, String?, Int64, PassRefusal?)] = [
            (plain, show, nil, 999, nil), (plain, show, "FR", 0, nil), (plain, show, nil, 1000, .expired),
            (plain, show, nil, 5000, .expired), (plain, second, nil, 1, .otherShow),
            (nil, show, "DE", 1, .missing),
            ("", show, nil, 1, .wrong), (bound, show, "DE", 1, nil), (bound, show, "de", 1, nil),
            (bound, show, "FR", 1, .elsewhere), (bound, show, nil, 1, .elsewhere),
            (bound, show, "DEU", 1, .elsewhere),
            (bound, show, "DE", 1000, .expired),
        ]
        // Twice: the second time, tokens are remembered.
        for _ in 0..<2 {
            for (token, show, country, second, refusal) in table {
                do {
                    let pass = try gate.admit(token, to: show, from: country, at: second)
                    #expect(refusal == nil && pass.show == show)
                } catch {
                    #expect(error == refusal)
                }
            }
        }
    }

    @Test func keysRotate() async throws {
        let old = try await keys(("k1", PassTests.secret))
        let both = try await keys(("k2", PassTests.other), ("k1", PassTests.secret))
        let new = try await keys(("k2", PassTests.other))
        let pass = PlaybackPass(show: show, expires: 1000)
        let (first, second) = (try await old.token(for: pass), try await both.token(for: pass))
        let gate = PassGate(keys: old)
        #expect((try? gate.admit(first, to: show, from: nil, at: 1)) == pass)
        #expect(throws: PassRefusal.wrong) { try gate.admit(second, to: show, from: nil, at: 1) }
        gate.change(to: both)
        #expect((try? gate.admit(first, to: show, from: nil, at: 1)) == pass)
        #expect((try? gate.admit(second, to: show, from: nil, at: 1)) == pass)
        gate.change(to: new)
        // Remembered or not, a token of a key that is gone is worth nothing.
        #expect(throws: PassRefusal.wrong) { try gate.admit(first, to: show, from: nil, at: 1) }
        #expect((try? gate.admit(second, to: show, from: nil, at: 1)) == pass)
    }

    /// More tokens than are remembered are let in all the same.
    @Test func memoryIsBounded() async throws {
        let keys = try await keys(("k1", PassTests.secret))
        let gate = PassGate(keys: keys, limit: 10)
        var tokens: [String] = []
        for second in 0..<40 {
            tokens.append(try await keys.token(for: PlaybackPass(show: show, expires: 1000 + Int64(second))))
        }
        for _ in 0..<3 {
            for token in tokens { #expect((try? gate.admit(token, to: show, from: nil, at: 1)) != nil) }
            #expect(gate.remembered <= 10 && gate.remembered > 0)
        }
    }

    /// A remembered token costs a look-up: far less than checking its signature.
    @Test func aRememberedTokenIsCheap() async throws {
        let keys = try await keys(("k1", PassTests.secret))
        let gate = PassGate(keys: keys)
        let token = try await keys.token(for: PlaybackPass(show: show, expires: 1000))
        let clock = ContinuousClock()
        let fresh = try clock.measure { for _ in 0..<2000 { _ = try keys.read(token) } }
        let remembered = try clock.measure {
            for _ in 0..<2000 { _ = try gate.admit(token, to: show, from: nil, at: 1) }
        }
        print("token: read \(fresh / 2000), remembered \(remembered / 2000)")
        #expect(remembered * 4 < fresh)
    }
}
