package import Foundation
import GRDB
package import People

extension Store {
    package func tokens(of person: PersonID) throws -> [AccessToken] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM token WHERE person = ? ORDER BY createdAt DESC, id",
                arguments: [person.text]
            ).map(AccessToken.init(row:))
        }
    }

    package func createToken(
        _ draft: TokenDraft, secret: String, of person: PersonID, by actor: Actor, at now: Date
    ) throws -> AccessToken {
        try Store.refuse(draft.validate(at: now))
        return try write { transaction in
            guard try Store.person(person, in: transaction.db) != nil else { throw Store.noPerson(person) }
            try Store.refuseMore(
                than: 100, in: .token, where: "person = ?", of: person.text,
                "a person has at most 100 tokens: revoke one", transaction.db)
            let token = AccessToken(
                id: .random(), person: person, name: draft.name, scopes: draft.scopes,
                createdAt: now.toMilliseconds, expiresAt: draft.expiresAt?.toMilliseconds)
            try transaction.db.execute(
                sql: """
                    INSERT INTO token (id, person, hash, name, scopes, createdAt, expiresAt)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    token.id.text, person.text, SecretHash(of: secret).text, token.name,
                    try StoreJSON.text(token.scopes), token.createdAt.unixMilliseconds,
                    token.expiresAt?.unixMilliseconds,
                ])
            try transaction.note(
                "token.create", "person:\(person)",
                [
                    "token": .text(token.id.text), "name": .text(token.name),
                    "scopes": .list(token.scopes.map { .text($0.rawValue) }),
                ], by: actor, at: now)
            return token
        }
    }

    package func revokeToken(_ id: TokenID, of person: PersonID, by actor: Actor, at now: Date) throws {
        try write { transaction in
            guard
                try transaction.changed(
                    "DELETE FROM token WHERE id = ? AND person = ?", [id.text, person.text])
            else { throw DomainFault.missing("there is no such token") }
            try transaction.note(
                "token.revoke", "person:\(person)", ["token": .text(id.text)], by: actor, at: now)
        }
    }

    package func token(secret: String, at now: Date) throws -> (token: AccessToken, person: Person)? {
        try read { db in
            // Found by the hash of 200 random bits: the time of an index tells nothing of the secret.
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT * FROM token WHERE hash = ?", arguments: [SecretHash(of: secret).text]),
                let person = try Store.person(PersonID(known: row["person"]), in: db),
                person.disabledAt == nil
            else { return nil }
            let token = AccessToken(row: row)
            return token.isGood(at: now) ? (token, person) : nil
        }
    }

    package func noteToken(_ id: TokenID, at now: Date) throws {
        try noteUse(of: id.text, in: .token, at: now)
    }
}

extension AccessToken {
    init(row: Row) {
        let scopes: [String]? = try? StoreJSON.value(row["scopes"])
        self.init(
            id: TokenID(known: row["id"]), person: PersonID(known: row["person"]), name: row["name"],
            scopes: (scopes ?? []).compactMap(Scope.init(rawValue:)),
            createdAt: Date(unixMilliseconds: row["createdAt"]),
            expiresAt: (row["expiresAt"] as Int64?).map(Date.init(unixMilliseconds:)),
            lastUsedAt: (row["lastUsedAt"] as Int64?).map(Date.init(unixMilliseconds:)))
    }
}
