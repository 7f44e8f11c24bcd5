import Foundation
import Media
import People
import Testing

@Suite struct WaysInTests {
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)

    @Test func aPasswordOpensOnlyItself() throws {
        let hash = try #require(PasswordHash(of: "correct horse battery"))
        #expect(hash.text.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(hash.admits("correct horse battery"))
        #expect(!hash.admits("correct horse batterz") && !hash.admits(""))
        #expect(!hash.isDated && PasswordHash(stored: "$argon2id$v=19$m=8,t=1,p=1$x$y").isDated)
        #expect(try #require(PasswordHash(of: "correct horse battery")) != hash, "each has its own salt")
        // An é of one character and of two are the same word.
        #expect(try #require(PasswordHash(of: "caf\u{E9} au lait")).admits("cafe\u{301} au lait"))
        #expect(!PasswordHash(stored: "rubbish").admits("rubbish"))
    }

    @Test(arguments: [
        ("123456789", false), ("0123456789", true), (String(repeating: "ab12", count: 50), true),
        (String(repeating: "ab12", count: 51), false), ("aaaaaaaaaaaa", false), ("анна каренина", true),
        (String(repeating: "👨‍👩‍👧‍👦ab1", count: 49), false), ("Ada.Lovelace@x", false),
    ])
    func passwordsHaveALength(password: String, isFit: Bool) {
        #expect((PasswordHash.fault(in: password, login: "ada.lovelace@x") == nil) == isFit)
    }

    @Test func theDeskRefusesWhatItCannotKeepUpWith() async throws {
        let desk = PasswordDesk(most: 4)
        let hash = try await desk.hash("correct horse battery")
        #expect(try await desk.admits("correct horse battery", by: hash))
        #expect(try await !desk.admits("wrong horse battery", by: hash))
        #expect(try await !desk.admits("anything at all", by: nil))
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 {
                group.addTask { (try? await desk.admits("correct horse battery", by: hash)) != nil }
            }
            return await group.reduce(into: (done: 0, busy: 0)) {
                if $1 { $0.done += 1 } else { $0.busy += 1 }
            }
        }
        #expect(outcomes.done >= 4 && outcomes.done + outcomes.busy == 64)
        #expect(try await desk.admits("correct horse battery", by: hash), "and it goes on")
    }

    @Test func guessesAtOneLoginFromOnePlaceWaitSoon() {
        var limiter = LoginLimiter()
        var now = MonotonicTime(nanoseconds: 1)
        for _ in 0..<5 {
            #expect(limiter.wait(login: "ada", address: "1.1.1.1", at: now) == nil)
            limiter.failed(login: "Ada", address: "1.1.1.1", at: now)
        }
        #expect(limiter.wait(login: "ADA", address: "1.1.1.1", at: now) == .seconds(60))
        #expect(
            limiter.wait(login: "ada", address: "2.2.2.2", at: now) == nil, "its owner elsewhere may come in")
        #expect(limiter.wait(login: "bob", address: "1.1.1.1", at: now) == nil)
        now = now + .seconds(61)
        #expect(limiter.wait(login: "ada", address: "1.1.1.1", at: now) == nil)
        limiter.succeeded(login: "ada", address: "1.1.1.1")
        #expect(limiter.wait(login: "ada", address: "1.1.1.1", at: now) == nil)
    }

    @Test func guessesFromOnePlaceAtManyLoginsWait() {
        var limiter = LoginLimiter()
        let now = MonotonicTime(nanoseconds: 1)
        for guess in 0..<20 { limiter.failed(login: "someone\(guess)", address: "1.1.1.1", at: now) }
        #expect(limiter.wait(login: "new", address: "1.1.1.1", at: now) == .seconds(3))
    }

    @Test func guessesFromManyPlacesAtOneLoginWait() {
        var limiter = LoginLimiter()
        let now = MonotonicTime(nanoseconds: 1)
        for guess in 0..<50 { limiter.failed(login: "ada", address: "1.1.1.\(guess)", at: now) }
        #expect(limiter.wait(login: "ada", address: "9.9.9.9", at: now) == .seconds(30))
    }

    @Test func whoIsRememberedIsBounded() {
        var table = GuessTable(free: 1, pace: .seconds(1), most: 100)
        for guess in 0..<10_000 { table.failed("\(guess)", at: MonotonicTime(nanoseconds: Int64(guess + 1))) }
        #expect(table.count <= 100)
    }

    private static let ages: [(Double, Double, Bool)] = [
        (0, 0, true), (250_000, 0, true), (260_000, 0, false), (2_500_000, 2_400_000, true),
        (2_592_000, 2_590_000, false),
    ]

    @Test(arguments: ages)
    func sessionsEndWhenIdleAndInAnyCaseOnce(age: Double, seen: Double, isGood: Bool) {
        var (session, secret) = Session.begin(person: .random(), userAgent: "Browser\n1", at: Self.now)
        #expect(session.id.admits(secret) && session.userAgent == "Browser1")
        session.lastSeenAt = Self.now.addingTimeInterval(seen)
        #expect(session.isGood(at: Self.now.addingTimeInterval(age)) == isGood)
        #expect(
            session.admits(csrf: session.csrf) && !session.admits(csrf: "") && !session.admits(csrf: secret))
    }

    @Test func invitationsAndTokensRunOut() {
        let invitation = Invitation(
            id: .random(), person: .random(), createdAt: Self.now,
            expiresAt: Self.now.addingTimeInterval(Invitation.lifetime))
        #expect(invitation.isGood(at: Self.now))
        #expect(!invitation.isGood(at: Self.now.addingTimeInterval(Invitation.lifetime)))
        var used = invitation
        used.usedAt = Self.now
        #expect(!used.isGood(at: Self.now))
        var token = AccessToken(
            id: .random(), person: .random(), name: "ci", scopes: [.read], createdAt: Self.now)
        #expect(token.isGood(at: .distantFuture))
        token.expiresAt = Self.now
        #expect(!token.isGood(at: Self.now))
    }

    private static let tokens: [(TokenDraft, [String])] = [
        (TokenDraft(name: "ci", scopes: [.read]), []),
        (TokenDraft(name: "", scopes: []), ["name", "scopes"]),
        (
            TokenDraft(name: "a\nb", scopes: [.read, .read], expiresAt: now), ["name", "scopes", "expiresAt"]
        ),
    ]

    @Test(arguments: tokens)
    func aTokensFaultsAreToldAtOnce(draft: TokenDraft, fields: [String]) {
        #expect(draft.validate(at: Self.now).map(\.field) == fields)
    }

    private static let people: [(PersonDraft, [String])] = [
        (PersonDraft(name: " Ada ", login: " Ada@Shop.example "), []),
        (PersonDraft(name: "", login: ""), ["name", "login"]),
        (PersonDraft(name: "a\u{0}b", login: "with space"), ["name", "login"]),
        (PersonDraft(name: String(repeating: "x", count: 101), login: "ünïcode"), ["name", "login"]),
    ]

    @Test(arguments: people)
    func aPersonsFaultsAreToldAtOnce(draft: PersonDraft, fields: [String]) {
        #expect(draft.validate().map(\.field) == fields)
        if fields.isEmpty {
            #expect(draft.normalised.login == "ada@shop.example" && draft.normalised.name == "Ada")
        }
    }
}
