package import Foundation
package import Media

/// Where people are kept. Every call is one transaction, with its audit entry, and is on disk when it returns; it waits
/// for the disk, so it is not for the cooperative pool. Throws `DomainFault` where the rules are against it.
package protocol PeopleStore: Sendable {
    // Persons
    func person(_ id: PersonID) throws -> Person?
    func person(login: String) throws -> Person?
    /// By name; `text` is looked for in name and login.
    func people(text: String?, limit: Int, cursor: String?) throws -> Page<Person>
    /// Validates. A login that somebody has is a conflict.
    func createPerson(_ draft: PersonDraft, once: IdempotencyClaim?, by actor: Actor, at now: Date) throws
        -> Person
    /// Validates. Who is disabled is signed out; the last operator can be neither disabled nor made less.
    func editPerson(_ id: PersonID, to draft: PersonDraft, by actor: Actor, at now: Date) throws -> Person
    /// Everything that is kept about somebody, as JSON; never a secret.
    func exportPerson(_ id: PersonID) throws -> JSONValue
    /// Forgets somebody: what they did stays in the logs, without their name.
    func erasePerson(_ id: PersonID, by actor: Actor, at now: Date) throws

    // Passwords
    /// As `PasswordHash.text`; nil where none is set.
    func password(of person: PersonID) throws -> PasswordHash?
    /// All sessions of the person end, but for `keeping`.
    func setPassword(
        _ hash: PasswordHash, of person: PersonID, keeping: SecretHash?, by actor: Actor, at now: Date) throws

    // Sessions
    func beginSession(_ session: Session) throws
    /// With its person; nil where there is none, it has run out, or the person is disabled.
    func session(_ id: SecretHash, at now: Date) throws -> (session: Session, person: Person)?
    func noteSession(_ id: SecretHash, at now: Date) throws
    func endSession(_ id: SecretHash) throws

    // Tokens
    func tokens(of person: PersonID) throws -> [AccessToken]
    /// Validates. `secret` is `AccessToken.makeSecret()`, and is not kept.
    func createToken(
        _ draft: TokenDraft, secret: String, of person: PersonID, by actor: Actor, at now: Date
    ) throws -> AccessToken
    func revokeToken(_ id: TokenID, of person: PersonID, by actor: Actor, at now: Date) throws
    /// With its person; nil where there is none, it has run out, or the person is disabled.
    func token(secret: String, at now: Date) throws -> (token: AccessToken, person: Person)?
    func noteToken(_ id: TokenID, at now: Date) throws

    // Invitations
    /// Earlier ones of the person are void from now on. `secret` is `Invitation.makeSecret()`, and is not kept.
    func invite(_ person: PersonID, secret: String, by actor: Actor, at now: Date) throws -> Invitation
    /// Nil where there is none, it was used, or it has run out.
    func invitation(secret: String, at now: Date) throws -> (invitation: Invitation, person: Person)?
    /// Takes the invitation, sets the password and perhaps the name, all or nothing; false where it is good no more.
    func accept(invitation secret: String, name: String?, password: PasswordHash, at now: Date) throws
        -> Person?
    /// Whether any operator can come in, with a password or a token; while none can, the server prints a set-up link.
    func hasWayIn(at now: Date) throws -> Bool

    // Roles
    func roles(of person: PersonID) throws -> [ShowID: Role]
    func members(of show: ShowID) throws -> [Membership]
    /// Sets or changes somebody's role. A host's other shows must not overlap.
    func setMember(_ membership: Membership, by actor: Actor, at now: Date) throws
    func removeMember(_ person: PersonID, of show: ShowID, by actor: Actor, at now: Date) throws

    // Audit
    func audit(_ query: AuditQuery) throws -> Page<AuditEntry>
    /// For changes that are not the store's own: settings reloaded, a backup made.
    func note(_ action: String, subject: String, details: JSONValue, by actor: Actor, at now: Date) throws
    /// Deletes what is older, run-out sessions and used-up claims; returns how many entries of the log that were.
    func tidy(auditBefore: Date, at now: Date) throws -> Int
}

/// One Idempotency-Key of one client at one address.
package struct IdempotencyClaim: Hashable, Sendable {
    package static let lifetime: TimeInterval = 86_400

    /// Who and where: `p…:POST /api/v1/shows`.
    package var scope: String
    /// As the client sent it, 1 to 200 characters.
    package var key: String
    /// SHA-256 of the request's content.
    package var digest: String

    package init(scope: String, key: String, digest: String) {
        self.scope = scope
        self.key = key
        self.digest = digest
    }
}

/// What was answered the first time.
package struct StoredAnswer: Hashable, Sendable, Codable {
    package var status: Int
    package var headers: [String: String]
    package var body: String

    package init(status: Int, headers: [String: String], body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Keeps what was made with an Idempotency-Key, for a day. The claim is stored with the thing that it makes, in one
/// transaction (`createShow(once:)`), so that no crash makes it twice; the answer follows.
package protocol IdempotencyStore: Sendable {
    /// Nil where the claim is new. Throws `DomainFault.claimed` where the key came with other content. An answer that is
    /// nil was not kept in time (the process died): it is made anew from the subject.
    func earlier(_ claim: IdempotencyClaim, at now: Date) throws -> (subject: String, answer: StoredAnswer?)?
    func keep(_ answer: StoredAnswer, for claim: IdempotencyClaim, at now: Date) throws
}
