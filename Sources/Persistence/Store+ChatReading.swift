package import Chat
package import Foundation
import GRDB
package import Media
package import People
package import Translation

// Looking into chats.

extension Store {
    package func message(_ id: MessageID, of show: ShowID) throws -> ChatMessage? {
        try read { try Store.message(id, of: show, in: $0) }
    }

    static func message(_ id: MessageID, of show: ShowID, in db: Database) throws -> ChatMessage? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM chat_message WHERE id = ? AND show = ?", arguments: [id.text, show.text]
        ).flatMap(ChatMessage.init(row:))
    }

    package func messages(of show: ShowID, _ query: ChatQuery) throws -> [ChatMessage] {
        var conditions = ["show = ?"]
        var arguments: StatementArguments = [show.text]
        func add(_ condition: String, _ value: Int64?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [value]
        }
        switch query.kind {
        case .shown: conditions.append("state = 'shown'")
        case .held: conditions.append("state = 'held'")
        case .questions(let isAnswered):
            conditions.append("state = 'shown' AND isQuestion")
            add("isAnswered = ?", isAnswered.map { $0 ? 1 : 0 })
        }
        add("sequence > ?", query.after.map(Int64.init))
        add("sequence < ?", query.before.map(Int64.init))
        add("showTime >= ?", query.from?.unixMilliseconds)
        add("showTime < ?", query.to?.unixMilliseconds)
        // The newest, where nothing says from where on.
        let isForward = query.after != nil || query.from != nil || query.kind == .held
        let order =
            query.kind == .held
            ? "place" : query.from != nil || query.to != nil ? "showTime, sequence" : "sequence"
        let direction = isForward ? order : order.replacing(",", with: " DESC,") + " DESC"
        arguments += [min(max(query.limit, 1), 1000)]
        let found = try read { [arguments] db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM chat_message WHERE \(conditions.joined(separator: " AND "))
                    ORDER BY \(direction) LIMIT ?
                    """, arguments: arguments
            ).compactMap(ChatMessage.init(row:))
        }
        return isForward ? found : found.reversed()
    }

    package func sanctions(of show: ShowID, isInForce: Bool, at now: Date, limit: Int) throws -> [Sanction] {
        let condition =
            isInForce ? "AND liftedAt IS NULL AND (until IS NULL OR until > :now)" : "AND :now IS NOT NULL"
        return try read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT * FROM chat_sanction WHERE show = :show \(condition) ORDER BY at DESC, id LIMIT :limit",
                arguments: [
                    "show": show.text, "now": now.unixMilliseconds, "limit": min(max(limit, 1), 10_000),
                ]
            ).compactMap(Sanction.init(row:))
        }
    }

    package func exported(of show: ShowID, after: Int, limit: Int) throws -> [ExportedMessage] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM chat_message WHERE show = ? AND place > ? ORDER BY place LIMIT ?",
                arguments: [show.text, after, min(max(limit, 1), 10_000)]
            ).compactMap { row in
                ChatMessage(row: row).map { ExportedMessage(row: row["place"], message: $0) }
            }
        }
    }

    package func messages(by author: AuthorID, limit: Int) throws -> [ChatMessage] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM chat_message WHERE author = ? ORDER BY place LIMIT ?",
                arguments: [author.text, min(max(limit, 1), 100_000)]
            ).compactMap(ChatMessage.init(row:))
        }
    }

    package func shows(writtenInBy author: AuthorID) throws -> [ShowID] {
        try read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT show FROM chat_message WHERE author = :author
                    UNION SELECT show FROM chat_sanction WHERE author = :author AND name <> ''
                    """, arguments: ["author": author.text]
            ).compactMap { ShowID($0) }
        }
    }

    /// Everything that is kept of what somebody has written, and of what was held against them; nil where that is nothing.
    package func exportAuthor(_ author: AuthorID) throws -> JSONValue? {
        try read { db in
            let (written, imposed) = (
                try Store.written(by: author, in: db), try Store.imposed(on: author, in: db)
            )
            guard written != [] || imposed != [] else { return nil }
            return ["messages": written, "sanctions": imposed]
        }
    }

    static func written(by author: AuthorID, in db: Database) throws -> JSONValue {
        .list(
            try Row.fetchAll(
                db,
                sql: """
                    SELECT show, at, showTime, name, text, language, editedAt, state FROM chat_message
                    WHERE author = ? ORDER BY place
                    """, arguments: [author.text]
            ).map(Store.json(of:)))
    }

    static func imposed(on author: AuthorID, in db: Database) throws -> JSONValue {
        .list(
            try Row.fetchAll(
                db,
                sql: """
                    SELECT show, at, kind, reason, until AS untilAt, liftedAt FROM chat_sanction
                    WHERE author = ? ORDER BY at
                    """, arguments: [author.text]
            ).map(Store.json(of:)))
    }

    // MARK: Glossaries

    package func glossary(of show: ShowID) throws -> (glossary: Glossary, revision: Int) {
        try read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT glossary, glossaryRevision FROM chat_room WHERE show = ?",
                arguments: [show.text])
            return (Store.glossary(row?["glossary"]), row?["glossaryRevision"] ?? 0)
        }
    }

    /// What cannot be read is taken for none: messages are more than their translation.
    static func glossary(_ text: String?) -> Glossary {
        text.flatMap { try? StoreJSON.value($0) } ?? .empty
    }

    package func setGlossary(
        _ glossary: Glossary, of show: ShowID, ifRevision: Int?, by actor: Actor, at now: Date
    ) throws -> Int {
        try write { transaction in
            let db = transaction.db
            guard try Store.exists(show, db) else { throw Store.noShow(show) }
            try Store.makeRoom(show, db)
            let known =
                try Int.fetchOne(
                    db, sql: "SELECT glossaryRevision FROM chat_room WHERE show = ?", arguments: [show.text])
                ?? 0
            if let ifRevision, ifRevision != known { throw DomainFault.stale(current: known) }
            try db.execute(
                sql: "UPDATE chat_room SET glossary = ?, glossaryRevision = ? WHERE show = ?",
                arguments: [try StoreJSON.text(glossary), known + 1, show.text])
            try transaction.note(
                "glossary.edit", "show:\(show)", ["revision": .int(known + 1)], by: actor, at: now)
            return known + 1
        }
    }
}
