import API
import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import Media
import NIOCore
import Shows
import Web

/// The viewers' pages: the list of shows, a show's page, its player for other sites, its calendar, and what those sites
/// ask about it.
struct PageRoute: Sendable {
    private let roster: ShowRoster
    private let door: FrontDoor
    private let count: @Sendable (ShowID) -> Int
    private let home: HomePage
    private let watch: WatchPage
    private let embed: EmbedPage
    private let calendar: ShowCalendar
    private let openings = OpeningFinder()

    /// Throws `WebError` where the pages that belong to the program are not beside it.
    init(
        _ assets: WebAssets, roster: ShowRoster, door: FrontDoor,
        count: @escaping @Sendable (ShowID) -> Int
    ) throws {
        self.roster = roster
        self.door = door
        self.count = count
        home = try HomePage(assets)
        watch = try WatchPage(assets)
        embed = try EmbedPage(assets)
        calendar = try ShowCalendar(assets)
    }

    func add(to router: Router<SiteContext>) {
        router.get("/") { [self] request, context in
            home.html(
                shows: try await roster.listed(), base: base(request, context), for: Reader(request)
            ).response(to: request)
        }
        router.get("/shows/{show}") { [self] request, context in try await watchPage(request, context) }
        router.get("/embed/{show}") { [self] request, context in try await embedPage(request, context) }
        router.get("/shows/{show}/calendar.ics") { [self] request, context in
            try await calendarFile(request, context)
        }
        router.get("/api/oembed") { [self] request, context in
            try await oEmbed(request, context)
        }
    }

    private func show(_ context: SiteContext) async throws -> ShowSummary {
        guard let id = ShowID(context.parameters.get("show") ?? ""), let show = try await roster.find(id)
        else { throw PageRoute.unknown }
        return show
    }

    /// How this server is called from outside, without a slash at its end.
    private func base(_ request: Request, _ context: SiteContext) -> String {
        door.base(
            for: context.origin, authority: request.head.authority,
            isSecure: request.head.scheme == "https")
    }

    private static let unknown = ProblemDocument(status: .notFound, detail: "there is no such show")

    private func watchPage(_ request: Request, _ context: SiteContext) async throws -> Response {
        let show = try await show(context)
        let (token, opening) = viewing(show, request)
        var response = watch.html(
            show: show, viewers: count(show.id), token: token, opening: opening,
            base: base(request, context), for: reader(request, token)
        ).response(to: request, isSecret: token != nil, policy: watch.contentSecurityPolicy)
        PageRoute.link(opening, &response)
        return response
    }

    private func embedPage(_ request: Request, _ context: SiteContext) async throws -> Response {
        let show = try await show(context)
        let (token, opening) = viewing(show, request)
        var response = embed.html(
            show: show, viewers: count(show.id), token: token, opening: opening,
            base: base(request, context), for: reader(request, token)
        ).response(
            to: request, isSecret: token != nil, policy: embed.contentSecurityPolicy(of: show))
        PageRoute.link(opening, &response)
        return response
    }

    private func calendarFile(_ request: Request, _ context: SiteContext) async throws -> Response {
        let show = try await show(context)
        let reader = Reader(request)
        guard
            let text = calendar.text(of: show, base: base(request, context), for: reader)
        else {
            throw ProblemDocument(status: .notFound, detail: "nobody has said when this show starts")
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: CalendarText.contentType, .cacheControl: PagePolicy.cacheControl,
                .vary: PagePolicy.vary, .contentDisposition: "inline; filename=\"\(show.id.text).ics\"",
            ], body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private func oEmbed(_ request: Request, _ context: SiteContext) async throws -> Response {
        let query = request.uri.queryParameters
        guard query["format"].map({ $0 == "json" }) ?? true else {
            throw ProblemDocument(status: .notImplemented, detail: "only format=json is known")
        }
        let base = self.base(request, context)
        guard let address = query["url"].map({ String($0) }),
            let id = OEmbed.show(in: address, base: base), let summary = try await roster.find(id)
        else {
            throw ProblemDocument(
                status: .notFound, detail: "url must be the address of a show's page of this server")
        }
        guard summary.visibility != .token else {
            throw ProblemDocument(status: .unauthorized, detail: "this show is for those who have a token")
        }
        let document = OEmbed(
            summary, base: base,
            most: (query["maxwidth"].flatMap { Int($0) }, query["maxheight"].flatMap { Int($0) }),
            for: Reader(request))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/json", .cacheControl: "private, max-age=60",
                .vary: "Accept-Language, Cookie", .accessControlAllowOrigin: "*",
            ], body: .init(byteBuffer: ByteBuffer(bytes: try encoder.encode(document))))
    }

    /// The token that a viewer has brought, and what there is to see at once of a show that needs none.
    private func viewing(_ show: ShowSummary, _ request: Request) -> (token: String?, opening: Opening?) {
        let token = request.uri.queryParameters["token"].map { String($0) }
        let live = token == nil && show.state == .live ? roster.shows[show.id] : nil
        let opening = live.flatMap { live -> Opening? in
            // What needs a token or a key is left to the player.
            let protect = live.settings.protect
            guard !protect.tokens, protect.encrypt == .none else { return nil }
            return openings.opening(of: show.id, in: live.audienceWindow)
        }
        return (token, opening)
    }

    /// The menu of languages keeps the token that the address has.
    private func reader(_ request: Request, _ token: String?) -> Reader {
        Reader(request, query: token.map { WatchPage.isToken($0) ? "token=\($0)" : "" } ?? "")
    }

    private static func link(_ opening: Opening?, _ response: inout Response) {
        if let opening, let link = HTTPField.Name("Link") { response.headers[link] = opening.links }
    }
}
