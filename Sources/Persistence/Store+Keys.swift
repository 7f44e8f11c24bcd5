package import Foundation
import GRDB
import Hooks
package import Media
package import People
package import Shows

// Stream keys: found by the SHA-256 of 120 random bits, so the time of an index tells nothing of a secret.

extension Store {
    package func keys(of show: ShowID) throws -> [StreamKeyRecord] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM streamKey WHERE show = ? ORDER BY createdAt DESC, id",
                arguments: [show.text]
            ).compactMap(StreamKeyRecord.init(row:))
        }
    }

    package func createKey(
        _ draft: StreamKeyDraft, secret: String, of show: ShowID, by actor: Actor, at now: Date
    ) throws -> StreamKeyRecord {
        try Store.refuse(draft.validate())
        return try write { transaction in
            guard try Store.exists(show, transaction.db) else { throw Store.noShow(show) }
            try Store.refuseMore(
                than: 20, in: .streamKey, where: "show = ? AND revokedAt IS NULL", of: show.text,
                "a show has at most 20 good keys: revoke one", transaction.db)
            let key = try Store.insertKey(
                draft, hash: SecretHash(of: secret), of: show, isFromSettings: false, transaction, at: now)
            try Store.note("key.create", key, transaction, by: actor, at: now)
            return key
        }
    }

    package func rotateKey(
        _ id: StreamKeyID, secret: String, of show: ShowID, by actor: Actor, at now: Date
    ) throws -> StreamKeyRecord {
        try write { transaction in
            let old = try Store.revoke(id, of: show, transaction, at: now)
            let key = try Store.insertKey(
                StreamKeyDraft(role: old.role, label: old.label), hash: SecretHash(of: secret), of: show,
                isFromSettings: false, transaction, at: now)
            try Store.note("key.rotate", old, transaction, by: actor, at: now)
            transaction.announce(.keyRotated(HookEvent.Role(old.role)), of: show, at: now)
            return key
        }
    }

    package func revokeKey(_ id: StreamKeyID, of show: ShowID, by actor: Actor, at now: Date) throws
        -> StreamKeyRecord
    {
        try write { transaction in
            let key = try Store.revoke(id, of: show, transaction, at: now)
            try Store.note("key.revoke", key, transaction, by: actor, at: now)
            return key
        }
    }

    package func goodKeys(of show: ShowID?) throws -> [KnownKey] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT id, show, role, hash FROM streamKey WHERE revokedAt IS NULL"
                    + (show == nil ? "" : " AND show = ?"),
                arguments: show.map { [$0.text] } ?? []
            ).compactMap { row in
                guard let show = ShowID(row["show"] as String), let role = FeedRole(rawValue: row["role"])
                else {
                    return nil
                }
                return KnownKey(
                    id: StreamKeyID(known: row["id"]), show: show, role: role,
                    hash: SecretHash(stored: row["hash"]))
            }
        }
    }

    package func noteKey(_ id: StreamKeyID, at now: Date) throws {
        try noteUse(of: id.text, in: .streamKey, at: now)
    }

    // MARK: In a transaction

    static func insertKey(
        _ draft: StreamKeyDraft, hash: SecretHash, of show: ShowID, isFromSettings: Bool,
        _ transaction: Transaction, at now: Date
    ) throws -> StreamKeyRecord {
        let key = StreamKeyRecord(
            id: .random(), show: show, role: draft.role, label: draft.label, createdAt: now.toMilliseconds,
            isFromSettings: isFromSettings)
        transaction.touch(show)
        try transaction.db.execute(
            sql: """
                INSERT INTO streamKey (id, show, role, hash, label, createdAt, isFromSettings)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                key.id.text, show.text, key.role.rawValue, hash.text, key.label,
                key.createdAt.unixMilliseconds,
                isFromSettings,
            ])
        return key
    }

    /// The same secret is good in no other show of a series either.
    private static func revoke(
        _ id: StreamKeyID, of show: ShowID, _ transaction: Transaction, at now: Date
    ) throws -> StreamKeyRecord {
        let row = try Row.fetchOne(
            transaction.db, sql: "SELECT * FROM streamKey WHERE id = ? AND show = ?",
            arguments: [id.text, show.text])
        guard let row, var key = StreamKeyRecord(row: row) else {
            throw DomainFault.missing("the show has no such key")
        }
        guard key.revokedAt == nil else { throw DomainFault.conflict("the key is revoked already") }
        for name in try String.fetchAll(
            transaction.db, sql: "SELECT show FROM streamKey WHERE hash = ?",
            arguments: [row["hash"] as String])
        { ShowID(name).map(transaction.touch) }
        try transaction.db.execute(
            sql: "UPDATE streamKey SET revokedAt = ? WHERE hash = ? AND revokedAt IS NULL",
            arguments: [now.unixMilliseconds, row["hash"] as String])
        key.revokedAt = now.toMilliseconds
        return key
    }

    private static func note(
        _ action: String, _ key: StreamKeyRecord, _ transaction: Transaction, by actor: Actor, at now: Date
    ) throws {
        try transaction.note(
            action, "show:\(key.show)",
            ["key": .text(key.id.text), "role": .text(key.role.rawValue), "label": .text(key.label)],
            by: actor,
            at: now)
    }
}
