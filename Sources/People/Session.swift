package import Foundation

/// Somebody's signed-in browser. The cookie's secret is kept hashed.
package struct Session: Hashable, Sendable {
    /// The hash of the cookie's secret.
    package var id: SecretHash
    package var person: PersonID
    /// What unsafe requests must show in `X-Shopcast-CSRF`.
    package var csrf: String
    package var createdAt: Date
    package var expiresAt: Date
    package var lastSeenAt: Date
    /// The first 100 characters of what the browser calls itself.
    package var userAgent: String

    package static let cookie = "shopcast_session"
    /// However busy: after so long somebody has to sign in again.
    package static let lifetime: TimeInterval = 30 * 86_400
    /// Without a request for so long.
    package static let idleLifetime: TimeInterval = 3 * 86_400

    package init(
        id: SecretHash, person: PersonID, csrf: String, createdAt: Date, expiresAt: Date, lastSeenAt: Date,
        userAgent: String
    ) {
        self.id = id
        self.person = person
        self.csrf = csrf
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastSeenAt = lastSeenAt
        self.userAgent = userAgent
    }

    /// A new one and the secret for its cookie, 200 bits.
    package static func begin(person: PersonID, userAgent: String?, at now: Date) -> (Session, secret: String)
    {
        let secret = Name32.random(40)
        let session = Session(
            id: SecretHash(of: secret), person: person, csrf: Name32.random(32),
            createdAt: now.toMilliseconds, expiresAt: now.addingTimeInterval(lifetime).toMilliseconds,
            lastSeenAt: now.toMilliseconds,
            userAgent: String((userAgent ?? "").filter { !$0.isControl }.prefix(100)))
        return (session, secret)
    }

    package func isGood(at now: Date) -> Bool {
        now < expiresAt && now.timeIntervalSince(lastSeenAt) < Session.idleLifetime
    }

    /// Whether its last sight is old enough to be noted again: notes cost a write.
    package func wantsNote(at now: Date) -> Bool { now.timeIntervalSince(lastSeenAt) > 300 }

    /// In constant time.
    package func admits(csrf shown: String) -> Bool {
        let (own, other) = (csrf.utf8, shown.utf8)
        guard own.count == other.count else { return false }
        return zip(own, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// A one-time link, `/welcome/SECRET`, with which a person sets a password.
package struct Invitation: Hashable, Sendable, Codable {
    package var id: InvitationID
    package var person: PersonID
    package var createdAt: Date
    package var expiresAt: Date
    package var usedAt: Date?

    package static let lifetime: TimeInterval = 3 * 86_400

    package init(
        id: InvitationID, person: PersonID, createdAt: Date, expiresAt: Date, usedAt: Date? = nil
    ) {
        self.id = id
        self.person = person
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }

    /// A new secret, 200 bits.
    package static func makeSecret() -> String { Name32.random(40) }

    package func isGood(at now: Date) -> Bool { usedAt == nil && now < expiresAt }
}
