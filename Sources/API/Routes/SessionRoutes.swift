import Foundation
import HTTPTypes
import Media
import People

/// Signing in and out, invitations, and one's own password.
struct SessionRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        [
            APIRoute(.post, "/session", .everybody, content: .object, work: .apart(signIn)).wayIn,
            APIRoute(.get, "/session", .everybody, answer: whoAmI),
            APIRoute(.delete, "/session", .everybody, answer: signOut),
            APIRoute(.post, "/welcome", .everybody, content: .object, work: .apart(welcome)).wayIn,
            APIRoute(.post, "/password", .signedIn, content: .object, work: .apart(changePassword)),
        ]
    }

    private struct Document: Encodable {
        /// `person`, `token` or `streamKey`.
        let kind: String
        var person: Person?
        /// What unsafe requests of this session must show.
        var csrf: String?
        var expiresAt: Date?
        var scopes: [Scope]?
        var show: String?
        /// Where the page that asked may go on.
        var next: String?
    }

    // MARK: In and out

    private struct Login: Decodable {
        static let fields: Set<String> = ["login", "password", "next"]
        let login: String
        let password: String
        let next: String?
    }

    @Sendable private func signIn(_ call: APICall) async throws -> APIAnswer {
        try backstage.sameOrigin.check(call.arrival)
        let wish = try JSONContent.value(
            Login.self, fields: Login.fields, from: JSONContent.object(call.content))
        let login = wish.login.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        let address = call.arrival.address
        try backstage.logins.check(login: login, from: address)
        let (people, now) = (backstage.people, call.now)
        let found = try await BlockingPool.run { () -> (person: Person, hash: PasswordHash?)? in
            guard login.utf8.count <= 100, let person = try people.person(login: login),
                person.disabledAt == nil
            else { return nil }
            return (person, try people.password(of: person.id))
        }
        guard
            try await backstage.logins.admits(
                wish.password, by: found?.hash, login: login, from: address), let person = found?.person
        else {
            throw ProblemDocument(
                status: .unauthorized, detail: "the login or the password is wrong",
                fields: [.wwwAuthenticate: "Shopcast-Session", .cacheControl: "no-store"])
        }
        return try await BlockingPool.run { try begin(person, call, at: now, next: wish.next) }
    }

    private func begin(_ person: Person, _ call: APICall, at now: Date, next: String?) throws -> APIAnswer {
        // Whoever signs in anew leaves no older session of this browser behind.
        if let old = call.visitor.session { try backstage.people.endSession(old.id) }
        let (session, secret) = Session.begin(
            person: person.id, userAgent: call.arrival.headers[.userAgent], at: now)
        try backstage.people.beginSession(session)
        backstage.visitors.forget()
        var answer = try APIAnswer.json(
            Document(
                kind: "person", person: person, csrf: session.csrf, expiresAt: session.expiresAt,
                next: LocalPath.checked(next)))
        answer.headers[.setCookie] = SessionCookie.set(secret, isSecure: call.arrival.isSecure)
        return answer
    }

    @Sendable private func whoAmI(_ call: APICall) throws -> APIAnswer {
        let visitor = call.visitor
        switch visitor.identity.kind {
        case .anonymous: throw Refusal.nobody
        case .streamKey(let show): return try .json(Document(kind: "streamKey", show: show.text))
        case .token:
            return try .json(
                Document(
                    kind: "token", person: visitor.person, expiresAt: visitor.token?.expiresAt,
                    scopes: visitor.token?.scopes))
        case .person:
            return try .json(
                Document(
                    kind: "person", person: visitor.person, csrf: visitor.session?.csrf,
                    expiresAt: visitor.session?.expiresAt))
        }
    }

    @Sendable private func signOut(_ call: APICall) throws -> APIAnswer {
        if let session = call.visitor.session {
            try backstage.people.endSession(session.id)
            backstage.visitors.forget()
        }
        var answer = APIAnswer.nothing
        answer.headers[.setCookie] = SessionCookie.cleared(isSecure: call.arrival.isSecure)
        return answer
    }

    // MARK: Passwords

    private struct Welcome: Decodable {
        static let fields: Set<String> = ["secret", "password", "name"]
        let secret: String
        let password: String
        let name: String?
    }

    @Sendable private func welcome(_ call: APICall) async throws -> APIAnswer {
        try backstage.sameOrigin.check(call.arrival)
        let wish = try JSONContent.value(
            Welcome.self, fields: Welcome.fields, from: JSONContent.object(call.content))
        let address = call.arrival.address
        try backstage.logins.check(login: "/welcome", from: address)
        let (people, now) = (backstage.people, call.now)
        let stale = ProblemDocument(
            status: .notFound, detail: "the link is not good, or not any more: ask for another")
        let found = try await BlockingPool.run { try people.invitation(secret: wish.secret, at: now) }
        guard let found else {
            backstage.logins.failed("/welcome", from: address)
            throw stale
        }
        var faults: [FieldFault] = []
        if let fault = PasswordHash.fault(in: wish.password, login: found.person.login) {
            faults.append(FieldFault("password", fault))
        }
        if let name = wish.name {
            var draft = found.person.draft
            draft.name = name
            faults += draft.validate().filter { $0.field == "name" }
        }
        guard faults.isEmpty else { throw DomainFault.invalid(faults) }
        let hash = try await backstage.logins.hash(wish.password)
        return try await BlockingPool.run {
            guard
                let person = try people.accept(
                    invitation: wish.secret, name: wish.name, password: hash, at: now)
            else { throw stale }
            return try begin(person, call, at: now, next: nil)
        }
    }

    private struct Change: Decodable {
        static let fields: Set<String> = ["current", "new"]
        let current: String
        let new: String
    }

    @Sendable private func changePassword(_ call: APICall) async throws -> APIAnswer {
        let person = try call.person()
        guard call.may(.manageTokens) else { throw Refusal.forbidden("the token is not for that") }
        let wish = try JSONContent.value(
            Change.self, fields: Change.fields, from: JSONContent.object(call.content))
        let address = call.arrival.address
        try backstage.logins.check(login: person.login, from: address)
        if let fault = PasswordHash.fault(in: wish.new, login: person.login) {
            throw DomainFault.invalid([FieldFault("new", fault)])
        }
        let (people, now) = (backstage.people, call.now)
        let old = try await BlockingPool.run { try people.password(of: person.id) }
        guard
            try await backstage.logins.admits(
                wish.current, by: old, login: person.login, from: address)
        else {
            throw DomainFault.invalid([FieldFault("current", "it is not the password")])
        }
        let hash = try await backstage.logins.hash(wish.new)
        let actor = try call.actor()
        try await BlockingPool.run {
            try people.setPassword(
                hash, of: person.id, keeping: call.visitor.session?.id, by: actor, at: now)
        }
        backstage.visitors.forget()
        return .nothing
    }
}
