import Foundation
import HTTPTypes
import People

/// What is kept of one viewer: told to whoever looks after people here, and forgotten.
struct ViewerRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        [
            APIRoute(.get, "/viewers/{viewer}", .may(.managePeople), work: .apart(export)),
            APIRoute(.delete, "/viewers/{viewer}", .may(.erasePerson), work: .apart(erase)),
        ]
    }

    private static let nothing = ProblemDocument(
        status: .notFound, detail: "nothing is kept of a viewer of this name")

    private func named(_ call: APICall) throws -> ViewerName {
        guard let name = call.arrival.parameters["viewer"].flatMap({ ViewerName($0) }) else {
            throw ViewerRoutes.nothing
        }
        return name
    }

    @Sendable private func export(_ call: APICall) async throws -> APIAnswer {
        guard let kept = try await backstage.viewers.export(named(call)) else { throw ViewerRoutes.nothing }
        return try .json(kept)
    }

    @Sendable private func erase(_ call: APICall) async throws -> APIAnswer {
        let parts = try await backstage.viewers.erase(named(call), by: call.actor(), at: call.now)
        if parts.isEmpty { throw ViewerRoutes.nothing }
        return .nothing
    }
}
