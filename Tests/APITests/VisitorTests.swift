import API
import Foundation
import HTTPTypes
import Media
import People
import Persistence
import Shows
import Testing

@Suite struct VisitorTests {
    private let house: House
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws { house = try House() }

    private func arrival(
        _ headers: HTTPFields, method: HTTPRequest.Method = .get, address: String = "192.0.2.1"
    ) -> Arrival {
        Arrival(
            method: method, target: "/", authority: "shop.example", headers: headers, parameters: [:],
            query: [:],
            address: address, isSecure: false)
    }

    private func clock(_ seconds: Int) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(1000 + seconds) * 1_000_000_000)
    }

    private func visitor(_ headers: HTTPFields, after seconds: Int = 0) throws -> Visitor {
        try house.backstage.visitors.visitor(
            arrival(headers), at: now.addingTimeInterval(Double(seconds)), clock: clock(seconds))
    }

    private func person(isOperator: Bool = false) throws -> Person {
        try house.store.createPerson(
            PersonDraft(name: "Ann", login: "ann", isOperator: isOperator), once: nil, by: .commandLine,
            at: now)
    }

    @Test func aTokenIsItsPersonUntilItRunsOut() throws {
        let person = try person()
        let secret = AccessToken.makeSecret()
        _ = try house.store.createToken(
            TokenDraft(name: "t", scopes: [.read], expiresAt: now.addingTimeInterval(60)), secret: secret,
            of: person.id, by: .commandLine, at: now)
        let headers: HTTPFields = [.authorization: "Bearer \(secret)"]
        #expect(try visitor(headers).person?.id == person.id)
        #expect(try visitor(headers, after: 59).trouble == nil)
        #expect(try visitor(headers, after: 61).trouble == .badToken, "known or not, it has run out")
    }

    @Test func whoIsDisabledIsNobodyAtOnce() throws {
        let person = try person()
        let secret = AccessToken.makeSecret()
        _ = try house.store.createToken(
            TokenDraft(name: "t", scopes: [.all]), secret: secret, of: person.id, by: .commandLine, at: now)
        let headers: HTTPFields = [.authorization: "Bearer \(secret)"]
        #expect(try visitor(headers).person != nil)
        var draft = person.draft
        draft.isDisabled = true
        _ = try house.store.editPerson(person.id, to: draft, by: .commandLine, at: now)
        house.backstage.visitors.forget()
        #expect(try visitor(headers).trouble == .badToken)
    }

    @Test func aCookieIsItsSession() throws {
        let person = try person()
        let (session, secret) = Session.begin(person: person.id, userAgent: "test", at: now)
        try house.store.beginSession(session)
        let found = try visitor([.cookie: "other=1; shopcast_session=\(secret); more=2"])
        #expect(found.session?.csrf == session.csrf)
        #expect(try visitor([.cookie: "shopcast_session=nonsense"]).isAnonymous)
        #expect(try visitor([.cookie: "shopcast_session="]).isAnonymous)
        #expect(
            try visitor([.cookie: "shopcast_session=\(secret)", .authorization: "Bearer wrong-key"]).trouble
                == .unknownKey, "what is said outright counts")
    }

    @Test func guessersWaitWhateverTheyGuess() throws {
        let other = arrival([.authorization: "Bearer guess"], address: "192.0.2.2")
        for number in 0..<3 {
            let guess = number % 2 == 0 ? "guess-\(number)" : AccessToken.makeSecret()
            #expect(try visitor([.authorization: "Bearer \(guess)"]).trouble != nil)
        }
        #expect(try visitor([.authorization: "Bearer more"]).trouble == .later(4))
        #expect(
            try house.backstage.visitors.visitor(other, at: now, clock: clock(0)).trouble == .unknownKey)
    }

    @Test func onlyOurOwnPagesChangeThings() throws {
        let session = Session.begin(person: PersonID.random(), userAgent: nil, at: now).0
        let origins = SameOrigin(known: ["public.example"])
        let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
        let csrf = try #require(HTTPField.Name(SameOrigin.field))
        for (headers, isFine) in [
            ([csrf: session.csrf], true), ([:], false), ([csrf: "guess"], false),
            ([csrf: session.csrf, .origin: "http://shop.example"], true),
            ([csrf: session.csrf, .origin: "https://public.example"], true),
            ([csrf: session.csrf, .origin: "https://evil.example"], false),
            ([csrf: session.csrf, .origin: "null"], false),
            ([csrf: session.csrf, .origin: "https://shop.example.evil.example"], false),
            ([csrf: session.csrf, site: "cross-site"], false),
            ([csrf: session.csrf, site: "same-site"], false),
            ([csrf: session.csrf, site: "same-origin"], true),
        ] as [(HTTPFields, Bool)] {
            let checked = Result { try origins.check(arrival(headers, method: .post), session) }
            #expect(((try? checked.get()) != nil) == isFine, "\(headers)")
        }
    }
}
