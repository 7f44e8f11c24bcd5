import Chat
import Foundation
import HTTPTypes
import Media
import People
import Shows
import Translation

/// The words of a show that no translation touches.
struct GlossaryRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        [
            APIRoute(.get, "/shows/{show}/glossary", .inShow(.editGlossary)) { call in
                let (glossary, revision) = try backstage.chat.hall.store.glossary(of: call.show().id)
                return try .json(glossary, revision: revision)
            },
            APIRoute(.put, "/shows/{show}/glossary", .inShow(.editGlossary), content: .object, answer: set),
        ]
    }

    private struct Draft: Decodable {
        let terms: [GlossaryTerm]
    }

    private static let termFields: Set<String> = ["text", "keep", "renderings", "caseSensitive"]

    @Sendable private func set(_ call: APICall) throws -> APIAnswer {
        let hall = backstage.chat.hall
        let show = try call.show().id
        let known = try hall.store.glossary(of: show).revision
        let revision: Int?
        switch RevisionTag.wish(call.arrival.headers) {
        case .any: revision = nil
        case .revisions(let revisions):
            guard revisions.contains(known) else { throw DomainFault.stale(current: known) }
            revision = known
        case .none:
            throw ProblemDocument(
                status: .preconditionRequired,
                detail: "say which revision is changed: If-Match with the ETag of the glossary, or *")
        }
        let members = try JSONContent.object(call.content)
        var faults: [FieldFault] = []
        for (place, term) in (members["terms"]?.list ?? []).enumerated() {
            faults += (term.object ?? [:]).keys.filter { !GlossaryRoutes.termFields.contains($0) }.sorted()
                .map {
                    FieldFault("terms[\(place)].\($0.prefix(64))", "it is not known here")
                }
        }
        let draft = try JSONContent.value(Draft.self, fields: ["terms"], faults, from: members)
        let glossary: Glossary
        do {
            glossary = try Glossary(draft.terms)
        } catch {
            throw DomainFault.invalid([FieldFault("terms", "\(error)")])
        }
        let now = try hall.setGlossary(
            glossary, of: show, ifRevision: revision, by: call.actor(), at: call.now)
        return try .json(glossary, revision: now)
    }
}
