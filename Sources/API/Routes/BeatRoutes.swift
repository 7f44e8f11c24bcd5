import Foundation
import HTTPTypes

/// What a viewer's player tells of itself every ten seconds and when it is left.
///
/// It needs no sign-in, reads and sets no cookies, and is answered with 204 and nothing else.
struct BeatRoutes: Sendable {
    private let stage: any Stage

    init(_ backstage: Backstage) { stage = backstage.stage }

    var routes: [APIRoute] {
        [APIRoute(.post, "/beats", .unseen, content: .raw(atMost: stage.beatAtMost), work: .apart(hear))]
    }

    @Sendable private func hear(_ call: APICall) async throws -> APIAnswer {
        // Pages of others have nothing to tell here.
        if let site = HTTPField.Name("Sec-Fetch-Site"), call.arrival.headers[site] == "cross-site" {
            throw ProblemDocument(status: .forbidden, detail: "beats come from this server's own pages")
        }
        try stage.hear(call.content, from: call.arrival)
        return .nothing
    }
}
