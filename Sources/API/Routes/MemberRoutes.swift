import Foundation
import HTTPTypes
import Media
import People
import Shows

/// Who does what in a show.
struct MemberRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        let place = "/shows/{show}/members"
        return [
            APIRoute(.get, place, .inShow(.manageMembers)) { call in
                try .json(ListDocument("members", backstage.people.members(of: call.show().id)))
            },
            APIRoute(.get, "\(place)/{person}", .inShow(.manageMembers)) { call in
                try .json(membership(call))
            },
            APIRoute(.put, "\(place)/{person}", .inShow(.manageMembers), content: .object, answer: set),
            APIRoute(.delete, "\(place)/{person}", .inShow(.manageMembers), answer: remove),
        ]
    }

    private struct Draft: Decodable {
        static let fields: Set<String> = ["role", "languages"]
        let role: Role
        let languages: [LanguageTag]?
    }

    private func membership(_ call: APICall) throws -> Membership {
        let person = try call.parameter("person", PersonID.self, "person")
        guard
            let found = try backstage.people.members(of: call.show().id).first(where: { $0.person == person })
        else {
            throw ProblemDocument(status: .notFound, detail: "this person has no role in the show")
        }
        return found
    }

    @Sendable private func set(_ call: APICall) throws -> APIAnswer {
        let person = try call.parameter("person", PersonID.self, "person")
        let draft = try JSONContent.value(
            Draft.self, fields: Draft.fields, from: JSONContent.object(call.content))
        let languages = draft.languages ?? []
        if !languages.isEmpty, draft.role != .interpreter {
            throw DomainFault.invalid([FieldFault("languages", "they are for interpreters only")])
        }
        if languages.count > 20 || Set(languages).count != languages.count {
            throw DomainFault.invalid([FieldFault("languages", "at most 20, each once")])
        }
        let membership = Membership(
            person: person, show: try call.show().id, role: draft.role, languages: languages)
        try backstage.people.setMember(membership, by: call.actor(), at: call.now)
        backstage.visitors.forget()
        return try .json(membership)
    }

    @Sendable private func remove(_ call: APICall) throws -> APIAnswer {
        let membership = try membership(call)
        try backstage.people.removeMember(
            membership.person, of: membership.show, by: call.actor(), at: call.now)
        backstage.visitors.forget()
        return .nothing
    }
}
