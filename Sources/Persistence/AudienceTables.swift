package import Audience
package import GRDB
package import Media

/// What is kept of shows' audiences: a row for each minute or hour and slice. Nothing in it is about a person.
package struct AudienceTables: AudienceStore {
    private let database: any DatabaseWriter

    /// On a database in which `migrateAudience` has been.
    package init(_ database: any DatabaseWriter) {
        self.database = database
    }

    /// In the store's file.
    package init(_ store: Store) {
        self.init(store.pool)
    }

    /// A file of its own, made where it is missing. Throws where it cannot be used.
    package static func open(path: String) throws -> AudienceTables {
        let pool = try DatabasePool(path: path)
        var migrator = DatabaseMigrator()
        migrateAudience(&migrator)
        try migrator.migrate(pool)
        return AudienceTables(pool)
    }

    /// The step that makes the table.
    package static func migrateAudience(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("audience 1") { try $0.execute(sql: table) }
    }

    private static let table = """
        CREATE TABLE audience (
          show TEXT NOT NULL,
          span INTEGER NOT NULL,
          start INTEGER NOT NULL,
          kind TEXT NOT NULL,
          name TEXT NOT NULL,
          starts INTEGER NOT NULL,
          failures INTEGER NOT NULL,
          played INTEGER NOT NULL,
          stalls INTEGER NOT NULL,
          stalled INTEGER NOT NULL,
          droppedFrames INTEGER NOT NULL,
          bitrateSum INTEGER NOT NULL,
          bitrateTime INTEGER NOT NULL,
          viewersSum INTEGER NOT NULL,
          viewersCounts INTEGER NOT NULL,
          viewersPeak INTEGER NOT NULL,
          joinTimes BLOB,
          latencies BLOB,
          PRIMARY KEY (show, span, start, kind, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX audience_start ON audience (span, start);
        """

    package func addAudience(_ minutes: [AudienceRollup]) throws {
        try database.write { db in
            for rollup in minutes {
                for (slice, cell) in rollup.cells {
                    for span in AudienceRollup.Span.allCases {
                        try AudienceTables.add(
                            cell,
                            to: AudienceRow.Place(rollup.show, span, span.start(of: rollup.start), slice), db)
                    }
                }
            }
        }
    }

    private static func add(_ cell: QualityCell, to place: AudienceRow.Place, _ db: Database) throws {
        var whole = cell
        let known = try Row.fetchOne(
            db,
            sql: "SELECT * FROM audience WHERE show = ? AND span = ? AND start = ? AND kind = ? AND name = ?",
            arguments: place.arguments)
        if let known { whole.add(QualityCell(row: known)) }
        try db.execute(
            sql: "INSERT OR REPLACE INTO audience VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            arguments: place.arguments + whole.arguments)
    }

    package func audience(
        of show: ShowID, _ span: AudienceRollup.Span, in range: Range<Int64>, limit: Int
    ) throws -> [AudienceRollup] {
        let rows = try database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM audience WHERE show = :show AND span = :span AND start IN (
                      SELECT DISTINCT start FROM audience
                      WHERE show = :show AND span = :span AND start >= :first AND start < :end
                      ORDER BY start DESC LIMIT :limit)
                    ORDER BY start
                    """,
                arguments: [
                    "show": show.text, "span": span.rawValue, "first": range.lowerBound,
                    "end": range.upperBound, "limit": limit,
                ])
        }
        var rollups: [AudienceRollup] = []
        for row in rows {
            let start: Int64 = row["start"]
            guard let slice = AudienceSlice(kind: row["kind"], name: row["name"]) else { continue }
            if rollups.last?.start != start {
                rollups.append(AudienceRollup(show: show, span: span, start: start))
            }
            rollups[rollups.count - 1].cells[slice] = QualityCell(row: row)
        }
        return rollups
    }

    @discardableResult
    package func forgetAudience(minutesBefore: Int64, hoursBefore: Int64) throws -> Int {
        try database.write { db in
            var count = 0
            for (span, start) in [(AudienceRollup.Span.minute, minutesBefore), (.hour, hoursBefore)] {
                try db.execute(
                    sql: "DELETE FROM audience WHERE span = ? AND start < ?",
                    arguments: [span.rawValue, start])
                count += db.changesCount
            }
            return count
        }
    }

    package func forgetAudience(of show: ShowID) throws {
        try database.write { db in
            try db.execute(sql: "DELETE FROM audience WHERE show = ?", arguments: [show.text])
        }
    }
}
