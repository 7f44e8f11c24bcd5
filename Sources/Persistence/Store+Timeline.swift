package import Foundation
import GRDB
package import Media
package import People
package import ShowTimeline
import Shows

extension Store: TimelineStore {
    @discardableResult
    package func append(_ drafts: [TimelineDraft]) throws -> [TimelineEvent] {
        guard !drafts.isEmpty else { return [] }
        return try write { transaction in
            for draft in drafts where try Store.exists(draft.show, transaction.db) {
                try transaction.tell(draft)
            }
            return transaction.events
        }
    }

    package func events(of show: ShowID, after: Int, limit: Int) throws -> [TimelineEvent] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM timeline WHERE show = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                arguments: [show.text, after, min(max(limit, 1), 1000)]
            ).compactMap(TimelineEvent.init(row:))
        }
    }

    /// Appends what became of the recording of a show that has ended, unless that was told since its end.
    package func tellRecording(of id: ShowID, _ facts: JSONValue, at now: Date) throws {
        try write { transaction in
            guard let show = try Store.show(id, in: transaction.db), let ended = show.endedAt else { return }
            let isTold = try Bool.fetchOne(
                transaction.db,
                sql: "SELECT EXISTS (SELECT 1 FROM timeline WHERE show = ? AND kind = ? AND shopTime >= ?)",
                arguments: [id.text, TimelineKind.recording.rawValue, ended.unixMilliseconds])
            guard isTold != true else { return }
            try transaction.tell(
                TimelineDraft(show: id, shopTime: now, kind: .recording, payload: facts, actor: .server))
        }
    }

    package func lastSequence(of show: ShowID) throws -> Int {
        try read { db in
            try Int.fetchOne(
                db, sql: "SELECT max(sequence) FROM timeline WHERE show = ?", arguments: [show.text]) ?? 0
        }
    }
}

extension TimelineEvent {
    init?(row: Row) {
        guard let show = ShowID(row["show"] as String), let kind = TimelineKind(rawValue: row["kind"]) else {
            return nil
        }
        self.init(
            id: row["id"], show: show, sequence: row["sequence"],
            showTime: (row["showTime"] as Int64?).map(Date.init(unixMilliseconds:)),
            shopTime: Date(unixMilliseconds: row["shopTime"]), kind: kind,
            payload: (try? StoreJSON.value(row["payload"])) ?? [:],
            actor: Actor(text: row["actor"]) ?? .server)
    }
}
