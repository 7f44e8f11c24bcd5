import Chat
package import Foundation
import GRDB
package import Media
package import People

extension Store: PeopleStore {
    package func person(_ id: PersonID) throws -> Person? {
        try read { try Store.person(id, in: $0) }
    }

    package func person(login: String) throws -> Person? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM person WHERE login = ?", arguments: [login.lowercased()]
            ).map(Person.init(row:))
        }
    }

    package func people(text: String?, limit: Int, cursor: String?) throws -> Page<Person> {
        let (limit, after) = (min(max(limit, 1), 200), try Cursor.parts(cursor, count: 2))
        var conditions = ["1"]
        var arguments: StatementArguments = []
        if let after {
            conditions.append("(name COLLATE NOCASE, id) > (?, ?)")
            arguments += [after[0], after[1]]
        }
        if let text, !text.isEmpty {
            conditions.append("(instr(lower(name), ?) > 0 OR instr(login, ?) > 0)")
            arguments += [text.lowercased(), text.lowercased()]
        }
        arguments += [limit + 1]
        let found = try read { [arguments] db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM person WHERE \(conditions.joined(separator: " AND ")) "
                    + "ORDER BY name COLLATE NOCASE, id LIMIT ?",
                arguments: arguments
            ).map(Person.init(row:))
        }
        let items = Array(found.prefix(limit))
        return Page(
            items: items,
            next: found.count > limit ? try items.last.map { try Cursor.text([$0.name, $0.id.text]) } : nil)
    }

    package func createPerson(
        _ draft: PersonDraft, once: IdempotencyClaim?, by actor: Actor, at now: Date
    ) throws -> Person {
        let draft = draft.normalised
        try Store.refuse(draft.validate())
        return try write { transaction in
            try Store.take(once, transaction, at: now)
            let person = Person(
                id: .random(), name: draft.name, login: draft.login, language: draft.language,
                isOperator: draft.isOperator, createdAt: now.toMilliseconds,
                disabledAt: draft.isDisabled ? now.toMilliseconds : nil)
            try Store.refuseTwin(person, transaction.db)
            try transaction.db.execute(
                sql: """
                    INSERT INTO person (id, name, login, language, isOperator, createdAt, disabledAt)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    person.id.text, person.name, person.login, person.language?.text, person.isOperator,
                    person.createdAt.unixMilliseconds, person.disabledAt?.unixMilliseconds,
                ])
            try Store.settle(once, subject: person.id.text, transaction, at: now)
            try transaction.note(
                "person.create", "person:\(person.id)", Store.details(person), by: actor, at: now)
            return person
        }
    }

    package func editPerson(_ id: PersonID, to draft: PersonDraft, by actor: Actor, at now: Date) throws
        -> Person
    {
        let draft = draft.normalised
        try Store.refuse(draft.validate())
        return try write { transaction in
            guard var person = try Store.person(id, in: transaction.db) else { throw Store.noPerson(id) }
            let before = person
            person.name = draft.name
            person.login = draft.login
            person.language = draft.language
            person.isOperator = draft.isOperator
            person.disabledAt = draft.isDisabled ? person.disabledAt ?? now.toMilliseconds : nil
            guard person != before else { return person }
            try Store.refuseTwin(person, transaction.db)
            if before.isOperator, before.disabledAt == nil, !person.isOperator || person.disabledAt != nil {
                try Store.refuseLastOperator(id, transaction.db)
            }
            try transaction.db.execute(
                sql: """
                    UPDATE person SET name = ?, login = ?, language = ?, isOperator = ?, disabledAt = ?
                    WHERE id = ?
                    """,
                arguments: [
                    person.name, person.login, person.language?.text, person.isOperator,
                    person.disabledAt?.unixMilliseconds, id.text,
                ])
            if person.disabledAt != nil {
                try transaction.db.execute(sql: "DELETE FROM session WHERE person = ?", arguments: [id.text])
            }
            try transaction.note("person.edit", "person:\(id)", Store.details(person), by: actor, at: now)
            return person
        }
    }

    package func exportPerson(_ id: PersonID) throws -> JSONValue {
        try read { db in
            guard let person = try Store.person(id, in: db) else { throw Store.noPerson(id) }
            func rows(_ sql: String) throws -> JSONValue {
                .list(try Row.fetchAll(db, sql: sql, arguments: [id.text]).map(Store.json(of:)))
            }
            return [
                "person": try StoreJSON.value(try StoreJSON.text(person)),
                "memberships": try rows("SELECT show, role, languages FROM member WHERE person = ?"),
                "sessions": try rows(
                    "SELECT createdAt, expiresAt, lastSeenAt, userAgent FROM session WHERE person = ?"),
                "tokens": try rows(
                    "SELECT id, name, scopes, createdAt, expiresAt, lastUsedAt FROM token WHERE person = ?"),
                "invitations": try rows(
                    "SELECT createdAt, expiresAt, usedAt FROM invitation WHERE person = ?"),
                "audit": try rows(
                    "SELECT at, action, subject, details FROM audit WHERE person = ? ORDER BY id"),
                "chat": try Store.written(by: AuthorID(id), in: db),
                "chatSanctions": try Store.imposed(on: AuthorID(id), in: db),
            ]
        }
    }

    package func erasePerson(_ id: PersonID, by actor: Actor, at now: Date) throws {
        try write { transaction in
            let db = transaction.db
            guard let person = try Store.person(id, in: db) else { throw Store.noPerson(id) }
            if person.isOperator, person.disabledAt == nil { try Store.refuseLastOperator(id, db) }
            let shows = try String.fetchAll(
                db, sql: "SELECT show FROM member WHERE person = ?", arguments: [id.text])
            try db.execute(sql: "DELETE FROM person WHERE id = ?", arguments: [id.text])
            try Store.erase(AuthorID(id), of: nil, db)
            for show in shows { try Store.touch(show, transaction, at: now) }
            // What was done stays; who it was does not.
            try db.execute(
                sql: "UPDATE audit SET actorName = 'erased' WHERE person = ?", arguments: [id.text])
            try db.execute(
                sql: "UPDATE audit SET details = '{}' WHERE subject = ?", arguments: ["person:\(id)"])
            try db.execute(sql: "DELETE FROM claim WHERE subject = ?", arguments: [id.text])
            try transaction.note("person.erase", "person:\(id)", by: actor, at: now)
        }
    }

    package func roles(of person: PersonID) throws -> [ShowID: Role] {
        try read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT show, role FROM member WHERE person = ?", arguments: [person.text])
            return Dictionary(
                rows.compactMap { row in
                    guard let show = ShowID(row["show"] as String), let role = Role(rawValue: row["role"])
                    else {
                        return nil
                    }
                    return (show, role)
                }
            ) { $1 }
        }
    }
}

extension Store {
    static func person(_ id: PersonID, in db: Database) throws -> Person? {
        try Row.fetchOne(db, sql: "SELECT * FROM person WHERE id = ?", arguments: [id.text]).map(
            Person.init(row:))
    }

    static func refuse(_ faults: [FieldFault]) throws {
        if !faults.isEmpty { throw DomainFault.invalid(faults) }
    }

    static func noPerson(_ id: PersonID) -> DomainFault { .missing("there is no such person") }

    private static func refuseTwin(_ person: Person, _ db: Database) throws {
        let other = try String.fetchOne(
            db, sql: "SELECT id FROM person WHERE login = ? AND id <> ?",
            arguments: [person.login, person.id.text])
        if other != nil { throw DomainFault.conflict("somebody has the login '\(person.login)' already") }
    }

    /// Somebody must be left who can let others in.
    private static func refuseLastOperator(_ id: PersonID, _ db: Database) throws {
        let others = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM person WHERE isOperator AND disabledAt IS NULL AND id <> ?",
            arguments: [id.text])
        if others == 0 { throw DomainFault.conflict("this is the last operator: make another one first") }
    }

    private static func details(_ person: Person) -> JSONValue {
        [
            "name": .text(person.name), "login": .text(person.login), "isOperator": .bool(person.isOperator),
            "isDisabled": .bool(person.disabledAt != nil),
        ]
    }

    /// A row as it is, for exports: columns that end in `At` are instants.
    static func json(of row: Row) -> JSONValue {
        .object(
            Dictionary(
                row.map { column, value in
                    let member: JSONValue =
                        switch value.storage {
                        case .null: .null
                        case .int64(let number) where column.lowercased().hasSuffix("at"):
                            .text(Date(unixMilliseconds: number).rfc3339)
                        case .int64(let number): .int(Int(number))
                        case .double(let number): .number(number)
                        case .string(let text):
                            text.hasPrefix("{") || text.hasPrefix("[")
                                ? (try? StoreJSON.value(text)) ?? .text(text) : .text(text)
                        case .blob: .null
                        }
                    return (column, member)
                }
            ) { $1 })
    }
}

extension Person {
    init(row: Row) {
        self.init(
            id: PersonID(known: row["id"]), name: row["name"], login: row["login"],
            language: (row["language"] as String?).flatMap { LanguageTag($0) }, isOperator: row["isOperator"],
            createdAt: Date(unixMilliseconds: row["createdAt"]),
            disabledAt: (row["disabledAt"] as Int64?).map(Date.init(unixMilliseconds:)))
    }
}
