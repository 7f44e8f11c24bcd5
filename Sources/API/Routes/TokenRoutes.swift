import Foundation
import HTTPTypes
import People

/// Tokens with which programs act for a person. A token's secret is told once, when it is made.
struct TokenRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        let place = "/people/{person}/tokens"
        return [
            APIRoute(.get, place, .signedIn) { call in
                try .json(ListDocument("tokens", backstage.people.tokens(of: person(call))))
            },
            APIRoute(.post, place, .signedIn, content: .object, answer: make),
            APIRoute(.delete, "\(place)/{token}", .signedIn, answer: revoke),
        ]
    }

    /// Whoever asks, or anybody for who manages people.
    private func person(_ call: APICall) throws -> PersonID {
        let id = try call.parameter("person", PersonID.self, "person")
        let isOwn = call.isSelf(id)
        guard isOwn || call.may(.managePeople), try backstage.people.person(id) != nil else {
            throw ProblemDocument(status: .notFound, detail: "there is no such person")
        }
        if !call.may(isOwn ? .manageTokens : .managePeople) {
            throw Refusal.forbidden("the token is not for that")
        }
        return id
    }

    private struct Made: Encodable {
        let token: AccessToken
        let secret: String

        private enum Keys: String, CodingKey { case secret }

        func encode(to encoder: any Encoder) throws {
            try token.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(secret, forKey: .secret)
        }
    }

    @Sendable private func make(_ call: APICall) throws -> APIAnswer {
        let person = try person(call)
        let draft = try JSONContent.value(
            TokenDraft.self, fields: TokenDraft.fields, from: JSONContent.object(call.content))
        // A token makes none that may more than itself.
        if let own = call.visitor.token, !own.scopes.contains(.all),
            !Set(draft.scopes).isSubset(of: Set(own.scopes))
        {
            throw Refusal.forbidden("a token makes none that may more than itself")
        }
        let secret = AccessToken.makeSecret()
        let token = try backstage.people.createToken(
            draft, secret: secret, of: person, by: call.actor(), at: call.now)
        return try .json(
            Made(token: token, secret: secret), status: .created,
            location: "\(RouteTable.place)/people/\(person)/tokens/\(token.id)")
    }

    @Sendable private func revoke(_ call: APICall) throws -> APIAnswer {
        let token = try call.parameter("token", TokenID.self, "token")
        try backstage.people.revokeToken(token, of: person(call), by: call.actor(), at: call.now)
        backstage.visitors.forget()
        return .nothing
    }
}
