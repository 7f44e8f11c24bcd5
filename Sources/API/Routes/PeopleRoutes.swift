import Chat
import Foundation
import HTTPTypes
import Media
import People

/// The people who work here. Everybody may see and export themselves; the rest is for operators.
struct PeopleRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        [
            APIRoute(.get, "/people", .may(.readPeople), answer: list),
            APIRoute(.post, "/people", .may(.managePeople), content: .object, answer: create),
            APIRoute(.get, "/people/{person}", .signedIn) { call in
                try .json(document(named(call, orMay: .readPeople)))
            },
            APIRoute(.patch, "/people/{person}", .signedIn, content: .patch, answer: edit),
            APIRoute(.delete, "/people/{person}", .may(.erasePerson), work: .apart(erase)),
            APIRoute(.get, "/people/{person}/export", .signedIn) { call in
                try .json(backstage.people.exportPerson(named(call, orMay: .managePeople).id))
            },
            APIRoute(.post, "/people/{person}/invitation", .may(.managePeople), answer: invite),
        ]
    }

    private struct Document: Encodable {
        let person: Person
        let roles: [ShowID: Role]

        private enum Keys: String, CodingKey { case isDisabled, roles }

        func encode(to encoder: any Encoder) throws {
            try person.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(person.disabledAt != nil, forKey: .isDisabled)
            var named: [String: Role] = [:]
            for (show, role) in roles { named[show.text] = role }
            try container.encode(named, forKey: .roles)
        }
    }

    private func document(_ person: Person) throws -> some Encodable {
        Document(person: person, roles: try backstage.people.roles(of: person.id))
    }

    /// The person that the address names: whoever asks, or anybody for who may do `action`. Nobody else learns who there is.
    private func named(_ call: APICall, orMay action: Action) throws -> Person {
        let id = try call.parameter("person", PersonID.self, "person")
        guard call.isSelf(id) || call.may(action), let person = try backstage.people.person(id) else {
            throw ProblemDocument(status: .notFound, detail: "there is no such person")
        }
        return person
    }

    @Sendable private func list(_ call: APICall) throws -> APIAnswer {
        var reader = QueryReader(call)
        let (limit, cursor) = (reader.limit(), reader.cursor())
        let text = reader.text("q", atMost: 100)
        try reader.check()
        let page = try backstage.people.people(text: text, limit: limit, cursor: cursor)
        return try .json(ListDocument("people", page.items.map(document), next: page.next))
    }

    @Sendable private func create(_ call: APICall) throws -> APIAnswer {
        let place = "POST \(RouteTable.place)/people"
        let claim = try backstage.claim(call, place)
        return try backstage.once(claim, at: call.now) { subject in
            guard let person = try PersonID(subject).flatMap(backstage.people.person) else {
                throw ProblemDocument(status: .notFound, detail: "there is no such person any more")
            }
            return try made(person)
        } make: {
            let draft = try JSONContent.value(
                PersonDraft.self, fields: PersonDraft.fields, from: JSONContent.object(call.content))
            return try made(
                backstage.people.createPerson(draft, once: claim, by: call.actor(), at: call.now))
        }
    }

    private func made(_ person: Person) throws -> APIAnswer {
        try .json(
            document(person), status: .created, location: "\(RouteTable.place)/people/\(person.id)")
    }

    @Sendable private func edit(_ call: APICall) throws -> APIAnswer {
        let person = try named(call, orMay: .managePeople)
        let patch = try JSONContent.object(call.content)
        let draft = try JSONContent.value(
            PersonDraft.self, fields: PersonDraft.fields,
            from: JSONContent.merged(patch, over: JSONContent.members(of: person.draft)))
        let isOwn = !call.may(.managePeople)
        if isOwn, !call.may(.manageTokens) { throw Refusal.forbidden("the token is not for that") }
        if isOwn,
            draft.login != person.login || draft.isOperator != person.isOperator
                || draft.isDisabled != (person.disabledAt != nil)
        {
            throw Refusal.forbidden("name and language are yours to change; the rest is for operators")
        }
        let edited = try backstage.people.editPerson(
            person.id, to: draft, by: call.actor(), at: call.now)
        backstage.visitors.forget()
        return try .json(document(edited))
    }

    @Sendable private func erase(_ call: APICall) async throws -> APIAnswer {
        let hall = backstage.chat.hall
        let (author, shows) = try await BlockingPool.run {
            let person = try named(call, orMay: .erasePerson)
            let author = AuthorID(person.id)
            let shows = try hall.store.shows(writtenInBy: author)
            try backstage.people.erasePerson(person.id, by: call.actor(), at: call.now)
            return (author, shows)
        }
        backstage.visitors.forget()
        // It is gone from the store; who reads sees it go.
        try await hall.forget(author, in: shows, by: call.actor())
        return .nothing
    }

    private struct Invited: Encodable {
        /// Below this server's address.
        let link: String
        let expiresAt: Date
    }

    @Sendable private func invite(_ call: APICall) throws -> APIAnswer {
        let person = try named(call, orMay: .managePeople)
        let secret = Invitation.makeSecret()
        let invitation = try backstage.people.invite(
            person.id, secret: secret, by: call.actor(), at: call.now)
        return try .json(
            Invited(link: "/welcome/\(secret)", expiresAt: invitation.expiresAt), status: .created)
    }
}

extension APICall {
    /// Whether this is the person who asks.
    func isSelf(_ person: PersonID) -> Bool { visitor.person?.id == person }
}
