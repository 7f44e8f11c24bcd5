package import Foundation
import GRDB
package import People

// The log of changes, and what was made with an Idempotency-Key.

extension Store: IdempotencyStore {
    package func audit(_ query: AuditQuery) throws -> Page<AuditEntry> {
        let limit = min(max(query.limit, 1), 200)
        var conditions = ["1"]
        var arguments: StatementArguments = []
        if let before = try Cursor.parts(query.cursor, count: 1) {
            conditions.append("id < ?")
            arguments += [Int64(before[0]) ?? 0]
        }
        if let subject = query.subject {
            conditions.append("subject = ?")
            arguments += [subject]
        }
        if let person = query.person {
            conditions.append("person = ?")
            arguments += [person.text]
        }
        if let action = query.action {
            conditions.append("substr(action, 1, ?) = ?")
            arguments += [action.count, action]
        }
        arguments += [limit + 1]
        let found = try read { [arguments] db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT * FROM audit WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?",
                arguments: arguments
            ).map(AuditEntry.init(row:))
        }
        let items = Array(found.prefix(limit))
        return Page(
            items: items,
            next: found.count > limit ? try items.last.map { try Cursor.text(["\($0.id)"]) } : nil)
    }

    package func note(_ action: String, subject: String, details: JSONValue, by actor: Actor, at now: Date)
        throws
    {
        try write { try $0.note(action, subject, details, by: actor, at: now) }
    }

    package func tidy(auditBefore: Date, at now: Date) throws -> Int {
        try write { transaction in
            let db = transaction.db
            let idle = now.addingTimeInterval(-Session.idleLifetime).unixMilliseconds
            try db.execute(
                sql: "DELETE FROM session WHERE expiresAt <= ? OR lastSeenAt <= ?",
                arguments: [now.unixMilliseconds, idle])
            try db.execute(
                sql: "DELETE FROM invitation WHERE expiresAt <= ?", arguments: [now.unixMilliseconds])
            try db.execute(
                sql: "DELETE FROM claim WHERE at <= ?",
                arguments: [now.addingTimeInterval(-IdempotencyClaim.lifetime).unixMilliseconds])
            try db.execute(sql: "DELETE FROM audit WHERE at < ?", arguments: [auditBefore.unixMilliseconds])
            return db.changesCount
        }
    }

    // MARK: Idempotency

    package func earlier(_ claim: IdempotencyClaim, at now: Date) throws -> (
        subject: String, answer: StoredAnswer?
    )? {
        try read { try Store.earlier(claim, in: $0, at: now) }
    }

    package func keep(_ answer: StoredAnswer, for claim: IdempotencyClaim, at now: Date) throws {
        try write {
            try $0.db.execute(
                sql: "UPDATE claim SET answer = ? WHERE scope = ? AND claimKey = ?",
                arguments: [try StoreJSON.text(answer), claim.scope, claim.key])
        }
    }

    private static func earlier(_ claim: IdempotencyClaim, in db: Database, at now: Date) throws
        -> (subject: String, answer: StoredAnswer?)?
    {
        let oldest = now.addingTimeInterval(-IdempotencyClaim.lifetime).unixMilliseconds
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM claim WHERE scope = ? AND claimKey = ? AND at > ?",
                arguments: [claim.scope, claim.key, oldest])
        else { return nil }
        guard row["digest"] == claim.digest else { throw DomainFault.claimed }
        let answer = try (row["answer"] as String?).map { text -> StoredAnswer in try StoreJSON.value(text) }
        return (row["subject"], answer)
    }

    /// Before something is made: throws where the claim has made it already.
    static func take(_ claim: IdempotencyClaim?, _ transaction: Transaction, at now: Date) throws {
        guard let claim, let earlier = try earlier(claim, in: transaction.db, at: now) else { return }
        throw DomainFault.repeated(subject: earlier.subject)
    }

    /// After it was made, in the same transaction.
    static func settle(
        _ claim: IdempotencyClaim?, subject: String, _ transaction: Transaction, at now: Date
    ) throws {
        guard let claim else { return }
        try transaction.db.execute(
            sql: "INSERT OR REPLACE INTO claim (scope, claimKey, digest, subject, at) VALUES (?, ?, ?, ?, ?)",
            arguments: [claim.scope, claim.key, claim.digest, subject, now.unixMilliseconds])
    }
}

extension AuditEntry {
    init(row: Row) {
        self.init(
            id: row["id"], at: Date(unixMilliseconds: row["at"]), actor: Actor(text: row["actor"]) ?? .server,
            actorName: row["actorName"], action: row["action"], subject: row["subject"],
            details: (try? StoreJSON.value(row["details"])) ?? [:])
    }
}
