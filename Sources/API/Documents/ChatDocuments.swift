import Chat
import Foundation
import Media
import People

/// A message, as the API tells it.
struct MessageDocument: Encodable {
    struct Author: Encodable {
        let id: AuthorID
        let name: String
        let badge: ChatBadge?

        init(_ author: ChatAuthor) {
            id = author.id
            name = author.name
            badge = author.badge
        }
    }

    let seq: Int
    let id: MessageID
    let at: Date
    let showTime: Date?
    let author: Author
    let text: String
    let language: LanguageTag?
    let replyTo: MessageID?
    let question: Bool
    let answered: Bool
    let answeredBy: MessageID?
    let editedAt: Date?
    /// `held` for its author too; the other states are for who moderates.
    let state: ChatMessage.State?
    let heldFor: String?

    init(_ message: ChatMessage, isWhole: Bool = false) {
        seq = message.sequence
        id = message.id
        at = message.at
        showTime = message.showTime
        author = Author(message.author)
        text = message.text
        language = message.language
        replyTo = message.replyTo
        question = message.isQuestion
        answered = message.isAnswered
        answeredBy = message.answeredBy
        editedAt = message.editedAt
        state = isWhole || message.state == .held ? message.state : nil
        heldFor = isWhole ? message.heldFor : nil
    }
}

/// A room, as the API tells it.
struct ChatDocument: Encodable {
    struct Counts: Encodable {
        let viewers: Int
        let readers: Int
    }

    struct You: Encodable {
        let id: AuthorID?
        let name: String?
        let badge: ChatBadge?
        let canWrite: Bool
        let why: String?
        let canModerate: Bool
    }

    let room: String
    let sequence: Int
    let mode: ChatMode
    let pinned: MessageDocument?
    let counts: Counts
    let reactions: [String]
    let you: You
    /// For who moderates: the secret of the host's link, and how many messages wait.
    let link: String?
    let held: Int?
}

/// How a room is run, as who moderates reads and changes it.
struct ModeDocument: Encodable {
    let mode: ChatMode
    let link: String?

    private enum Keys: String, CodingKey { case link }

    func encode(to encoder: any Encoder) throws {
        try mode.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encodeIfPresent(link, forKey: .link)
    }
}

/// Sanctions as the API tells them.
struct SanctionDocument: Encodable {
    let id: SanctionID
    let author: AuthorID
    let name: String
    let kind: Sanction.Kind
    let reason: String
    let at: Date
    let until: Date?
    let by: Actor
    let liftedAt: Date?

    init(_ sanction: Sanction) {
        id = sanction.id
        author = sanction.author
        name = sanction.name
        kind = sanction.kind
        reason = sanction.reason
        at = sanction.at
        until = sanction.until
        by = sanction.by
        liftedAt = sanction.liftedAt
    }
}
