package import Foundation
package import Media
package import People

package struct StreamKeyID: RandomID {
    package static let letter: Character = "k"
    package let text: String
    package init(known: String) { text = known }
}

/// What a key opens: the show's primary feed, or the one that takes over.
package enum FeedRole: String, Hashable, Sendable, Codable, CaseIterable {
    case primary, backup
}

/// A stream key as it is kept: never the secret, which is shown once.
package struct StreamKeyRecord: Hashable, Sendable, Codable {
    package var id: StreamKeyID
    package var show: ShowID
    package var role: FeedRole
    package var label: String
    package var createdAt: Date
    package var revokedAt: Date?
    /// To within some minutes.
    package var lastUsedAt: Date?
    /// It is in the settings file, which decides over it at each start.
    package var isFromSettings: Bool

    package init(
        id: StreamKeyID, show: ShowID, role: FeedRole, label: String, createdAt: Date, revokedAt: Date? = nil,
        lastUsedAt: Date? = nil, isFromSettings: Bool = false
    ) {
        self.id = id
        self.show = show
        self.role = role
        self.label = label
        self.createdAt = createdAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
        self.isFromSettings = isFromSettings
    }

    /// A new secret: `live_` and 24 characters, 120 bits.
    package static func makeSecret() -> String { "live_" + Name32.random(24) }
}

/// What a client may set of a key.
package struct StreamKeyDraft: Hashable, Sendable, Codable {
    package var role: FeedRole
    package var label: String

    package static let fields: Set<String> = ["role", "label"]

    package init(role: FeedRole = .primary, label: String = "") {
        self.role = role
        self.label = label
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        role = try container.decodeIfPresent(FeedRole.self, forKey: .role) ?? .primary
        label = try container.decodeIfPresent(String.self, forKey: .label) ?? ""
    }

    /// Every fault at once.
    package func validate() -> [FieldFault] {
        label.count > 100 || label.contains(where: \.isControl)
            ? [FieldFault("label", "at most 100 characters in one line are kept")] : []
    }
}

/// A good key, as the doors know it.
package struct KnownKey: Hashable, Sendable {
    package var id: StreamKeyID
    package var show: ShowID
    package var role: FeedRole
    package var hash: SecretHash

    package init(id: StreamKeyID, show: ShowID, role: FeedRole, hash: SecretHash) {
        self.id = id
        self.show = show
        self.role = role
        self.hash = hash
    }
}
