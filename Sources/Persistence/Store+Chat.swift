package import Chat
package import Foundation
import GRDB
package import Media
import People
import ShowTimeline

extension Store: ChatStore {
    /// Events that are kept for who comes back after a restart.
    private static let eventsKept = 8192

    // MARK: Rooms

    package func openRoom(_ show: ShowID, keep: Int) throws -> KeptRoom? {
        if let room = try read({ try Store.room(show, keep: keep, in: $0) }) { return room }
        return try write { transaction in
            guard try Store.exists(show, transaction.db) else { return nil }
            try Store.makeRoom(show, transaction.db)
            return try Store.room(show, keep: keep, in: transaction.db)
        }
    }

    static func makeRoom(_ show: ShowID, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO chat_room (show, tag, sequence, mode, revision, glossaryRevision)
                VALUES (?, ?, 0, '', 0, 0)
                """, arguments: [show.text, Name32.random(12)])
    }

    private static func room(_ show: ShowID, keep: Int, in db: Database) throws -> KeptRoom? {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM chat_room WHERE show = ?", arguments: [show.text])
        else { return nil }
        var room = KeptRoom(tag: row["tag"], sequence: row["sequence"])
        if let mode: ChatMode = try? StoreJSON.value(row["mode"]) {
            room.mode = RoomMode(mode: mode, revision: row["revision"], link: row["link"])
        }
        room.pinned = try (row["pinned"] as String?).flatMap { id in
            try message(MessageID(known: id), of: show, in: db).flatMap { $0.state == .shown ? $0 : nil }
        }
        room.glossary = glossary(row["glossary"])
        room.events = try events(show, limit: 2 * keep, in: db)
        room.messages = try known(show, limit: max(keep, ChatRoom.remembered), in: db)
        room.sanctions = try Row.fetchAll(
            db,
            sql: "SELECT * FROM chat_sanction WHERE show = ? AND liftedAt IS NULL ORDER BY at, id",
            arguments: [show.text]
        ).compactMap(Sanction.init(row:))
        return room
    }

    private static func events(_ show: ShowID, limit: Int, in db: Database) throws -> [RoomEvent] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT event.sequence AS eventSequence, event.at AS eventAt, event.kind, event.detail,
                  event.audience, event.message AS eventMessage, chat_message.*
                FROM (SELECT * FROM chat_event WHERE show = ? ORDER BY sequence DESC LIMIT ?) AS event
                LEFT JOIN chat_message ON chat_message.id = event.message
                ORDER BY event.sequence
                """, arguments: [show.text, limit]
        ).compactMap { row in
            RoomEvent(row: row, (row["id"] as String?) == nil ? nil : ChatMessage(row: row))
        }
    }

    /// The newest that are shown or shadowed, and all that are held, in the order of arrival.
    private static func known(_ show: ShowID, limit: Int, in db: Database) throws -> [KeptMessage] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM (SELECT * FROM chat_message WHERE show = :show AND sequence > 0
                    AND state IN ('shown', 'shadowed') ORDER BY sequence DESC LIMIT :limit)
                UNION ALL SELECT * FROM chat_message WHERE show = :show AND state = 'held'
                ORDER BY sequence, place
                """, arguments: ["show": show.text, "limit": limit]
        ).compactMap { row in ChatMessage(row: row).map { KeptMessage($0, clientID: row["clientID"]) } }
    }

    // MARK: Changing

    package func commit(_ deeds: [ChatDeed]) throws -> [Bool] {
        try write { transaction in
            var known: [ShowID: Bool] = [:]
            return try deeds.map { deed in
                let exists = try known[deed.show] ?? Store.exists(deed.show, transaction.db)
                if known[deed.show] == nil, exists { try Store.makeRoom(deed.show, transaction.db) }
                known[deed.show] = exists
                guard exists else { return false }
                for change in deed.changes { try Store.apply(change, of: deed.show, transaction.db) }
                if let note = deed.note {
                    try transaction.note(
                        note.action, "show:\(deed.show)", note.details, by: note.actor, at: deed.at)
                }
                if let draft = deed.timeline { try transaction.tell(draft) }
                return true
            }
        }
    }

    private static func apply(_ change: ChatDeed.Change, of show: ShowID, _ db: Database) throws {
        func run(_ sql: String, _ arguments: StatementArguments) throws {
            try db.cachedStatement(sql: sql).execute(arguments: arguments)
        }
        switch change {
        case .insert(let kept):
            try run(ChatMessage.insert, kept.message.insertArguments(clientID: kept.clientID))
        case .update(let message):
            try run(ChatMessage.update, message.updateArguments)
            if message.state == .deleted { try hideQuestion(message.id, of: show, db) }
        case .event(let event):
            try run(RoomEvent.insert, event.arguments(of: show))
            try run("UPDATE chat_room SET sequence = ? WHERE show = ?", [event.sequence, show.text])
            if event.sequence % 1024 == 0 {
                try run(
                    "DELETE FROM chat_event WHERE show = ? AND sequence <= ?",
                    [show.text, event.sequence - eventsKept])
            }
        case .clear(let last):
            try run(
                """
                UPDATE chat_message SET state = 'deleted'
                WHERE show = ? AND sequence BETWEEN 1 AND ? AND state IN ('shown', 'shadowed')
                """, [show.text, last])
        case .mode(let mode):
            try run(
                "UPDATE chat_room SET mode = ?, revision = ?, link = ? WHERE show = ?",
                [try StoreJSON.text(mode.mode), mode.revision, mode.link, show.text])
        case .pin(let id):
            try run("UPDATE chat_room SET pinned = ? WHERE show = ?", [id?.text, show.text])
        case .impose(let sanction): try run(Sanction.insert, sanction.arguments)
        case .lift(let id, let at):
            try run(
                "UPDATE chat_sanction SET liftedAt = ? WHERE id = ? AND show = ?",
                [at.unixMilliseconds, id.text, show.text])
        case .erase(let author): try erase(author, of: show, db)
        }
    }

    // MARK: Forgetting

    /// What the timeline tells of a question whose words are gone.
    private static func hideQuestion(_ id: MessageID, of show: ShowID, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE timeline SET payload = json_set(payload, '$.text', '', '$.name', '')
                WHERE show = ? AND kind = 'question' AND json_extract(payload, '$.message') = ?
                """, arguments: [show.text, id.text])
        try db.execute(
            sql: """
                UPDATE timeline SET payload = json_set(payload, '$.answer.text', '')
                WHERE show = ? AND kind = 'question' AND json_extract(payload, '$.answer.message') = ?
                """, arguments: [show.text, id.text])
    }

    /// All that this author has written: in one show, or in every.
    static func erase(_ author: AuthorID, of show: ShowID?, _ db: Database) throws {
        let place = show == nil ? "" : "show = :show AND "
        var arguments: StatementArguments = ["author": author.text]
        if let show { arguments += ["show": show.text] }
        for (set, condition) in [
            ("'$.text', '', '$.name', ''", "json_extract(payload, '$.author') = :author"),
            (
                "'$.answer.text', ''",
                "json_extract(payload, '$.answer.message') IN (SELECT id FROM chat_message WHERE \(place)author = :author)"
            ),
        ] {
            try db.execute(
                sql: """
                    UPDATE timeline SET payload = json_set(payload, \(set))
                    WHERE \(place)kind = 'question' AND \(condition)
                    """, arguments: arguments)
        }
        try db.execute(sql: "DELETE FROM chat_message WHERE \(place)author = :author", arguments: arguments)
        try db.execute(
            sql: "UPDATE chat_sanction SET name = '' WHERE \(place)author = :author", arguments: arguments)
    }

    @discardableResult
    package func forgetChat(before: Date) throws -> Int {
        let oldest = before.unixMilliseconds
        var count = 0
        // In pieces, so that nobody waits long.
        while true {
            let gone = try write { transaction in
                try transaction.db.execute(
                    sql: """
                        DELETE FROM chat_message WHERE place IN
                          (SELECT place FROM chat_message WHERE at < ? ORDER BY at LIMIT 2000)
                        """, arguments: [oldest])
                return transaction.db.changesCount
            }
            count += gone
            if gone < 2000 { break }
        }
        try write { transaction in
            try transaction.db.execute(sql: "DELETE FROM chat_event WHERE at < ?", arguments: [oldest])
            try transaction.db.execute(
                sql:
                    "DELETE FROM chat_sanction WHERE at < :oldest AND (liftedAt < :oldest OR until < :oldest)",
                arguments: ["oldest": oldest])
        }
        return count
    }

    package func guestKey() throws -> [UInt8] {
        try write { transaction in
            // 320 bits.
            try transaction.db.execute(
                sql: "INSERT OR IGNORE INTO chat_key (name, secret) VALUES ('guests', ?)",
                arguments: [Name32.random(64)])
            let secret = try String.fetchOne(
                transaction.db, sql: "SELECT secret FROM chat_key WHERE name = 'guests'")
            return Array((secret ?? "").utf8)
        }
    }
}
