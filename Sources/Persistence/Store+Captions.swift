package import Captioning
package import Foundation
import GRDB
package import Media
package import People
import Shows

extension Store {
    /// `startsAt` and `endsAt` are Unix milliseconds on the show clock, or count from the show's start where `isScript`. What
    /// `captionTrack` says of a track outlives its cues: a number is never given twice.
    static let captions = """
        CREATE TABLE cue (
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          language TEXT NOT NULL,
          id INTEGER NOT NULL,
          startsAt INTEGER NOT NULL,
          endsAt INTEGER NOT NULL,
          isScript INTEGER NOT NULL,
          text TEXT NOT NULL,
          speaker TEXT,
          origin TEXT NOT NULL,
          editor TEXT,
          revision INTEGER NOT NULL,
          PRIMARY KEY (show, language, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX cue_start ON cue (show, language, startsAt, id);
        CREATE TABLE captionTrack (
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          language TEXT NOT NULL,
          lastCue INTEGER NOT NULL,
          edition INTEGER NOT NULL,
          PRIMARY KEY (show, language)
        ) STRICT, WITHOUT ROWID;
        """
}

extension Store: CaptionStore {
    package func cues(of show: ShowID, _ language: LanguageTag, _ query: CueQuery) throws -> [Cue] {
        try read { db in
            var conditions = ["show = ?", "language = ?"]
            var arguments: StatementArguments = [show.text, language.text]
            if let from = query.from {
                conditions.append("endsAt > ?")
                arguments += [from]
            }
            if let to = query.to {
                conditions.append("startsAt < ?")
                arguments += [to]
            }
            if let after = query.after {
                conditions.append("(startsAt, id) > (?, ?)")
                arguments += [after.start, after.id]
            }
            arguments += [query.limit]
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM cue WHERE \(conditions.joined(separator: " AND ")) ORDER BY startsAt, id LIMIT ?
                    """, arguments: arguments
            ).compactMap(Cue.init(row:))
        }
    }

    package func cue(_ id: Int, of show: ShowID, _ language: LanguageTag) throws -> Cue? {
        try read { try Store.cue(id, show, language, $0) }
    }

    package func addCues(
        _ drafts: [CueDraft], to show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> [Cue] {
        try write { transaction in
            guard try Store.exists(show, transaction.db) else { throw Store.noShow(show) }
            if let name = drafts.first?.origin.name,
                try !Store.cues(named: name, show, language, transaction.db).isEmpty
            {
                throw DomainFault.repeated(subject: name)
            }
            return try Store.insert(drafts, show, language, by: actor, transaction)
        }
    }

    package func editCue(
        _ id: Int, of show: ShowID, _ language: LanguageTag, _ change: CueChange, ifRevision: Int?,
        by actor: Actor, at now: Date
    ) throws -> Cue {
        try write { transaction in
            guard var cue = try Store.cue(id, show, language, transaction.db) else { throw Store.noCue }
            if let ifRevision, ifRevision != cue.revision { throw DomainFault.stale(current: cue.revision) }
            guard !cue.isScript || (change.start == nil && change.end == nil) else {
                let field = change.start == nil ? "end" : "start"
                throw DomainFault.invalid([
                    FieldFault(
                        field, "its times count from the beginning of the show: put another file in its place"
                    )
                ])
            }
            let before = cue
            if let start = change.start { cue.start = start }
            if let end = change.end { cue.end = end }
            if let text = change.text { cue.text = text }
            if let speaker = change.speaker { cue.speaker = speaker.isEmpty ? nil : speaker }
            guard cue != before else { return before }
            guard cue.start < cue.end, cue.end - cue.start <= 600_000 else {
                throw DomainFault.invalid([
                    FieldFault("end", "it must be after the start, by at most ten minutes")
                ])
            }
            cue.editor = actor
            cue.revision += 1
            try transaction.db.execute(
                sql: """
                    UPDATE cue SET startsAt = ?, endsAt = ?, text = ?, speaker = ?, editor = ?, revision = ?
                    WHERE show = ? AND language = ? AND id = ?
                    """,
                arguments: [
                    cue.start, cue.end, cue.text.text, cue.speaker, actor.text, cue.revision, show.text,
                    language.text, id,
                ])
            try Store.noteEdition(show, language, transaction)
            try transaction.note(
                "caption.edit", "show:\(show)", ["language": .text(language.text), "cue": .int(id)],
                by: actor, at: now)
            return cue
        }
    }

    package func removeCue(
        _ id: Int, of show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws {
        try write { transaction in
            guard
                try transaction.changed(
                    "DELETE FROM cue WHERE show = ? AND language = ? AND id = ?",
                    [show.text, language.text, id])
            else { throw Store.noCue }
            try Store.noteEdition(show, language, transaction)
            try transaction.note(
                "caption.delete", "show:\(show)", ["language": .text(language.text), "cue": .int(id)],
                by: actor, at: now)
        }
    }

    package func replaceCues(
        _ drafts: [CueDraft], of show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> RenewedCues {
        try write { transaction in
            guard try Store.exists(show, transaction.db) else { throw Store.noShow(show) }
            let removed = try Int.fetchAll(
                transaction.db, sql: "DELETE FROM cue WHERE show = ? AND language = ? RETURNING id",
                arguments: [show.text, language.text])
            try transaction.note(
                "caption.upload", "show:\(show)",
                ["language": .text(language.text), "cues": .int(drafts.count)], by: actor, at: now)
            let put = try Store.insert(drafts, show, language, by: actor, transaction)
            return RenewedCues(put: put, removed: removed)
        }
    }

    package func anchorCues(of show: ShowID, zero: Int64) throws -> Set<LanguageTag> {
        try write { transaction in
            let languages = try String.fetchAll(
                transaction.db, sql: "SELECT DISTINCT language FROM cue WHERE show = ? AND isScript",
                arguments: [show.text])
            guard !languages.isEmpty else { return [] }
            try transaction.db.execute(
                sql: """
                    UPDATE cue SET startsAt = startsAt + ?, endsAt = endsAt + ?, isScript = 0
                    WHERE show = ? AND isScript
                    """, arguments: [zero, zero, show.text])
            try transaction.db.execute(
                sql: "UPDATE captionTrack SET edition = edition + 1 WHERE show = ?", arguments: [show.text])
            return Set(languages.compactMap { LanguageTag($0) })
        }
    }

    package func captionTracks(of show: ShowID) throws -> [LanguageTag: CaptionTrackFacts] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT language, edition, (SELECT count(*) FROM cue
                      WHERE cue.show = captionTrack.show AND cue.language = captionTrack.language) AS cues
                    FROM captionTrack WHERE show = ?
                    """, arguments: [show.text])
            var facts: [LanguageTag: CaptionTrackFacts] = [:]
            for row in rows {
                guard let language = LanguageTag(row["language"] as String) else { continue }
                facts[language] = CaptionTrackFacts(cues: row["cues"], edition: row["edition"])
            }
            return facts
        }
    }

    // MARK: Within a transaction

    private static let noCue = DomainFault.missing("there is no such caption")

    static func cue(_ id: Int, _ show: ShowID, _ language: LanguageTag, _ db: Database) throws -> Cue? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM cue WHERE show = ? AND language = ? AND id = ?",
            arguments: [show.text, language.text, id]
        ).flatMap(Cue.init(row:))
    }

    static func insert(
        _ drafts: [CueDraft], _ show: ShowID, _ language: LanguageTag, by actor: Actor,
        _ transaction: Transaction
    ) throws -> [Cue] {
        let db = transaction.db
        let place: StatementArguments = [show.text, language.text]
        let count =
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM cue WHERE show = ? AND language = ?", arguments: place) ?? 0
        guard count + drafts.count <= CaptionFile.mostCues else {
            throw DomainFault.conflict("a track holds at most \(CaptionFile.mostCues) captions")
        }
        try noteEdition(show, language, transaction)
        let last =
            try Int.fetchOne(
                db, sql: "SELECT lastCue FROM captionTrack WHERE show = ? AND language = ?", arguments: place)
            ?? 0
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO cue (show, language, id, startsAt, endsAt, isScript, text, speaker, origin, editor, revision)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
                """)
        var cues: [Cue] = []
        for (index, draft) in drafts.enumerated() {
            // A machine's words have no author.
            let editor: Actor? = draft.origin.kind.isMachine ? nil : actor
            let cue = Cue(
                id: last + index + 1, start: draft.start, end: draft.end, text: draft.text,
                speaker: draft.speaker, origin: draft.origin, isScript: draft.isScript, editor: editor)
            try statement.execute(arguments: [
                show.text, language.text, cue.id, cue.start, cue.end, cue.isScript, cue.text.text,
                cue.speaker,
                try StoreJSON.text(cue.origin), editor?.text,
            ])
            cues.append(cue)
        }
        try db.execute(
            sql: "UPDATE captionTrack SET lastCue = ? WHERE show = ? AND language = ?",
            arguments: [last + drafts.count, show.text, language.text])
        return cues
    }

    static func noteEdition(
        _ show: ShowID, _ language: LanguageTag, _ transaction: Transaction
    ) throws {
        try transaction.db.execute(
            sql: """
                INSERT INTO captionTrack (show, language, lastCue, edition) VALUES (?, ?, 0, 1)
                ON CONFLICT (show, language) DO UPDATE SET edition = edition + 1
                """, arguments: [show.text, language.text])
    }
}

extension Cue {
    /// Nil where its origin cannot be read.
    init?(row: Row) {
        guard let origin: Origin = try? StoreJSON.value(row["origin"]) else { return nil }
        self.init(
            id: row["id"], start: row["startsAt"], end: row["endsAt"], text: CueText(row["text"] as String),
            speaker: row["speaker"], origin: origin, isScript: row["isScript"],
            editor: (row["editor"] as String?).flatMap { Actor(text: $0) }, revision: row["revision"])
    }
}
