import Foundation
import HTTPTypes
import Media
import NIOCore
import People
import Shows

/// Running a show: its states, its feed, and what its host sees of it.
///
/// A stream key comes in a header field that no other page can send, so a request from elsewhere in the host's browser
/// does nothing.
struct StageRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    /// What an address asks for, and what one must be allowed for that.
    private static let moves: [(path: String, event: ShowState.Event, action: Action)] = [
        ("schedule", .schedule, .editShow), ("cancel", .cancel, .editShow),
        ("rehearse", .rehearse, .rehearse),
        ("go-live", .goLive, .goLive), ("end", .end, .endShow), ("reopen", .reopen, .reopenShow),
    ]

    var routes: [APIRoute] {
        StageRoutes.moves.map { move in
            APIRoute(.post, "/shows/{show}/\(move.path)", .inShow(move.action)) { call in
                let show = try backstage.stage.move(
                    call.show().id, move.event, by: call.actor())
                return try .json(Moved(state: show.state), revision: show.revision)
            }
        } + [
            APIRoute(.get, "/shows/{show}/feed", .inShow(.readFeed), answer: feed),
            APIRoute(
                .post, "/shows/{show}/feed/switch", .inShow(.switchFeed), content: .object, answer: choose),
            APIRoute(.post, "/shows/{show}/preview", .inShow(.preview), answer: preview),
            APIRoute(.get, "/shows/{show}/quality", .inShow(.readQuality), answer: quality),
            APIRoute(.get, "/shows/{show}/quality.csv", .inShow(.readQuality)) { call in
                APIAnswer(
                    status: .ok, headers: [.contentType: "text/csv; charset=utf-8"],
                    body: ByteBuffer(string: try backstage.stage.qualityTable(of: call.show().id)))
            },
        ]
    }

    private struct Moved: Encodable {
        let state: ShowState
    }

    private static let notRunning = ProblemDocument(
        status: .conflict, detail: "the show is not scheduled: there is nothing of it to see yet")

    @Sendable private func feed(_ call: APICall) throws -> APIAnswer {
        let wishes = LanguageTag.wishes(acceptLanguage: call.arrival.headers[.acceptLanguage] ?? "")
        guard let document = try backstage.stage.feed(of: call.show().id, in: wishes.first ?? .english) else {
            throw StageRoutes.notRunning
        }
        return try .json(document)
    }

    private struct Choice: Codable {
        let role: FeedRole
    }

    @Sendable private func choose(_ call: APICall) throws -> APIAnswer {
        let choice = try JSONContent.value(
            Choice.self, fields: ["role"], from: JSONContent.object(call.content))
        try backstage.stage.choose(choice.role, of: call.show().id, by: call.actor())
        return try .json(choice)
    }

    @Sendable private func quality(_ call: APICall) throws -> APIAnswer {
        var reader = QueryReader(call)
        let hours = reader.whole("hours", 1...9600) ?? 24
        try reader.check()
        return try .json(backstage.stage.quality(of: call.show().id, hours: hours))
    }

    @Sendable private func preview(_ call: APICall) throws -> APIAnswer {
        guard let place = try backstage.stage.preview(of: call.show().id) else {
            throw StageRoutes.notRunning
        }
        return try .json(place)
    }
}
