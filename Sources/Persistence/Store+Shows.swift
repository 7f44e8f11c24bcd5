import Foundation
import GRDB
package import Media
package import People
package import Shows

// Reading shows, and what every change of one has in common.

extension Store {
    package func show(_ id: ShowID) throws -> Show? { try read { try Store.show(id, in: $0) } }

    package func shows(_ query: ShowQuery) throws -> Page<Show> {
        let limit = min(max(query.limit, 1), 200)
        let (column, direction) =
            switch query.order {
            case .start: ("startOrder", ">")
            case .latest: ("latestOrder", "<")
            case .updated: ("updatedAt", "<")
            }
        var conditions = Conditions()
        conditions.add(states: query.states, visibilities: query.visibilities)
        if let host = query.host {
            conditions.add("id IN (SELECT show FROM member WHERE person = ? AND role = 'host')", [host.text])
        }
        if let member = query.member {
            conditions.add("id IN (SELECT show FROM member WHERE person = ?)", [member.text])
        }
        if let tag = query.tag {
            conditions.add(
                "EXISTS (SELECT 1 FROM json_each(draft, '$.tags') WHERE json_each.value = ?)", [tag])
        }
        if let text = query.text, !text.isEmpty {
            conditions.add("instr(search, ?) > 0", [text.lowercased()])
        }
        if let from = query.from { conditions.add("start >= ?", [from.unixMilliseconds]) }
        if let to = query.to { conditions.add("start < ?", [to.unixMilliseconds]) }
        if let after = try Cursor.parts(query.cursor, count: 2) {
            conditions.add("(\(column), id) \(direction) (?, ?)", [Int64(after[0]) ?? 0, after[1]])
        }
        let order = direction == ">" ? "\(column), id" : "\(column) DESC, id DESC"
        let found = try read { [conditions] db in
            try Store.shows(
                try Row.fetchAll(
                    db,
                    sql: "SELECT * FROM show WHERE \(conditions.sql) ORDER BY \(order) LIMIT \(limit + 1)",
                    arguments: conditions.arguments), in: db)
        }
        let items = Array(found.prefix(limit))
        guard found.count > limit, let last = items.last else { return Page(items: items, next: nil) }
        let place =
            switch query.order {
            case .start: ShowRow.startOrder(last)
            case .latest: ShowRow.latestOrder(last)
            case .updated: last.updatedAt.unixMilliseconds
            }
        return Page(items: items, next: try Cursor.text(["\(place)", last.id.text]))
    }

    package func showCounts() throws -> [ShowState: Int] {
        try read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT state, count(*) AS count FROM show GROUP BY state")
            return Dictionary(
                rows.compactMap { row in ShowState(rawValue: row["state"]).map { ($0, row["count"]) } }
            ) { $1 }
        }
    }

    package func facts() throws -> [ShowFacts] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT id, state, start, visibility, json_extract(draft, '$.language') AS language, "
                    + "srtPassphrase, endedAt FROM show ORDER BY startOrder, id"
            ).compactMap { row in
                guard let id = ShowID(row["id"] as String), let state = ShowState(rawValue: row["state"]),
                    let visibility = Visibility(rawValue: row["visibility"])
                else { return nil }
                return ShowFacts(
                    id: id, state: state, start: (row["start"] as Int64?).map(Date.init(unixMilliseconds:)),
                    visibility: visibility,
                    language: (row["language"] as String?).flatMap { LanguageTag($0) } ?? .undetermined,
                    srtPassphrase: row["srtPassphrase"],
                    endedAt: (row["endedAt"] as Int64?).map(Date.init(unixMilliseconds:)))
            }
        }
    }

    // MARK: In a transaction

    static func exists(_ id: ShowID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM show WHERE id = ?)", arguments: [id.text])
            ?? false
    }

    static func show(_ id: ShowID, in db: Database) throws -> Show? {
        try shows(
            try Row.fetchAll(db, sql: "SELECT * FROM show WHERE id = ?", arguments: [id.text]), in: db
        ).first
    }

    static func noShow(_ id: ShowID) -> DomainFault { .missing("there is no show '\(id)'") }

    /// With their hosts, in one more query for all of them.
    static func shows(_ rows: [Row], in db: Database) throws -> [Show] {
        let ids = rows.map { $0["id"] as String }
        let hosts = try Row.fetchAll(
            db,
            sql: "SELECT show, person FROM member WHERE role = 'host' AND show IN "
                + "(SELECT value FROM json_each(?)) ORDER BY show, place",
            arguments: [try StoreJSON.text(ids)])
        let byShow = Dictionary(grouping: hosts) { $0["show"] as String }
        return try rows.compactMap { row in
            try ShowRow.show(
                row, hosts: (byShow[row["id"]] ?? []).map { PersonID(known: $0["person"]) })
        }
    }

    static func update(_ show: Show, _ transaction: Transaction) throws {
        transaction.touch(show.id)
        try transaction.db.execute(sql: ShowRow.update, arguments: try ShowRow.arguments(of: show))
    }

    /// Something that belongs to the show has changed.
    static func touch(_ show: String, _ transaction: Transaction, at now: Date) throws {
        ShowID(show).map(transaction.touch)
        try transaction.db.execute(
            sql: "UPDATE show SET revision = revision + 1, updatedAt = max(updatedAt, ?) WHERE id = ?",
            arguments: [now.unixMilliseconds, show])
    }

    /// Refuses where one of the hosts has another show at the same time.
    static func refuseOverlap(_ draft: ShowDraft, except id: ShowID?, _ db: Database) throws {
        guard let last = Airing.all(of: draft).last, !draft.hosts.isEmpty else { return }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM show WHERE id <> ? AND state IN ('draft', 'scheduled', 'rehearsal', 'live')
                  AND start < ? AND id IN (SELECT show FROM member WHERE role = 'host'
                    AND person IN (SELECT value FROM json_each(?)))
                """,
            arguments: [
                id?.text ?? "", last.end.unixMilliseconds, try StoreJSON.text(draft.hosts.map(\.text)),
            ])
        guard let (show, at) = Overlap.first(of: draft, among: try shows(rows, in: db)) else { return }
        throw DomainFault.conflict(
            "a host of it has the show '\(show.id)' at the same time, \(at.rfc3339): choose another time or host"
        )
    }
}

/// What a query asks for, piece by piece.
private struct Conditions {
    private var parts = ["1"]
    private(set) var arguments: StatementArguments = []

    var sql: String { parts.joined(separator: " AND ") }

    mutating func add(_ sql: String, _ more: StatementArguments) {
        parts.append(sql)
        arguments += more
    }

    mutating func add(states: Set<ShowState>?, visibilities: Set<Visibility>?) {
        // Words of our own enums: nothing of a client's is in the text.
        if let states {
            let list = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            parts.append("state IN (\(list))")
        }
        if let visibilities {
            let list = visibilities.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            parts.append("visibility IN (\(list))")
        }
    }
}
