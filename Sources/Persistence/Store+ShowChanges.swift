package import Foundation
import GRDB
import Hooks
package import Media
package import People
import ShowTimeline
package import Shows

extension Store: ShowStore {
    package func createShow(
        _ draft: ShowDraft, id: ShowID?, isScheduled: Bool, once: IdempotencyClaim?, by actor: Actor,
        at now: Date
    ) throws -> Show {
        try Store.refuse(draft.validate())
        if let id, id.isPreview {
            throw DomainFault.invalid([FieldFault("id", "this name is not for shows")])
        }
        return try write { transaction in
            try Store.take(once, transaction, at: now)
            let db = transaction.db
            if let id, try Store.exists(id, db) {
                throw DomainFault.conflict("there is a show '\(id)' already: choose another id")
            }
            let id = try id ?? ShowNaming.id(for: draft) { try Store.exists($0, db) }
            try Store.refuseOverlap(draft, except: nil, db)
            let show = try Store.insert(
                Show(id: id, draft: draft, state: isScheduled ? .scheduled : .draft, at: now.toMilliseconds),
                event: "create", transaction, by: actor, at: now)
            try Store.settle(once, subject: id.text, transaction, at: now)
            return show
        }
    }

    package func editShow(
        _ id: ShowID, to draft: ShowDraft, ifRevision: Int?, by actor: Actor, at now: Date
    ) throws -> Show {
        try Store.refuse(draft.validate())
        return try write { transaction in
            guard var show = try Store.show(id, in: transaction.db) else { throw Store.noShow(id) }
            if let ifRevision, ifRevision != show.revision {
                throw DomainFault.stale(current: show.revision)
            }
            let before = show.draft
            guard before != draft else { return show }
            if show.state.isAhead { try Store.refuseOverlap(draft, except: id, transaction.db) }
            show.draft = draft
            show.revision += 1
            show.updatedAt = now.toMilliseconds
            try Store.update(show, transaction)
            if before.hosts != draft.hosts { try Store.setHosts(draft.hosts, of: id, transaction.db) }
            try transaction.note(
                "show.edit", "show:\(id)",
                ["fields": .list(try Store.changes(before, draft).map { .text($0) })], by: actor, at: now)
            let isAnnounced = show.state == .scheduled || show.state == .rehearsal
            if isAnnounced, (before.start, before.lengthMinutes) != (draft.start, draft.lengthMinutes) {
                transaction.announce(.rescheduled(from: before.start), of: id, at: now)
            }
            return try Store.show(id, in: transaction.db) ?? show
        }
    }

    package func deleteShow(_ id: ShowID, by actor: Actor, at now: Date) throws {
        try write { transaction in
            guard let show = try Store.show(id, in: transaction.db) else { throw Store.noShow(id) }
            guard show.state.canBeDeleted else {
                throw DomainFault.conflict(
                    "the show is \(show.state.rawValue): to be deleted, it must be draft or cancelled")
            }
            try transaction.db.execute(sql: "DELETE FROM show WHERE id = ?", arguments: [id.text])
            // Whoever gets the name next begins without these figures.
            try transaction.db.execute(sql: "DELETE FROM audience WHERE show = ?", arguments: [id.text])
            transaction.touch(id)
            try transaction.note(
                "show.delete", "show:\(id)", ["title": .text(show.title())], by: actor, at: now)
        }
    }

    package func moveShow(_ id: ShowID, _ event: ShowState.Event, by actor: Actor, at now: Date) throws
        -> (show: Show, next: Show?)
    {
        try write { transaction in
            guard var show = try Store.show(id, in: transaction.db) else { throw Store.noShow(id) }
            guard let state = show.state.after(event) else {
                throw DomainFault.conflict(show.state.refusal(of: event))
            }
            let before = show.state
            show.state = state
            show.revision += 1
            show.updatedAt = now.toMilliseconds
            switch event {
            case .goLive, .reopen:
                show.liveSince = now.toMilliseconds
                show.endedAt = nil
            case .end: show.endedAt = now.toMilliseconds
            case .schedule, .rehearse, .publishReplay, .cancel: break
            }
            try Store.update(show, transaction)
            try transaction.tell(
                TimelineDraft(
                    show: id, shopTime: now, kind: .state,
                    payload: [
                        "event": .text(event.rawValue), "from": .text(before.rawValue),
                        "to": .text(state.rawValue),
                    ], actor: actor))
            try transaction.note("show.\(event.rawValue)", "show:\(id)", by: actor, at: now)
            let next = event == .end ? try Store.makeNext(after: show, transaction, at: now) : nil
            return (show, next)
        }
    }

    package func setCover(_ cover: CoverID?, of id: ShowID, by actor: Actor, at now: Date) throws -> Show {
        try write { transaction in
            guard var show = try Store.show(id, in: transaction.db) else { throw Store.noShow(id) }
            guard show.cover != cover else { return show }
            show.cover = cover
            show.revision += 1
            show.updatedAt = now.toMilliseconds
            try Store.update(show, transaction)
            try transaction.note(
                "show.cover", "show:\(id)", ["cover": cover.map { .text($0.text) } ?? .null], by: actor,
                at: now)
            return show
        }
    }

    // MARK: In a transaction

    static func insert(
        _ show: Show, event: String, _ transaction: Transaction, by actor: Actor, at now: Date
    ) throws -> Show {
        transaction.touch(show.id)
        try transaction.db.execute(sql: ShowRow.insert, arguments: try ShowRow.arguments(of: show))
        try setHosts(show.hosts, of: show.id, transaction.db)
        try transaction.note(
            "show.create", "show:\(show.id)",
            ["title": .text(show.title()), "state": .text(show.state.rawValue)], by: actor, at: now)
        try transaction.tell(
            TimelineDraft(
                show: show.id, shopTime: now, kind: .state,
                payload: ["event": .text(event), "from": .null, "to": .text(show.state.rawValue)],
                actor: actor))
        return try Store.show(show.id, in: transaction.db) ?? show
    }

    /// The occurrence of a weekly show that follows `show`, with its people and its keys; nil where there is none, or it
    /// is there already.
    private static func makeNext(after show: Show, _ transaction: Transaction, at now: Date) throws -> Show? {
        let series = show.series ?? show.id
        guard let start = Airing.next(of: show.draft, after: max(now, show.start ?? now)),
            let id = ShowNaming.id(ofSeries: series, start: start, zone: show.zone),
            try !exists(id, transaction.db)
        else { return nil }
        var draft = show.draft
        draft.start = start
        var next = Show(id: id, draft: draft, state: .scheduled, at: now.toMilliseconds)
        next.series = series
        next.cover = show.cover
        let made = try insert(next, event: "recur", transaction, by: .server, at: now)
        let db = transaction.db
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO member (show, person, place, role, languages)
                SELECT ?, person, place, role, languages FROM member WHERE show = ?
                """, arguments: [id.text, show.id.text])
        for row in try Row.fetchAll(
            db, sql: "SELECT * FROM streamKey WHERE show = ? AND revokedAt IS NULL", arguments: [show.id.text]
        ) {
            try db.execute(
                sql: """
                    INSERT INTO streamKey (id, show, role, hash, label, createdAt, isFromSettings)
                    VALUES (?, ?, ?, ?, ?, ?, 0)
                    """,
                arguments: [
                    StreamKeyID.random().text, id.text, row["role"] as String, row["hash"] as String,
                    row["label"] as String, now.unixMilliseconds,
                ])
        }
        return made
    }

    /// The names of what differs; a secret's name, never the secret.
    private static func changes(_ before: ShowDraft, _ after: ShowDraft) throws -> [String] {
        func members(_ draft: ShowDraft) throws -> [String: JSONValue] {
            let value: JSONValue = try StoreJSON.value(try StoreJSON.text(draft))
            return value.object ?? [:]
        }
        let (old, new) = (try members(before), try members(after))
        return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    }
}
