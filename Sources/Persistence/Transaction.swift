import Foundation
import GRDB
import Hooks
import Media
import People
import ShowTimeline

/// One transaction under way: the database, and what it tells timelines.
final class Transaction {
    let db: Database
    private(set) var events: [TimelineEvent] = []
    /// What webhooks may want to know and no timeline tells.
    private(set) var news: [ShowNews] = []
    /// Shows that are not what they were, or whose keys are not.
    private(set) var touched: Set<ShowID> = []

    init(db: Database) { self.db = db }

    /// Notes a change in the audit log.
    func note(
        _ action: String, _ subject: String, _ details: JSONValue = [:], by actor: Actor, at now: Date
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO audit (at, actor, actorName, person, action, subject, details)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                now.unixMilliseconds, actor.text, try name(of: actor), actor.person?.text, action, subject,
                try StoreJSON.text(details),
            ])
    }

    /// Appends to a show's timeline.
    func tell(_ draft: TimelineDraft) throws {
        let last = try Int.fetchOne(
            db, sql: "SELECT max(sequence) FROM timeline WHERE show = ?", arguments: [draft.show.text])
        let event = TimelineEvent(
            id: UUID().uuidString.lowercased(), show: draft.show, sequence: (last ?? 0) + 1,
            showTime: draft.showTime?.toMilliseconds, shopTime: draft.shopTime.toMilliseconds,
            kind: draft.kind, payload: draft.payload, actor: draft.actor)
        try db.execute(
            sql: """
                INSERT INTO timeline (show, sequence, id, showTime, shopTime, kind, payload, actor)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                event.show.text, event.sequence, event.id, event.showTime?.unixMilliseconds,
                event.shopTime.unixMilliseconds, event.kind.rawValue, try StoreJSON.text(event.payload),
                event.actor.text,
            ])
        events.append(event)
    }

    /// For the webhooks.
    func announce(_ happening: HookEvent.Happening, of show: ShowID, at now: Date) {
        news.append(ShowNews(show: show, happening: happening, at: now))
    }

    private func name(of actor: Actor) throws -> String {
        switch actor {
        case .person(let id), .token(_, let id):
            try String.fetchOne(db, sql: "SELECT name FROM person WHERE id = ?", arguments: [id.text])
                ?? id.text
        case .streamKey(let show): "the host of \(show)"
        case .commandLine: "command line"
        case .settings: "settings"
        case .server: "server"
        }
    }

    func touch(_ show: ShowID) { touched.insert(show) }

    var tidings: Tidings { Tidings(events: events, news: news) }

    func changed(_ sql: String, _ arguments: StatementArguments) throws -> Bool {
        try db.execute(sql: sql, arguments: arguments)
        return db.changesCount > 0
    }
}

/// JSON in columns.
enum StoreJSON {
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try WireJSON.encoder().encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ text: String) throws -> Value {
        try WireJSON.decoder().decode(Value.self, from: Data(text.utf8))
    }
}

/// Where a list goes on, as clients see it: base64url of the last item's place in the order.
enum Cursor {
    static func text(_ parts: [String]) throws -> String {
        Data(try StoreJSON.text(parts).utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Throws `DomainFault.invalid` where a client made it up.
    static func parts(_ text: String?, count: Int) throws -> [String]? {
        guard let text else { return nil }
        let padded =
            text.replacing("-", with: "+").replacing("_", with: "/")
            + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard text.utf8.count <= 1000, let data = Data(base64Encoded: padded),
            let parts = try? JSONDecoder().decode([String].self, from: data), parts.count == count
        else {
            throw DomainFault.invalid([FieldFault("cursor", "take it from 'next' of the page before")])
        }
        return parts
    }
}
