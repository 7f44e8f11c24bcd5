package import Foundation
package import GRDB
package import Hooks
package import People

/// Webhooks and their deliveries in SQLite.
package struct SQLiteHookStore: HookStore {
    private let database: any DatabaseWriter

    /// The tables of `migrateHooks` are there.
    package init(database: any DatabaseWriter) {
        self.database = database
    }

    package func hooks() throws -> [Webhook] {
        try database.read { try SQLiteHookStore.hooks(in: $0) }
    }

    package func hook(_ id: HookID) throws -> Webhook? {
        try database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM hook WHERE id = ?", arguments: [id.text])
                .flatMap(Webhook.init(row:))
        }
    }

    package func keep(_ hook: Webhook, noting note: AuditDraft?) throws -> Bool {
        try database.write { db in
            let others = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM hook WHERE id <> ?", arguments: [hook.id.text])
            let isKnown = try Bool.fetchOne(
                db, sql: "SELECT count(*) FROM hook WHERE id = ?", arguments: [hook.id.text])
            guard isKnown ?? false || (others ?? 0) < Webhook.most else { return false }
            try db.execute(
                sql: """
                    INSERT INTO hook (id, url, events, secret, formerSecret, formerUntil, isEnabled, createdAt)
                    VALUES (:id, :url, :events, :secret, :formerSecret, :formerUntil, :isEnabled, :createdAt)
                    ON CONFLICT (id) DO UPDATE SET url = :url, events = :events, secret = :secret,
                      formerSecret = :formerSecret, formerUntil = :formerUntil, isEnabled = :isEnabled
                    """,
                arguments: [
                    "id": hook.id.text, "url": hook.url,
                    "events": hook.events.map { $0.sorted().map(\.rawValue).joined(separator: " ") },
                    "secret": hook.secrets.current.text,
                    "formerSecret": hook.secrets.former?.secret.text,
                    "formerUntil": hook.secrets.former?.until.unixMilliseconds, "isEnabled": hook.isEnabled,
                    "createdAt": hook.createdAt.unixMilliseconds,
                ])
            try SQLiteHookStore.note(note, in: db)
            return true
        }
    }

    package func removeHook(_ id: HookID, noting note: AuditDraft?) throws -> Bool {
        try database.write { db in
            try db.execute(sql: "DELETE FROM hookDelivery WHERE hook = ?", arguments: [id.text])
            try db.execute(sql: "DELETE FROM hook WHERE id = ?", arguments: [id.text])
            guard db.changesCount > 0 else { return false }
            try SQLiteHookStore.note(note, in: db)
            return true
        }
    }

    private static func note(_ note: AuditDraft?, in db: Database) throws {
        guard let note else { return }
        try Transaction(db: db).note(note.action, note.subject, note.details, by: note.actor, at: note.at)
    }

    package func append(_ event: HookEvent, at now: Date, waitingLimit: Int) throws -> HookReceipt {
        try database.write {
            try SQLiteHookStore.append(event, at: now, waitingLimit: waitingLimit, in: $0)
        }
    }

    /// For a transaction that changes something else too, so that the event is told if and only if the change was kept;
    /// `HookDispatcher.wake` follows.
    package static func append(
        _ event: HookEvent, at now: Date, waitingLimit: Int, in db: Database
    ) throws -> HookReceipt {
        var receipt = HookReceipt(accepted: 0, dropped: [])
        for hook in try hooks(in: db) where hook.wants(event.kind) {
            let waiting = try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM hookDelivery INDEXED BY hookDelivery_pending "
                    + "WHERE hook = ? AND state = 'pending'",
                arguments: [hook.id.text])
            guard (waiting ?? 0) < waitingLimit else {
                receipt.dropped.append(hook.id)
                continue
            }
            try insert(try Delivery(event, to: hook.id, at: now), in: db)
            receipt.accepted += 1
        }
        return receipt
    }

    package func add(_ delivery: Delivery) throws -> Bool {
        try database.write { db in
            let isKnown = try Bool.fetchOne(
                db, sql: "SELECT count(*) FROM hook WHERE id = ?", arguments: [delivery.hook.text])
            guard isKnown ?? false else { return false }
            try SQLiteHookStore.insert(delivery, in: db)
            return true
        }
    }

    package func due(at now: Date, except: Set<HookID>, limit: Int) throws -> [DueDelivery] {
        try database.read { db in
            var due: [DueDelivery] = []
            for hook in try SQLiteHookStore.hooks(in: db) where hook.isEnabled && !except.contains(hook.id) {
                let row = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT * FROM hookDelivery INDEXED BY hookDelivery_pending
                        WHERE hook = ? AND state = 'pending' AND nextAttempt <= ?
                        ORDER BY nextAttempt, sequence LIMIT 1
                        """, arguments: [hook.id.text, now.unixMilliseconds])
                if let delivery = row.flatMap(Delivery.init(row:)) {
                    due.append(DueDelivery(delivery: delivery, hook: hook))
                }
            }
            due.sort {
                ($0.delivery.nextAttempt, $0.delivery.sequence) < (
                    $1.delivery.nextAttempt, $1.delivery.sequence
                )
            }
            return Array(due.prefix(limit))
        }
    }

    package func nextDue(except: Set<HookID>) throws -> Date? {
        try database.read { db in
            let times = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, (SELECT min(nextAttempt) FROM hookDelivery INDEXED BY hookDelivery_pending
                      WHERE hook = hook.id AND state = 'pending') AS next
                    FROM hook WHERE isEnabled
                    """
            ).compactMap { row -> Date? in
                guard let next = row["next"] as Int64?, let id = HookID(row["id"] as String),
                    !except.contains(id)
                else { return nil }
                return Date(unixMilliseconds: next)
            }
            return times.min()
        }
    }

    package func settle(_ delivery: Delivery) throws {
        try database.write { db in
            try db.execute(
                sql: """
                    UPDATE hookDelivery SET attempt = ?, nextAttempt = ?, state = ?, lastStatus = ?, lastError = ?,
                      settledAt = ? WHERE id = ?
                    """,
                arguments: [
                    delivery.attempt, delivery.nextAttempt.unixMilliseconds, delivery.state.rawValue,
                    delivery.lastStatus, delivery.lastError, delivery.settledAt?.unixMilliseconds,
                    delivery.id.text,
                ])
        }
    }

    package func delivery(_ id: DeliveryID) throws -> Delivery? {
        try database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM hookDelivery WHERE id = ?", arguments: [id.text])
                .flatMap(Delivery.init(row:))
        }
    }

    package func deliveries(_ query: DeliveryQuery) throws -> [Delivery] {
        var conditions = ["sequence < ?"]
        var arguments: StatementArguments = [query.before ?? Int.max]
        if let hook = query.hook {
            conditions.append("hook = ?")
            arguments += [hook.text]
        }
        if let state = query.state {
            conditions.append("state = ?")
            arguments += [state.rawValue]
        }
        let sql =
            "SELECT * FROM hookDelivery WHERE " + conditions.joined(separator: " AND ")
            + " ORDER BY sequence DESC LIMIT ?"
        arguments += [max(0, query.limit)]
        return try database.read { [arguments] db in
            try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap(Delivery.init(row:))
        }
    }

    package func revive(_ id: DeliveryID, at now: Date, noting note: AuditDraft?) throws -> Bool {
        try database.write { db in
            guard try SQLiteHookStore.revive("id", id.text, at: now, in: db) > 0 else { return false }
            try SQLiteHookStore.note(note, in: db)
            return true
        }
    }

    package func reviveAll(of hook: HookID, at now: Date) throws -> Int {
        try database.write { db in
            try SQLiteHookStore.revive("hook", hook.text, at: now, in: db)
        }
    }

    package func counts() throws -> [Delivery.State: Int] {
        try database.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT state, count(*) AS number FROM hookDelivery GROUP BY state")
            return rows.reduce(into: [:]) { counts, row in
                if let state = Delivery.State(rawValue: row["state"]) { counts[state] = row["number"] }
            }
        }
    }

    package func tidy(waitingSince: Date, deliveredBefore: Date, deadBefore: Date, at now: Date) throws -> Int
    {
        try database.write { db in
            try db.execute(
                sql: "DELETE FROM hookDelivery WHERE state = 'delivered' AND settledAt < ?",
                arguments: [deliveredBefore.unixMilliseconds])
            try db.execute(
                sql: "DELETE FROM hookDelivery WHERE state = 'dead' AND settledAt < ?",
                arguments: [deadBefore.unixMilliseconds])
            try db.execute(
                sql: """
                    UPDATE hookDelivery SET state = 'dead', settledAt = ?, lastError = coalesce(lastError, ?)
                    WHERE state = 'pending' AND waitingSince < ?
                    """,
                arguments: [now.unixMilliseconds, Delivery.waitedTooLong, waitingSince.unixMilliseconds])
            return db.changesCount
        }
    }
}
