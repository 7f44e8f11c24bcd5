import HTTPTypes
import Media

/// The refusals that many routes share, in the same words.
package enum Refusal {
    package static let noShow = ProblemDocument(status: .notFound, detail: "there is no such show")

    /// What a host may do needs a key, a session or a token.
    package static let nobody = ProblemDocument(
        status: .unauthorized,
        detail: "sign in, or send a token: Authorization: Bearer TOKEN",
        fields: [.wwwAuthenticate: "Bearer", .cacheControl: "no-store"])

    package static let noKey = ProblemDocument(
        status: .unauthorized,
        detail:
            "the stream key of this show is needed (Authorization: Bearer KEY), or a host who is signed in",
        fields: [.wwwAuthenticate: "Bearer", .cacheControl: "no-store"])

    package static let badToken = ProblemDocument(
        status: .unauthorized,
        detail: "the token is unknown, has run out or was revoked: make another",
        fields: [.wwwAuthenticate: "Bearer error=\"invalid_token\"", .cacheControl: "no-store"])

    package static func forbidden(_ what: String = "this is not yours to do") -> ProblemDocument {
        ProblemDocument(status: .forbidden, detail: what, fields: [.cacheControl: "no-store"])
    }

    package static func later(_ seconds: Int, _ what: String) -> ProblemDocument {
        ProblemDocument(
            status: .tooManyRequests, detail: "too many \(what): try again in \(seconds) s",
            fields: [.retryAfter: "\(seconds)", .cacheControl: "no-store"])
    }

    package static let busy = ProblemDocument(
        status: .serviceUnavailable, detail: "the server is busy: ask again in a few seconds",
        fields: [.retryAfter: "3", .cacheControl: "no-store"])

    package static func tooLarge(_ bytes: Int) -> ProblemDocument {
        ProblemDocument(
            status: .contentTooLarge, detail: "at most \(bytes) bytes of content are read here")
    }
}
