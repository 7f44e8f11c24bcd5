import Chat
import Foundation
import GRDB
import Media
import People

// What chats keep, as rows.

extension ChatMessage {
    /// Nil for a row that another program has written.
    init?(row: Row) {
        guard let show = ShowID(row["show"] as String), let state = State(rawValue: row["state"]),
            let author = AuthorID(row["author"] as String)
        else { return nil }
        self.init(
            id: MessageID(known: row["id"]), show: show, sequence: row["sequence"],
            at: Date(unixMilliseconds: row["at"]),
            showTime: (row["showTime"] as Int64?).map(Date.init(unixMilliseconds:)),
            author: ChatAuthor(
                id: author, name: row["name"],
                badge: (row["badge"] as String?).flatMap(ChatBadge.init(rawValue:))),
            text: row["text"], language: (row["language"] as String?).flatMap { LanguageTag($0) },
            replyTo: (row["replyTo"] as String?).map(MessageID.init(known:)), isQuestion: row["isQuestion"],
            isAnswered: row["isAnswered"],
            answeredBy: (row["answeredBy"] as String?).map(MessageID.init(known:)),
            editedAt: (row["editedAt"] as Int64?).map(Date.init(unixMilliseconds:)), state: state,
            heldFor: row["heldFor"])
    }

    func insertArguments(clientID: String?) -> StatementArguments {
        [
            id.text, show.text, sequence, at.unixMilliseconds, showTime?.unixMilliseconds, author.id.text,
            author.name, author.badge?.rawValue, text, language?.text, replyTo?.text, isQuestion, isAnswered,
            answeredBy?.text, editedAt?.unixMilliseconds, state.rawValue, heldFor, clientID,
        ]
    }

    static let insert = """
        INSERT INTO chat_message (id, show, sequence, at, showTime, author, name, badge, text, language, replyTo,
          isQuestion, isAnswered, answeredBy, editedAt, state, heldFor, clientID)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    var updateArguments: StatementArguments {
        [
            sequence, text, language?.text, isQuestion, isAnswered, answeredBy?.text,
            editedAt?.unixMilliseconds, state.rawValue, heldFor, id.text, show.text,
        ]
    }

    static let update = """
        UPDATE chat_message SET sequence = ?, text = ?, language = ?, isQuestion = ?, isAnswered = ?,
          answeredBy = ?, editedAt = ?, state = ?, heldFor = ? WHERE id = ? AND show = ?
        """
}

extension Sanction {
    init?(row: Row) {
        guard let show = ShowID(row["show"] as String), let author = AuthorID(row["author"] as String),
            let kind = Kind(rawValue: row["kind"])
        else { return nil }
        self.init(
            id: SanctionID(known: row["id"]), show: show, author: author, name: row["name"], kind: kind,
            reason: row["reason"], at: Date(unixMilliseconds: row["at"]),
            until: (row["until"] as Int64?).map(Date.init(unixMilliseconds:)),
            by: Actor(text: row["actor"]) ?? .server,
            liftedAt: (row["liftedAt"] as Int64?).map(Date.init(unixMilliseconds:)))
    }

    var arguments: StatementArguments {
        [
            id.text, show.text, author.text, name, kind.rawValue, reason, at.unixMilliseconds,
            until?.unixMilliseconds, by.text, liftedAt?.unixMilliseconds,
        ]
    }

    static let insert = """
        INSERT INTO chat_sanction (id, show, author, name, kind, reason, at, until, actor, liftedAt)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}

extension RoomEvent {
    /// As it is kept: a message by its name, whatever it says by now.
    func arguments(of show: ShowID) throws -> StatementArguments {
        let (name, message, detail): (String, MessageID?, String?) =
            switch kind {
            case .message(let message): ("message", message.id, nil)
            case .edited(let message): ("edited", message.id, nil)
            case .deleted(let id): ("deleted", id, nil)
            case .pinned(let message): ("pinned", message.id, nil)
            case .unpinned: ("unpinned", nil, nil)
            case .cleared(let last): ("cleared", nil, "\(last)")
            case .mode(let mode): ("mode", nil, try StoreJSON.text(mode))
            case .question(let id, let answer): ("question", id, answer?.text)
            }
        let reader: String? = if case .only(let author) = audience { author.text } else { nil }
        return [show.text, sequence, at.unixMilliseconds, name, message?.text, detail, reader]
    }

    static let insert = """
        INSERT INTO chat_event (show, sequence, at, kind, message, detail, audience) VALUES (?, ?, ?, ?, ?, ?, ?)
        """

    /// Of a row with its message beside it; nil where that is gone.
    init?(row: Row, _ message: ChatMessage?) {
        let id = (row["eventMessage"] as String?).map(MessageID.init(known:))
        let detail: String? = row["detail"]
        let isThere = message.map { $0.state == .shown || $0.state == .shadowed } ?? false
        let kind: Kind
        switch (row["kind"] as String, message, id) {
        case ("message", let message?, _) where isThere: kind = .message(message)
        case ("edited", let message?, _) where isThere: kind = .edited(message)
        case ("pinned", let message?, _) where isThere: kind = .pinned(message)
        case ("deleted", _, let id?): kind = .deleted(id)
        case ("unpinned", _, _): kind = .unpinned
        case ("question", _, let id?): kind = .question(id, by: detail.map(MessageID.init(known:)))
        case ("cleared", _, _):
            guard let last = detail.flatMap({ Int($0) }) else { return nil }
            kind = .cleared(upTo: last)
        case ("mode", _, _):
            guard let mode: ChatMode = detail.flatMap({ try? StoreJSON.value($0) }) else { return nil }
            kind = .mode(mode)
        default: return nil
        }
        let author = (row["audience"] as String?).flatMap { AuthorID($0) }
        self.init(
            sequence: row["eventSequence"], at: Date(unixMilliseconds: row["eventAt"]), kind: kind,
            audience: author.map { .only($0) } ?? .everybody)
    }
}
