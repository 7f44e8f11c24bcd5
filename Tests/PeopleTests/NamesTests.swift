import Foundation
import Media
import People
import Testing

@Suite struct NamesTests {
    @Test func namesAreRandomAndChecked() {
        let names = Set((0..<1000).map { _ in PersonID.random() })
        #expect(names.count == 1000)
        for name in names { #expect(PersonID(name.text) == name) }
        for wrong in ["", "p", "p0123", "t0123456789ab", "pO123456789ab", "p0123456789abc"] {
            #expect(PersonID(wrong) == nil)
        }
    }

    @Test func actorsReadBackAsWritten() throws {
        let show = try #require(ShowID("evening"))
        let (person, token) = (PersonID.random(), TokenID.random())
        let all: [Actor] = [
            .person(person), .token(token, person), .streamKey(show), .commandLine, .settings, .server,
        ]
        for actor in all { #expect(Actor(text: actor.text) == actor) }
        for wrong in ["", "person", "person:x", "token:\(token)", "streamKey:No!", "root", "server:1"] {
            #expect(Actor(text: wrong) == nil)
        }
    }

    @Test func instantsAreMillisecondsInUTC() throws {
        let date = try #require(Date(rfc3339: "2026-09-05T20:30:00.25+02:00"))
        #expect(date.rfc3339 == "2026-09-05T18:30:00.250Z")
        #expect(Date(rfc3339: date.rfc3339) == date)
        for wrong in ["", "2026-09-05", "2026-09-05T20:30:00", "tomorrow", String(repeating: "2", count: 99)]
        {
            #expect(Date(rfc3339: wrong) == nil)
        }
        #expect(Date(timeIntervalSince1970: .infinity).rfc3339.hasPrefix("9999"))
        let list = try WireJSON.decoder().decode([Date].self, from: WireJSON.encoder().encode([date]))
        #expect(list == [date])
    }

    @Test func anyJSONReadsBackAsWritten() throws {
        let value: JSONValue = [
            "a": 1, "b": true, "c": "text", "d": ["x", 2, .null], "e": .number(1.5), "f": [:], "g": [],
        ]
        let data = try WireJSON.encoder().encode(value)
        #expect(try WireJSON.decoder().decode(JSONValue.self, from: data) == value)
    }

    @Test func secretsAreKeptAsTheirHash() {
        let secret = AccessToken.makeSecret()
        let hash = SecretHash(of: secret)
        #expect(AccessToken.isSecret(secret) && !hash.text.contains(secret.dropFirst(3)))
        #expect(hash.admits(secret) && !hash.admits(secret + "x") && !hash.admits(""))
        #expect(
            SecretHash(of: "abc").text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        for wrong in [
            "", "sc_", "sc_" + String(repeating: "o", count: 40), secret + "a", "live_" + Name32.random(24),
        ] {
            #expect(!AccessToken.isSecret(wrong))
        }
    }
}
