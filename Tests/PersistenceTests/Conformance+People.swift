import Foundation
import Media
import People
import Shows
import Testing

extension Conformance {
    static var people: [String: Proof] {
        [
            "a person is kept as made, once by login": { own in
                let ada = try own.store.createPerson(
                    PersonDraft(
                        name: " Ada ", login: "ADA@x", language: LanguageTag("pt-BR"), isOperator: true),
                    once: nil, by: .commandLine, at: own.now)
                #expect(ada.login == "ada@x" && ada.name == "Ada" && ada.createdAt == own.now)
                #expect(try own.store.person(ada.id) == ada)
                #expect(try own.store.person(login: "Ada@X") == ada)
                #expect(try own.store.person(PersonID.random()) == nil)
                own.conflicts("ada@x") { try own.person("ada@x") }
                own.refuses(["name", "login"]) {
                    _ = try own.store.createPerson(
                        PersonDraft(name: "", login: "?"), once: nil, by: .commandLine, at: own.now)
                }
                #expect(try own.actions("person:\(ada.id)") == ["person.create"])
            },
            "people are listed by name, page by page": { own in
                for name in ["cy", "ada", "Bob", "bea", "dan"] { try own.person(name.lowercased()) }
                var (found, cursor): ([String], String?) = ([], nil)
                repeat {
                    let page = try own.store.people(text: nil, limit: 2, cursor: cursor)
                    found += page.items.map(\.login)
                    cursor = page.next
                } while cursor != nil
                #expect(found == ["ada", "bea", "bob", "cy", "dan"])
                #expect(try own.store.people(text: "B", limit: 9, cursor: nil).items.count == 2)
                own.refuses(["cursor"]) { _ = try own.store.people(text: nil, limit: 2, cursor: "%%") }
                own.refuses(["cursor"]) { _ = try own.store.people(text: nil, limit: 2, cursor: "W10") }
            },
            "the last operator stays": { own in
                let ada = try own.person("ada", isOperator: true)
                var draft = ada.draft
                draft.isOperator = false
                own.conflicts("last operator") {
                    _ = try own.store.editPerson(ada.id, to: draft, by: .commandLine, at: own.now)
                }
                draft = ada.draft
                draft.isDisabled = true
                own.conflicts("last operator") {
                    _ = try own.store.editPerson(ada.id, to: draft, by: .commandLine, at: own.now)
                }
                own.conflicts("last operator") {
                    try own.store.erasePerson(ada.id, by: .commandLine, at: own.now)
                }
                try own.person("bob", isOperator: true)
                let edited = try own.store.editPerson(ada.id, to: draft, by: .commandLine, at: own.now)
                #expect(edited.disabledAt == own.now)
                own.misses {
                    _ = try own.store.editPerson(.random(), to: draft, by: .commandLine, at: own.now)
                }
            },
            "who is erased leaves no name": { own in
                try own.person("root", isOperator: true)
                let ada = try own.person("ada-lovelace")
                let show = try own.show("evening", own.draft(hosts: [ada.id]))
                _ = try own.store.moveShow(show.id, .cancel, by: .person(ada.id), at: own.now)
                let (session, _) = Session.begin(person: ada.id, userAgent: nil, at: own.now)
                try own.store.beginSession(session)
                let export = try own.store.exportPerson(ada.id)
                #expect(export["person"]?["login"] == "ada-lovelace")
                #expect(export["memberships"]?.list?.count == 1 && export["sessions"]?.list?.count == 1)
                try own.store.erasePerson(ada.id, by: .commandLine, at: own.now)
                #expect(try own.store.person(ada.id) == nil)
                #expect(try own.store.session(session.id, at: own.now) == nil)
                let kept = try #require(try own.store.show(show.id))
                #expect(kept.hosts.isEmpty && kept.revision > show.revision)
                let log = try own.store.audit(AuditQuery(limit: 200)).items
                #expect(log.count >= 5)
                let text = String(decoding: try WireJSON.encoder().encode(log), as: UTF8.self)
                #expect(!text.lowercased().contains("lovelace"))
                #expect(text.contains(ada.id.text), "what was done stays")
                own.misses { _ = try own.store.exportPerson(ada.id) }
                own.misses { try own.store.erasePerson(ada.id, by: .commandLine, at: own.now) }
            },
            "roles are one each, and hosts are the show's": { own in
                let (ada, bob) = (try own.person("ada"), try own.person("bob"))
                let show = try own.show("evening", own.draft(hosts: [ada.id]))
                try own.store.setMember(
                    Membership(person: bob.id, show: show.id, role: .interpreter, languages: [.english]),
                    by: .commandLine, at: own.now)
                #expect(try own.store.members(of: show.id).map(\.role) == [.host, .interpreter])
                #expect(try own.store.roles(of: bob.id) == [show.id: .interpreter])
                try own.store.setMember(
                    Membership(person: bob.id, show: show.id, role: .host), by: .commandLine, at: own.now)
                let changed = try #require(try own.store.show(show.id))
                #expect(changed.hosts == [ada.id, bob.id] && changed.revision == show.revision + 2)
                try own.store.removeMember(ada.id, of: show.id, by: .commandLine, at: own.now)
                #expect(try own.store.show(show.id)?.hosts == [bob.id])
                own.misses { try own.store.removeMember(ada.id, of: show.id, by: .commandLine, at: own.now) }
                own.misses {
                    try own.store.setMember(
                        Membership(person: .random(), show: show.id, role: .host), by: .commandLine,
                        at: own.now)
                }
                own.refuses(["languages"]) {
                    try own.store.setMember(
                        Membership(person: bob.id, show: show.id, role: .host, languages: [.english]),
                        by: .commandLine, at: own.now)
                }
            },
        ]
    }

    static var waysIn: [String: Proof] {
        [
            "a new password ends other sessions": { own in
                let ada = try own.person("ada")
                let (kept, _) = Session.begin(person: ada.id, userAgent: nil, at: own.now)
                let (other, _) = Session.begin(person: ada.id, userAgent: nil, at: own.now)
                try own.store.beginSession(kept)
                try own.store.beginSession(other)
                #expect(try own.store.password(of: ada.id) == nil)
                let hash = PasswordHash(stored: "$argon2id$x")
                try own.store.setPassword(
                    hash, of: ada.id, keeping: kept.id, by: .person(ada.id), at: own.now)
                #expect(try own.store.password(of: ada.id) == hash)
                let found = try #require(try own.store.session(kept.id, at: own.now))
                #expect(found.session == kept && found.person == ada)
                #expect(try own.store.session(other.id, at: own.now) == nil)
                own.misses {
                    try own.store.setPassword(
                        hash, of: .random(), keeping: nil, by: .commandLine, at: own.now)
                }
                let log = try own.store.audit(AuditQuery()).items.map { "\($0.details)" }.joined()
                #expect(!log.contains("argon2"))
            },
            "sessions end, are noted, and run out": { own in
                let ada = try own.person("ada")
                let (session, _) = Session.begin(person: ada.id, userAgent: "Browser", at: own.now)
                try own.store.beginSession(session)
                #expect(try own.store.session(session.id, at: own.later(Session.idleLifetime + 1)) == nil)
                try own.store.noteSession(session.id, at: own.later(Session.idleLifetime - 1))
                #expect(try own.store.session(session.id, at: own.later(Session.idleLifetime + 1)) != nil)
                try own.store.endSession(session.id)
                #expect(try own.store.session(session.id, at: own.now) == nil)
            },
            "who is disabled is out at once": { own in
                let ada = try own.person("ada")
                let (session, _) = Session.begin(person: ada.id, userAgent: nil, at: own.now)
                try own.store.beginSession(session)
                let secret = AccessToken.makeSecret()
                _ = try own.store.createToken(
                    TokenDraft(name: "ci", scopes: [.read]), secret: secret, of: ada.id, by: .commandLine,
                    at: own.now)
                var draft = ada.draft
                draft.isDisabled = true
                _ = try own.store.editPerson(ada.id, to: draft, by: .commandLine, at: own.now)
                #expect(try own.store.session(session.id, at: own.now) == nil)
                #expect(try own.store.token(secret: secret, at: own.now) == nil)
            },
            "tokens are found by their secret until they end": { own in
                let ada = try own.person("ada")
                let (secret, short) = (AccessToken.makeSecret(), AccessToken.makeSecret())
                let token = try own.store.createToken(
                    TokenDraft(name: "ci", scopes: [.read, .hooks]), secret: secret, of: ada.id,
                    by: .commandLine,
                    at: own.now)
                _ = try own.store.createToken(
                    TokenDraft(name: "short", scopes: [.all], expiresAt: own.later(60)), secret: short,
                    of: ada.id, by: .commandLine, at: own.now)
                let found = try #require(try own.store.token(secret: secret, at: own.now))
                #expect(found.token == token && found.person == ada)
                #expect(try own.store.token(secret: short, at: own.later(59)) != nil)
                #expect(try own.store.token(secret: short, at: own.later(61)) == nil)
                #expect(try own.store.token(secret: AccessToken.makeSecret(), at: own.now) == nil)
                try own.store.noteToken(token.id, at: own.later(5))
                #expect(try own.store.tokens(of: ada.id).compactMap(\.lastUsedAt) == [own.later(5)])
                try own.store.revokeToken(token.id, of: ada.id, by: .commandLine, at: own.now)
                #expect(try own.store.token(secret: secret, at: own.now) == nil)
                own.misses { try own.store.revokeToken(token.id, of: ada.id, by: .commandLine, at: own.now) }
                own.refuses(["name"]) {
                    _ = try own.store.createToken(
                        TokenDraft(name: "", scopes: [.read]), secret: secret, of: ada.id, by: .commandLine,
                        at: own.now)
                }
            },
            "a link works once, and the newest only": { own in
                let ada = try own.person("ada", isOperator: true)
                #expect(try !own.store.hasWayIn(at: own.now))
                let (first, second) = (Invitation.makeSecret(), Invitation.makeSecret())
                _ = try own.store.invite(ada.id, secret: first, by: .commandLine, at: own.now)
                _ = try own.store.invite(ada.id, secret: second, by: .commandLine, at: own.now)
                #expect(try own.store.invitation(secret: first, at: own.now) == nil)
                #expect(try own.store.invitation(secret: second, at: own.now)?.person == ada)
                #expect(
                    try own.store.invitation(secret: second, at: own.later(Invitation.lifetime + 1)) == nil)
                let hash = PasswordHash(stored: "$argon2id$y")
                own.refuses(["name"]) {
                    _ = try own.store.accept(invitation: second, name: "", password: hash, at: own.now)
                }
                #expect(try own.store.password(of: ada.id) == nil, "all or nothing")
                let person = try own.store.accept(
                    invitation: second, name: "Ada L.", password: hash, at: own.now)
                #expect(person?.name == "Ada L.")
                #expect(try own.store.password(of: ada.id) == hash)
                #expect(
                    try own.store.accept(invitation: second, name: nil, password: hash, at: own.now) == nil)
                #expect(try own.store.hasWayIn(at: own.now))
            },
            "a token is a way in too": { own in
                let ada = try own.person("ada", isOperator: true)
                let bob = try own.person("bob")
                _ = try own.store.createToken(
                    TokenDraft(name: "x", scopes: [.all]), secret: AccessToken.makeSecret(), of: bob.id,
                    by: .commandLine, at: own.now)
                #expect(try !own.store.hasWayIn(at: own.now))
                _ = try own.store.createToken(
                    TokenDraft(name: "x", scopes: [.all], expiresAt: own.later(60)),
                    secret: AccessToken.makeSecret(), of: ada.id, by: .commandLine, at: own.now)
                #expect(try own.store.hasWayIn(at: own.now))
                #expect(try !own.store.hasWayIn(at: own.later(61)))
            },
        ]
    }
}
