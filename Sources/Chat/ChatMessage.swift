package import Foundation
package import Media
package import People

/// The name of a message.
package struct MessageID: RandomID {
    package static let letter: Character = "m"
    package let text: String
    package init(known: String) { text = known }
}

/// Who writes: a guest (`g_…`), a person of this house (`p…`), or a host who came with the show's stream key (`k_host`).
package struct AuthorID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    private static let guestLength = 16

    package init(_ person: PersonID) { text = person.text }
    package init(known: String) { text = known }

    /// The host who shows the show's stream key, in that show.
    package static let streamKey = AuthorID(known: "k_host")

    /// A new guest, 80 bits.
    package static func guest() -> AuthorID { AuthorID(known: "g_" + Name32.random(guestLength)) }

    /// Nil where `text` has another form.
    package init?(_ text: some StringProtocol) {
        let isGuest = text.hasPrefix("g_") && Name32.isName(text.dropFirst(2), AuthorID.guestLength)
        guard isGuest || PersonID(text) != nil || text == AuthorID.streamKey.text else { return nil }
        self.text = String(text)
    }

    package var isGuest: Bool { text.hasPrefix("g_") }
    package var person: PersonID? { PersonID(text) }
    package var description: String { text }
}

extension AuthorID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = AuthorID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "the id of somebody who writes is needed")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// What stands beside a name.
package enum ChatBadge: String, Hashable, Sendable, Codable, CaseIterable {
    case host, moderator, `operator`, interpreter
    /// Signed in, without a role in the show.
    case verified

    /// Runs the room: no limit is kept for them, and everybody always gets what they write.
    package var isStaff: Bool { self == .host || self == .moderator || self == .operator }
}

/// Who writes, as readers see them.
package struct ChatAuthor: Hashable, Sendable, Codable {
    package var id: AuthorID
    package var name: String
    package var badge: ChatBadge?

    package init(id: AuthorID, name: String, badge: ChatBadge? = nil) {
        self.id = id
        self.name = name
        self.badge = badge
    }
}

/// One message of a room, in the words of its author.
package struct ChatMessage: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case shown
        /// Waits for a moderator.
        case held
        case deleted
        /// Only its author sees it.
        case shadowed
    }

    package var id: MessageID
    package var show: ShowID
    /// Of the event with which it appeared; 0 while it is held.
    package var sequence: Int
    /// The shop clock: when the server took it.
    package var at: Date
    /// The show clock (PROGRAM-DATE-TIME); nil where the show was not on air.
    package var showTime: Date?
    package var author: ChatAuthor
    /// Empty once its author has taken it back.
    package var text: String
    /// As far as it is known.
    package var language: LanguageTag?
    package var replyTo: MessageID?
    package var isQuestion: Bool
    /// A host or moderator has answered it.
    package var isAnswered: Bool
    /// The message with the answer; nil where it was spoken, or there is none.
    package var answeredBy: MessageID?
    package var editedAt: Date?
    package var state: State
    /// Why it is held: `review`, `link`, `word`, `address`.
    package var heldFor: String?

    package init(
        id: MessageID, show: ShowID, sequence: Int, at: Date, showTime: Date? = nil, author: ChatAuthor,
        text: String, language: LanguageTag? = nil, replyTo: MessageID? = nil, isQuestion: Bool = false,
        isAnswered: Bool = false, answeredBy: MessageID? = nil, editedAt: Date? = nil,
        state: State = .shown, heldFor: String? = nil
    ) {
        self.id = id
        self.show = show
        self.sequence = sequence
        self.at = at
        self.showTime = showTime
        self.author = author
        self.text = text
        self.language = language
        self.replyTo = replyTo
        self.isQuestion = isQuestion
        self.isAnswered = isAnswered
        self.answeredBy = answeredBy
        self.editedAt = editedAt
        self.state = state
        self.heldFor = heldFor
    }
}
