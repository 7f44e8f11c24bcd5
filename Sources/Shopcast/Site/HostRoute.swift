import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import Media
import NIOCore
import NIOPosix
import People
import Shows

/// What a host may ask and do with the stream key of a show: `/api/v1/shows/SHOW/feed`, `preview`, `rehearse`,
/// `go-live` and `end`.
///
/// The key comes in a header field that no other page can send, so a request from elsewhere in the host's browser does
/// nothing.
struct HostRoute: Sendable {
    let roster: ShowRoster
    let viewers: @Sendable (ShowID) -> Int
    private let desk: HostDesk

    /// Bytes of a request's content; nothing that is asked here needs any.
    private static let contentAtMost = 1024
    /// Commands, by the last word of their address.
    private static let commands = ["rehearse", "go-live", "end"]

    init(roster: ShowRoster, viewers: @escaping @Sendable (ShowID) -> Int) {
        self.roster = roster
        desk = HostDesk(warden: roster.warden)
        self.viewers = viewers
    }

    func add(to router: Router<SiteContext>) {
        let place = "/api/v1/shows/{show}/"
        on(router, place + "feed", .get) { request, show in
            let wishes = LanguageTag.wishes(acceptLanguage: request.headers[.acceptLanguage] ?? "")
            let document = FeedDocument(
                show, viewers: viewers(show.id), in: wishes.first ?? .english)
            return try HostRoute.json(document)
        }
        on(router, place + "preview", .post) { _, show in
            let name = roster.previews.name(for: show.window, of: show.id, at: .now)
            return try HostRoute.json(
                Preview(
                    playlist: "/live/\(name)/index.m3u8",
                    expiresInSeconds: Int(PreviewPasses.life.components.seconds)))
        }
        for command in HostRoute.commands {
            on(router, place + command, .post) { _, show in
                let id = show.id
                // It waits for the disk: not on the shared pool.
                let reply = try await NIOThreadPool.singleton.runIfActive {
                    roster.answer(["show", command, id.text], by: .streamKey(id))
                }
                switch reply {
                case .ok: return try HostRoute.json(Done(state: show.summary.state.rawValue))
                case .error(let reason): throw ProblemDocument(status: .conflict, detail: reason)
                }
            }
        }
    }

    private struct Preview: Encodable {
        let playlist: String
        let expiresInSeconds: Int
    }

    private struct Done: Encodable {
        let state: String
    }

    /// Answers `method` at `path` for whoever has the show's key; other methods are told which there is.
    private func on(
        _ router: Router<SiteContext>, _ path: String, _ method: HTTPRequest.Method,
        _ answer: @escaping @Sendable (Request, LiveShow) async throws -> Response
    ) {
        router.on("\(path)", method: method) { request, context in
            let id = try show(context)
            if let refusal = try refusal(request, context, id) { return refusal }
            try await HostRoute.checkContent(request)
            guard let show = try await roster.open(id) else { throw HostRoute.unknown }
            return try await answer(request, show)
        }
        let allowed = method == .get ? "GET, HEAD" : method.rawValue
        for other in [HTTPRequest.Method.get, .post, .put, .patch, .delete] where other != method {
            router.on("\(path)", method: other) { request, context in
                let problem = ProblemDocument(
                    status: .methodNotAllowed, detail: "this address takes \(allowed) only")
                var response = try problem.response(from: request, context: context)
                response.headers[.allow] = allowed
                return response
            }
        }
    }

    private func show(_ context: SiteContext) throws -> ShowID {
        guard let id = ShowID(context.parameters.get("show") ?? ""), roster.index[id] != nil else {
            throw HostRoute.unknown
        }
        return id
    }

    private static let unknown = ProblemDocument(status: .notFound, detail: "there is no such show")

    /// The answer to who may not come in; nil for who may.
    private func refusal(_ request: Request, _ context: SiteContext, _ show: ShowID) throws -> Response? {
        let verdict = desk.verdict(
            on: request.headers[.authorization], from: context.origin.limitKey, at: .now,
            admits: { roster.index.admits($0, to: show) })
        switch verdict {
        case .welcome: return nil
        case .unknown:
            let problem = ProblemDocument(
                status: .unauthorized,
                detail: "the stream key of this show is needed: Authorization: Bearer KEY")
            var response = try problem.response(from: request, context: context)
            response.headers[.wwwAuthenticate] = "Bearer"
            response.headers[.cacheControl] = "no-store"
            return response
        case .later(let seconds):
            let problem = ProblemDocument(
                status: .tooManyRequests, detail: "too many wrong keys: try again in \(seconds) s")
            var response = try problem.response(from: request, context: context)
            response.headers[.retryAfter] = "\(seconds)"
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }

    /// Content is not needed; where there is some, it is a small JSON object.
    private static func checkContent(_ request: Request) async throws {
        let tooLarge = ProblemDocument(
            status: .contentTooLarge, detail: "at most \(contentAtMost) bytes of content are read here")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > contentAtMost {
            throw tooLarge
        }
        let content: ByteBuffer
        do {
            content = try await request.body.collect(upTo: contentAtMost)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
        guard content.readableBytes > 0 else { return }
        let value = try? JSONSerialization.jsonObject(with: Data(content.readableBytesView))
        guard value is [String: Any] else {
            throw ProblemDocument(status: .badRequest, detail: "the content is not a JSON object; send none")
        }
    }

    private static func json(_ value: some Encodable) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
    }
}
