package import Foundation
package import Media

/// Somebody who works here.
package struct Person: Hashable, Sendable, Codable {
    package var id: PersonID
    package var name: String
    /// An e-mail address or a plain name, in lower case; nobody else has it.
    package var login: String
    /// What they read, where they have said.
    package var language: LanguageTag?
    /// May do everything.
    package var isOperator: Bool
    package var createdAt: Date
    /// Since when they may not come in any more.
    package var disabledAt: Date?

    package init(
        id: PersonID, name: String, login: String, language: LanguageTag? = nil, isOperator: Bool,
        createdAt: Date, disabledAt: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.login = login
        self.language = language
        self.isOperator = isOperator
        self.createdAt = createdAt
        self.disabledAt = disabledAt
    }

    /// What a client may set.
    package var draft: PersonDraft {
        PersonDraft(
            name: name, login: login, language: language, isOperator: isOperator,
            isDisabled: disabledAt != nil)
    }
}

/// What a client may set of a person.
package struct PersonDraft: Hashable, Sendable, Codable {
    package var name: String
    package var login: String
    package var language: LanguageTag?
    package var isOperator: Bool
    package var isDisabled: Bool

    /// The names of everything that may be set.
    package static let fields: Set<String> = ["name", "login", "language", "isOperator", "isDisabled"]

    package init(
        name: String, login: String, language: LanguageTag? = nil, isOperator: Bool = false,
        isDisabled: Bool = false
    ) {
        self.name = name
        self.login = login
        self.language = language
        self.isOperator = isOperator
        self.isDisabled = isDisabled
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        login = try container.decode(String.self, forKey: .login)
        name = try container.decodeIfPresent(String.self, forKey: .name) ?? login
        language = try container.decodeIfPresent(LanguageTag.self, forKey: .language)
        isOperator = try container.decodeIfPresent(Bool.self, forKey: .isOperator) ?? false
        isDisabled = try container.decodeIfPresent(Bool.self, forKey: .isDisabled) ?? false
    }

    /// With the login in lower case, and without spaces around either name.
    package var normalised: PersonDraft {
        var draft = self
        draft.login = login.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        draft.name = name.trimmingCharacters(in: .whitespacesAndNewlines)
        return draft
    }

    /// Every fault at once.
    package func validate() -> [FieldFault] {
        let draft = normalised
        var faults: [FieldFault] = []
        if !(1...100).contains(draft.name.count) || draft.name.contains(where: \.isControl) {
            faults.append(FieldFault("name", "1 to 100 characters are needed"))
        }
        let isPlain = draft.login.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "@.+-_".utf8.contains($0)
            }
        }
        if !isPlain || !(1...100).contains(draft.login.utf8.count) {
            faults.append(
                FieldFault(
                    "login",
                    "1 to 100 of a-z, 0-9, '@', '.', '+', '-' and '_' are needed: an e-mail or a name")
            )
        }
        return faults
    }
}

extension Character {
    /// What moves the cursor, or ends a line, and has no place in a name.
    package var isControl: Bool {
        unicodeScalars.contains {
            $0.properties.generalCategory == .control || $0.properties.generalCategory == .lineSeparator
                || $0.properties.generalCategory == .paragraphSeparator
        }
    }
}

/// What somebody does in one show.
package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
    case host, moderator, interpreter
}

/// Somebody's place in one show; one at most.
package struct Membership: Hashable, Sendable, Codable {
    package var person: PersonID
    package var show: ShowID
    package var role: Role
    /// What an interpreter speaks.
    package var languages: [LanguageTag]

    package init(person: PersonID, show: ShowID, role: Role, languages: [LanguageTag] = []) {
        self.person = person
        self.show = show
        self.role = role
        self.languages = languages
    }
}

/// Who has done something.
package enum Actor: Hashable, Sendable {
    case person(PersonID)
    case token(TokenID, PersonID)
    /// A host with the stream key of this show.
    case streamKey(ShowID)
    case commandLine
    /// The settings file, at start.
    case settings
    /// The server by itself: a feed came or went.
    case server

    /// `person:p…`, `token:t…:p…`, `streamKey:SHOW`, `commandLine`, `settings`, `server`.
    package var text: String {
        switch self {
        case .person(let id): "person:\(id)"
        case .token(let id, let person): "token:\(id):\(person)"
        case .streamKey(let show): "streamKey:\(show)"
        case .commandLine: "commandLine"
        case .settings: "settings"
        case .server: "server"
        }
    }

    package init?(text: String) {
        let parts = text.split(separator: ":")
        switch (parts.first, parts.count) {
        case ("person", 2): guard let id = PersonID(parts[1]) else { return nil }; self = .person(id)
        case ("token", 3):
            guard let id = TokenID(parts[1]), let person = PersonID(parts[2]) else { return nil }
            self = .token(id, person)
        case ("streamKey", 2): guard let show = ShowID(parts[1]) else { return nil }; self = .streamKey(show)
        case ("commandLine", 1): self = .commandLine
        case ("settings", 1): self = .settings
        case ("server", 1): self = .server
        default: return nil
        }
    }

    /// The person behind it.
    package var person: PersonID? {
        switch self {
        case .person(let id), .token(_, let id): id
        default: nil
        }
    }
}

extension Actor: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let actor = Actor(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "an actor is needed")
        }
        self = actor
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
