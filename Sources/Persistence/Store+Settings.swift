package import Foundation
import GRDB
import Media
import People
package import Shows

extension Store {
    package func adopt(_ shows: [SettingsShow], at now: Date) throws {
        try write { transaction in
            for show in shows {
                try Store.adopt(show, transaction, at: now)
                try Store.adoptKeys(show, transaction, at: now)
            }
            // Of shows that the file has no more.
            try transaction.db.execute(
                sql: """
                    UPDATE streamKey SET revokedAt = ? WHERE isFromSettings AND revokedAt IS NULL
                      AND show NOT IN (SELECT value FROM json_each(?))
                    """, arguments: [now.unixMilliseconds, try StoreJSON.text(shows.map(\.id.text))])
        }
    }

    /// Made where it is missing. Where the file says something else than at the last start, the file is newer than what
    /// the store has, and goes over it; people and tags, which no file knows, stay.
    private static func adopt(_ entry: SettingsShow, _ transaction: Transaction, at now: Date) throws {
        let db = transaction.db
        let digest = try SHA256Text.of(
            (StoreJSON.text(entry.draft) + (entry.draft.slate ?? "")).utf8)
        if var show = try Store.show(entry.id, in: db) {
            let known = try String.fetchOne(
                db, sql: "SELECT settingsDigest FROM show WHERE id = ?", arguments: [entry.id.text])
            guard known != digest else { return }
            var draft = entry.draft
            (draft.hosts, draft.tags) = (show.hosts, show.tags)
            (draft.start, draft.lengthMinutes, draft.zone) = (show.start, show.lengthMinutes, show.zone)
            (draft.recurrence, draft.embedOrigins) = (show.recurrence, show.embedOrigins)
            (draft.descriptions, draft.rungs) = (show.descriptions, show.rungs)
            if show.draft != draft {
                show.draft = draft
                show.revision += 1
                show.updatedAt = now.toMilliseconds
                try update(show, transaction)
                try transaction.note("show.edit", "show:\(show.id)", by: .settings, at: now)
            }
        } else {
            let show = Show(
                id: entry.id, draft: entry.draft, state: entry.state ?? .scheduled, at: now.toMilliseconds)
            _ = try insert(show, event: "create", transaction, by: .settings, at: now)
        }
        try db.execute(
            sql: "UPDATE show SET settingsDigest = ? WHERE id = ?", arguments: [digest, entry.id.text])
    }

    /// The file decides over its own keys; keys that were made otherwise stay.
    private static func adoptKeys(_ entry: SettingsShow, _ transaction: Transaction, at now: Date) throws {
        let wanted = Dictionary(
            entry.keys.map { (SecretHash(of: $0.secret).text, $0.role) }
        ) { first, _ in first }
        let rows = try Row.fetchAll(
            transaction.db,
            sql: "SELECT id, hash, role, isFromSettings FROM streamKey WHERE show = ? AND revokedAt IS NULL",
            arguments: [entry.id.text])
        var present: Set<String> = []
        for row in rows {
            let hash: String = row["hash"]
            if wanted[hash]?.rawValue == row["role"] {
                present.insert(hash)
            } else if row["isFromSettings"] || wanted[hash] != nil {
                transaction.touch(entry.id)
                try transaction.db.execute(
                    sql: "UPDATE streamKey SET revokedAt = ? WHERE id = ?",
                    arguments: [now.unixMilliseconds, row["id"] as String])
            }
        }
        for (hash, role) in wanted.sorted(by: { $0.key < $1.key }) where !present.contains(hash) {
            _ = try insertKey(
                StreamKeyDraft(role: role, label: "settings"), hash: SecretHash(stored: hash), of: entry.id,
                isFromSettings: true, transaction, at: now)
        }
    }
}
