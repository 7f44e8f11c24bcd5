package import Captioning
package import Foundation
import GRDB
package import Media
package import People

// What machines make of captions, tracks whose machines somebody has stopped, and cues that their senders have named.

extension Store {
    static let captionStops = """
        CREATE TABLE captionStop (
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          language TEXT NOT NULL,
          PRIMARY KEY (show, language)
        ) STRICT, WITHOUT ROWID;
        """

    /// `cue` of the track of `source` has been made into what there is of it in `language`, as it was at `revision`.
    static let captionRenderings = """
        CREATE TABLE captionRendering (
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          language TEXT NOT NULL,
          source TEXT NOT NULL,
          cue INTEGER NOT NULL,
          revision INTEGER NOT NULL,
          PRIMARY KEY (show, language, source, cue)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO captionRendering (show, language, source, cue, revision)
          SELECT made.show, made.language, made.source, cue.id, cue.revision
          FROM (
            SELECT show, language, json_extract(origin, '$.from') AS source,
              max(json_extract(origin, '$.cue')) AS last
            FROM cue WHERE json_extract(origin, '$.cue') IS NOT NULL GROUP BY 1, 2, 3
          ) AS made
          JOIN cue ON cue.show = made.show AND cue.language = made.source AND cue.id <= made.last;
        """

    package func renewCues(
        _ old: [Int], with drafts: [CueDraft], of source: CueSource, in show: ShowID, _ language: LanguageTag
    ) throws -> RenewedCues? {
        try write { transaction in
            let db = transaction.db
            guard try Store.exists(show, db) else { throw Store.noShow(show) }
            guard try Store.isStill(source, in: show, db) else { return nil }
            let now = source.cue
            let olds = try old.compactMap { try Store.cue($0, show, language, db) }
            if now != nil, olds.contains(where: \.isPersons) { return nil }
            let drafts = now == nil ? [] : drafts
            var put: [Cue] = []
            for (cue, draft) in zip(olds, drafts) {
                let new = cue.renewed(draft)
                guard new != cue else { continue }
                try Store.update(new, show, language, db)
                put.append(new)
            }
            let removed = olds.dropFirst(drafts.count).map(\.id)
            for id in removed {
                try db.execute(
                    sql: "DELETE FROM cue WHERE show = ? AND language = ? AND id = ?",
                    arguments: [show.text, language.text, id])
            }
            if !put.isEmpty || !removed.isEmpty { try Store.noteEdition(show, language, transaction) }
            let more = drafts.dropFirst(olds.count)
            if !more.isEmpty {
                put += try Store.insert(Array(more), show, language, by: .server, transaction)
            }
            try Store.noteRendering(of: source, in: show, language, db)
            return RenewedCues(put: put, removed: removed)
        }
    }

    package func keepCues(of source: CueSource, in show: ShowID, _ language: LanguageTag) throws -> Bool {
        try write { transaction in
            let db = transaction.db
            guard try Store.exists(show, db) else { throw Store.noShow(show) }
            guard try Store.isStill(source, in: show, db) else { return false }
            try Store.noteRendering(of: source, in: show, language, db)
            return true
        }
    }

    package func renderedCues(
        of show: ShowID, _ language: LanguageTag, from source: LanguageTag
    ) throws -> [Int: Int] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql:
                    "SELECT cue, revision FROM captionRendering WHERE show = ? AND language = ? AND source = ?",
                arguments: [show.text, language.text, source.text])
            return Dictionary(rows.map { ($0["cue"], $0["revision"]) }) { $1 }
        }
    }

    private static func isStill(_ source: CueSource, in show: ShowID, _ db: Database) throws -> Bool {
        let now = try Store.cue(source.id, show, source.language, db)
        return now?.revision == source.cue?.revision && now?.isScript == source.cue?.isScript
    }

    private static func noteRendering(
        of source: CueSource, in show: ShowID, _ language: LanguageTag, _ db: Database
    ) throws {
        let place: StatementArguments = [show.text, language.text, source.language.text, source.id]
        if let cue = source.cue {
            try db.execute(
                sql: """
                    INSERT INTO captionRendering (show, language, source, cue, revision) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (show, language, source, cue) DO UPDATE SET revision = excluded.revision
                    """, arguments: place + [cue.revision])
        } else {
            try db.execute(
                sql: """
                    DELETE FROM captionRendering WHERE show = ? AND language = ? AND source = ? AND cue = ?
                    """, arguments: place)
        }
    }

    private static func update(_ cue: Cue, _ show: ShowID, _ language: LanguageTag, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE cue SET startsAt = ?, endsAt = ?, isScript = ?, text = ?, speaker = ?, origin = ?,
                  editor = ?, revision = ?
                WHERE show = ? AND language = ? AND id = ?
                """,
            arguments: [
                cue.start, cue.end, cue.isScript, cue.text.text, cue.speaker, try StoreJSON.text(cue.origin),
                cue.editor?.text, cue.revision, show.text, language.text, cue.id,
            ])
    }

    package func cues(named name: String, of show: ShowID, _ language: LanguageTag) throws -> [Cue] {
        try read { try Store.cues(named: name, show, language, $0) }
    }

    static func cues(
        named name: String, _ show: ShowID, _ language: LanguageTag, _ db: Database
    ) throws -> [Cue] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM cue WHERE show = ? AND language = ? AND json_extract(origin, '$.name') = ?
                  AND id > (SELECT max(lastCue) - 1000 FROM captionTrack WHERE show = ? AND language = ?)
                ORDER BY startsAt, id
                """, arguments: [show.text, language.text, name, show.text, language.text]
        ).compactMap(Cue.init(row:))
    }

    // MARK: Stopped tracks

    package func stoppedTracks(of show: ShowID) throws -> Set<LanguageTag> {
        try read { db in
            let languages = try String.fetchAll(
                db, sql: "SELECT language FROM captionStop WHERE show = ?", arguments: [show.text])
            return Set(languages.compactMap { LanguageTag($0) })
        }
    }

    package func setStopped(
        _ isStopped: Bool, _ show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> Bool {
        try write { transaction in
            guard try Store.exists(show, transaction.db) else { throw Store.noShow(show) }
            let sql =
                isStopped
                ? "INSERT OR IGNORE INTO captionStop (show, language) VALUES (?, ?)"
                : "DELETE FROM captionStop WHERE show = ? AND language = ?"
            guard try transaction.changed(sql, [show.text, language.text]) else { return false }
            try transaction.note(
                isStopped ? "caption.stop" : "caption.start", "show:\(show)",
                ["language": .text(language.text)], by: actor, at: now)
            return true
        }
    }
}

extension Cue {
    /// The same cue, as it is made anew.
    fileprivate func renewed(_ draft: CueDraft) -> Cue {
        var cue = self
        (cue.start, cue.end, cue.isScript) = (draft.start, draft.end, draft.isScript)
        (cue.text, cue.speaker, cue.origin) = (draft.text, draft.speaker, draft.origin)
        guard cue != self else { return self }
        cue.editor = nil
        cue.revision += 1
        return cue
    }
}
