package import Foundation

/// What a token may be used for; never more than its person may.
package enum Scope: String, Hashable, Sendable, Codable, CaseIterable {
    /// Looking at what its person may look at.
    case read
    /// Making and running shows, with their keys.
    case shows
    /// People, roles and the audit log.
    case people
    case hooks
    case moderate
    case all
}

/// Lets a program act for a person: `Authorization: Bearer sc_…`. The secret is shown once.
package struct AccessToken: Hashable, Sendable, Codable {
    package var id: TokenID
    package var person: PersonID
    package var name: String
    package var scopes: [Scope]
    package var createdAt: Date
    package var expiresAt: Date?
    /// To within some minutes.
    package var lastUsedAt: Date?

    package init(
        id: TokenID, person: PersonID, name: String, scopes: [Scope], createdAt: Date, expiresAt: Date? = nil,
        lastUsedAt: Date? = nil
    ) {
        self.id = id
        self.person = person
        self.name = name
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
    }

    /// A new secret: `sc_` and 40 characters, 200 bits.
    package static func makeSecret() -> String { "sc_" + Name32.random(40) }

    /// Whether `text` has a token's form; a stream key has another.
    package static func isSecret(_ text: some StringProtocol) -> Bool {
        text.hasPrefix("sc_") && Name32.isName(text.dropFirst(3), 40)
    }

    package func isGood(at now: Date) -> Bool { expiresAt.map { now < $0 } ?? true }

    /// Whether its last use is old enough to be noted again: notes cost a write.
    package func wantsNote(at now: Date) -> Bool {
        lastUsedAt.map { now.timeIntervalSince($0) > 300 } ?? true
    }
}

/// What a client may set of a token.
package struct TokenDraft: Hashable, Sendable, Codable {
    package var name: String
    package var scopes: [Scope]
    package var expiresAt: Date?

    package static let fields: Set<String> = ["name", "scopes", "expiresAt"]

    package init(name: String, scopes: [Scope], expiresAt: Date? = nil) {
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
    }

    /// Every fault at once.
    package func validate(at now: Date) -> [FieldFault] {
        var faults: [FieldFault] = []
        if !(1...100).contains(name.count) || name.contains(where: \.isControl) {
            faults.append(FieldFault("name", "1 to 100 characters are needed"))
        }
        if scopes.isEmpty || Set(scopes).count != scopes.count {
            faults.append(
                FieldFault(
                    "scopes", "at least one is needed, each once, of \(Scope.allCases.map(\.rawValue))"))
        }
        if let expiresAt, expiresAt <= now {
            faults.append(FieldFault("expiresAt", "it must be in the future"))
        }
        return faults
    }
}
