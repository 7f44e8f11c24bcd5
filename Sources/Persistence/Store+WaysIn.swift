package import Foundation
import GRDB
package import People

// Passwords, sessions and one-time links.

extension Store {
    package func password(of person: PersonID) throws -> PasswordHash? {
        try read { db in
            try String.fetchOne(db, sql: "SELECT password FROM person WHERE id = ?", arguments: [person.text])
                .map(PasswordHash.init(stored:))
        }
    }

    package func setPassword(
        _ hash: PasswordHash, of person: PersonID, keeping: SecretHash?, by actor: Actor, at now: Date
    ) throws {
        try write { try Store.setPassword(hash, of: person, keeping: keeping, $0, by: actor, at: now) }
    }

    private static func setPassword(
        _ hash: PasswordHash, of person: PersonID, keeping: SecretHash?, _ transaction: Transaction,
        by actor: Actor, at now: Date
    ) throws {
        guard
            try transaction.changed(
                "UPDATE person SET password = ? WHERE id = ?", [hash.text, person.text])
        else { throw Store.noPerson(person) }
        try transaction.db.execute(
            sql: "DELETE FROM session WHERE person = ? AND id <> ?",
            arguments: [person.text, keeping?.text ?? ""])
        try transaction.note("person.password", "person:\(person)", by: actor, at: now)
    }

    // MARK: Sessions

    package func beginSession(_ session: Session) throws {
        try write { transaction in
            try transaction.db.execute(
                sql: """
                    INSERT INTO session (id, person, csrf, createdAt, expiresAt, lastSeenAt, userAgent)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    session.id.text, session.person.text, session.csrf, session.createdAt.unixMilliseconds,
                    session.expiresAt.unixMilliseconds, session.lastSeenAt.unixMilliseconds,
                    session.userAgent,
                ])
            try transaction.note(
                "session.begin", "person:\(session.person)", by: .person(session.person),
                at: session.createdAt)
        }
    }

    package func session(_ id: SecretHash, at now: Date) throws -> (session: Session, person: Person)? {
        try read { db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT * FROM session WHERE id = ?", arguments: [id.text]),
                let person = try Store.person(PersonID(known: row["person"]), in: db),
                person.disabledAt == nil
            else { return nil }
            let session = Session(row: row)
            return session.isGood(at: now) ? (session, person) : nil
        }
    }

    package func noteSession(_ id: SecretHash, at now: Date) throws {
        try write {
            try $0.db.execute(
                sql: "UPDATE session SET lastSeenAt = max(lastSeenAt, ?) WHERE id = ?",
                arguments: [now.unixMilliseconds, id.text])
        }
    }

    package func endSession(_ id: SecretHash) throws {
        try write { try $0.db.execute(sql: "DELETE FROM session WHERE id = ?", arguments: [id.text]) }
    }

    // MARK: Invitations

    package func invite(_ person: PersonID, secret: String, by actor: Actor, at now: Date) throws
        -> Invitation
    {
        try write { transaction in
            guard try Store.person(person, in: transaction.db) != nil else { throw Store.noPerson(person) }
            let invitation = Invitation(
                id: .random(), person: person, createdAt: now.toMilliseconds,
                expiresAt: now.addingTimeInterval(Invitation.lifetime).toMilliseconds)
            try transaction.db.execute(
                sql: "DELETE FROM invitation WHERE person = ? AND usedAt IS NULL", arguments: [person.text])
            try transaction.db.execute(
                sql: "INSERT INTO invitation (id, person, hash, createdAt, expiresAt) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    invitation.id.text, person.text, SecretHash(of: secret).text,
                    invitation.createdAt.unixMilliseconds, invitation.expiresAt.unixMilliseconds,
                ])
            try transaction.note("person.invite", "person:\(person)", by: actor, at: now)
            return invitation
        }
    }

    package func invitation(secret: String, at now: Date) throws -> (invitation: Invitation, person: Person)?
    {
        try read { try Store.invitation(secret, in: $0, at: now) }
    }

    private static func invitation(_ secret: String, in db: Database, at now: Date) throws
        -> (invitation: Invitation, person: Person)?
    {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM invitation WHERE hash = ?",
                arguments: [SecretHash(of: secret).text]),
            let person = try Store.person(PersonID(known: row["person"]), in: db), person.disabledAt == nil
        else { return nil }
        let invitation = Invitation(row: row)
        return invitation.isGood(at: now) ? (invitation, person) : nil
    }

    package func accept(invitation secret: String, name: String?, password: PasswordHash, at now: Date) throws
        -> Person?
    {
        try write { transaction in
            guard var (invitation, person) = try Store.invitation(secret, in: transaction.db, at: now) else {
                return nil
            }
            if let name {
                var draft = person.draft
                draft.name = name
                try Store.refuse(draft.validate())
                person.name = draft.normalised.name
                try transaction.db.execute(
                    sql: "UPDATE person SET name = ? WHERE id = ?", arguments: [person.name, person.id.text])
            }
            invitation.usedAt = now
            try transaction.db.execute(
                sql: "UPDATE invitation SET usedAt = ? WHERE id = ?",
                arguments: [now.unixMilliseconds, invitation.id.text])
            try Store.setPassword(
                password, of: person.id, keeping: nil, transaction, by: .person(person.id), at: now)
            return person
        }
    }

    package func hasWayIn(at now: Date) throws -> Bool {
        try read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM person WHERE isOperator AND disabledAt IS NULL
                      AND (password IS NOT NULL OR EXISTS (SELECT 1 FROM token
                        WHERE token.person = person.id AND (expiresAt IS NULL OR expiresAt > ?))))
                    """, arguments: [now.unixMilliseconds]) ?? false
        }
    }
}

extension Session {
    init(row: Row) {
        self.init(
            id: SecretHash(stored: row["id"]), person: PersonID(known: row["person"]), csrf: row["csrf"],
            createdAt: Date(unixMilliseconds: row["createdAt"]),
            expiresAt: Date(unixMilliseconds: row["expiresAt"]),
            lastSeenAt: Date(unixMilliseconds: row["lastSeenAt"]), userAgent: row["userAgent"])
    }
}

extension Invitation {
    init(row: Row) {
        self.init(
            id: InvitationID(known: row["id"]), person: PersonID(known: row["person"]),
            createdAt: Date(unixMilliseconds: row["createdAt"]),
            expiresAt: Date(unixMilliseconds: row["expiresAt"]),
            usedAt: (row["usedAt"] as Int64?).map(Date.init(unixMilliseconds:)))
    }
}
