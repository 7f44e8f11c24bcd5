package import Foundation
import GRDB
package import Media
package import People
import Shows

extension Store {
    package func members(of show: ShowID) throws -> [Membership] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM member WHERE show = ? ORDER BY place, person", arguments: [show.text]
            ).compactMap(Membership.init(row:))
        }
    }

    package func setMember(_ membership: Membership, by actor: Actor, at now: Date) throws {
        guard membership.languages.count <= 20,
            membership.role == .interpreter || membership.languages.isEmpty
        else {
            throw DomainFault.invalid([FieldFault("languages", "at most 20, and for interpreters only")])
        }
        try write { transaction in
            let db = transaction.db
            guard var show = try Store.show(membership.show, in: db) else {
                throw Store.noShow(membership.show)
            }
            guard try Store.person(membership.person, in: db) != nil else {
                throw Store.noPerson(membership.person)
            }
            if membership.role == .host, !show.hosts.contains(membership.person) {
                guard show.hosts.count < 10 else { throw DomainFault.conflict("a show has at most 10 hosts") }
                if show.state.isAhead {
                    show.hosts = [membership.person]
                    try Store.refuseOverlap(show.draft, except: show.id, db)
                }
            }
            try db.execute(
                sql: """
                    INSERT INTO member (show, person, place, role, languages)
                    VALUES (?, ?, (SELECT coalesce(max(place), 0) + 1 FROM member WHERE show = ?), ?, ?)
                    ON CONFLICT (show, person) DO UPDATE SET role = excluded.role, languages = excluded.languages
                    """,
                arguments: [
                    membership.show.text, membership.person.text, membership.show.text,
                    membership.role.rawValue, try StoreJSON.text(membership.languages),
                ])
            try Store.touch(membership.show.text, transaction, at: now)
            try transaction.note(
                "member.set", "show:\(membership.show)",
                ["person": .text(membership.person.text), "role": .text(membership.role.rawValue)], by: actor,
                at: now)
        }
    }

    package func removeMember(_ person: PersonID, of show: ShowID, by actor: Actor, at now: Date) throws {
        try write { transaction in
            guard
                try transaction.changed(
                    "DELETE FROM member WHERE show = ? AND person = ?", [show.text, person.text])
            else { throw DomainFault.missing("this person has no role in the show '\(show)'") }
            try Store.touch(show.text, transaction, at: now)
            try transaction.note(
                "member.remove", "show:\(show)", ["person": .text(person.text)], by: actor, at: now)
        }
    }

    /// Exactly these are hosts, in this order; who has another role in the show and becomes a host has it no more.
    static func setHosts(_ hosts: [PersonID], of show: ShowID, _ db: Database) throws {
        let faults = try hosts.enumerated().compactMap { place, host in
            try person(host, in: db) == nil ? FieldFault("hosts.\(place)", "there is no such person") : nil
        }
        try refuse(faults)
        try db.execute(
            sql: "DELETE FROM member WHERE show = ? AND role = 'host'", arguments: [show.text])
        for (place, host) in hosts.enumerated() {
            try db.execute(
                sql: """
                    INSERT INTO member (show, person, place, role, languages) VALUES (?, ?, ?, 'host', '[]')
                    ON CONFLICT (show, person) DO UPDATE SET role = 'host', place = excluded.place, languages = '[]'
                    """, arguments: [show.text, host.text, place])
        }
    }
}

extension Membership {
    init?(row: Row) {
        guard let show = ShowID(row["show"] as String), let role = Role(rawValue: row["role"]) else {
            return nil
        }
        self.init(
            person: PersonID(known: row["person"]), show: show, role: role,
            languages: (try? StoreJSON.value(row["languages"])) ?? [])
    }
}
