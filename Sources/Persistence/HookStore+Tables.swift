import Foundation
package import GRDB
import Hooks
import People

extension SQLiteHookStore {
    /// The tables of webhooks. Instants are Unix milliseconds. `events` is a list with spaces; NULL: everything.
    package static func migrateHooks(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("4 webhooks") { db in
            try db.execute(
                sql: """
                    CREATE TABLE hook (
                      id TEXT PRIMARY KEY NOT NULL,
                      url TEXT NOT NULL,
                      events TEXT,
                      secret TEXT NOT NULL,
                      formerSecret TEXT,
                      formerUntil INTEGER,
                      isEnabled INTEGER NOT NULL,
                      createdAt INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE hookDelivery (
                      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                      id TEXT NOT NULL UNIQUE,
                      hook TEXT NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
                      event TEXT NOT NULL,
                      body TEXT NOT NULL,
                      attempt INTEGER NOT NULL,
                      nextAttempt INTEGER NOT NULL,
                      state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
                      lastStatus INTEGER,
                      lastError TEXT,
                      createdAt INTEGER NOT NULL,
                      waitingSince INTEGER NOT NULL,
                      settledAt INTEGER
                    ) STRICT;
                    CREATE INDEX hookDelivery_pending ON hookDelivery (hook, nextAttempt, sequence)
                      WHERE state = 'pending';
                    CREATE INDEX hookDelivery_state ON hookDelivery (state, settledAt);
                    CREATE INDEX hookDelivery_hook ON hookDelivery (hook, sequence);
                    """)
        }
    }

    static func hooks(in db: Database) throws -> [Webhook] {
        try Row.fetchAll(db, sql: "SELECT * FROM hook ORDER BY createdAt, rowid").compactMap(
            Webhook.init(row:))
    }

    static func insert(_ delivery: Delivery, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO hookDelivery (id, hook, event, body, attempt, nextAttempt, state, lastStatus, lastError,
                  createdAt, waitingSince, settledAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                delivery.id.text, delivery.hook.text, delivery.event, delivery.body, delivery.attempt,
                delivery.nextAttempt.unixMilliseconds, delivery.state.rawValue, delivery.lastStatus,
                delivery.lastError, delivery.createdAt.unixMilliseconds,
                delivery.waitingSince.unixMilliseconds, delivery.settledAt?.unixMilliseconds,
            ])
    }

    /// `column`: which one `value` is looked for in.
    static func revive(_ column: String, _ value: String, at now: Date, in db: Database) throws -> Int {
        try db.execute(
            sql: """
                UPDATE hookDelivery SET state = 'pending', attempt = 0, nextAttempt = ?1, waitingSince = ?1,
                  settledAt = NULL WHERE \(column) = ?2 AND state = 'dead'
                """, arguments: [now.unixMilliseconds, value])
        return db.changesCount
    }
}

extension Webhook {
    /// Nil for a row that another program has written.
    init?(row: Row) {
        guard let id = HookID(row["id"] as String), let secret = HookSecret(row["secret"] as String) else {
            return nil
        }
        var secrets = HookSecrets(current: secret)
        if let text = row["formerSecret"] as String?, let former = HookSecret(text),
            let until = row["formerUntil"] as Int64?
        {
            secrets.former = HookSecrets.Former(secret: former, until: Date(unixMilliseconds: until))
        }
        // Names of a later version are passed over.
        let events = (row["events"] as String?).map { text in
            Set(text.split(separator: " ").compactMap { HookEvent.Kind(rawValue: String($0)) })
        }
        self.init(
            id: id, url: row["url"], events: events, secrets: secrets, isEnabled: row["isEnabled"],
            createdAt: Date(unixMilliseconds: row["createdAt"]))
    }
}

extension Delivery {
    /// Nil for a row that another program has written.
    init?(row: Row) {
        guard let id = DeliveryID(row["id"] as String), let hook = HookID(row["hook"] as String),
            let state = State(rawValue: row["state"])
        else { return nil }
        self.init(
            sequence: row["sequence"], id: id, hook: hook, event: row["event"], body: row["body"],
            attempt: row["attempt"], nextAttempt: Date(unixMilliseconds: row["nextAttempt"]), state: state,
            lastStatus: row["lastStatus"], lastError: row["lastError"],
            createdAt: Date(unixMilliseconds: row["createdAt"]),
            waitingSince: Date(unixMilliseconds: row["waitingSince"]),
            settledAt: (row["settledAt"] as Int64?).map { Date(unixMilliseconds: $0) })
    }
}
