import API
import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import Media
import NIOCore
import People
import Shows
import Synchronization
import Telemetry
import Web

/// The pages, the public API and the machines' addresses: everything that is not media.
final class Site: Sendable {
    private let settings: Settings
    private let roster: ShowRoster
    private let backstage: Backstage
    private let registry: PrometheusRegistry
    private let assets: WebAssets
    private let studio: StudioPage
    private let booth: BoothPage
    private let staff: StaffPages
    private let missing: NotFoundPage
    private let hostPorts = Mutex<HostPorts.Ports?>(nil)
    private enum Phase { case starting, ready, stopping }
    private let phase = Mutex(Phase.starting)
    private let metricsPublic: Mutex<Bool>
    private let door: FrontDoor
    private let audience: AudienceDesk

    /// Throws `WebError` where the pages that belong to the program are not beside it.
    init(
        settings: Settings, roster: ShowRoster, backstage: Backstage, registry: PrometheusRegistry,
        door: FrontDoor, audience: AudienceDesk
    ) throws {
        self.door = door
        self.audience = audience
        metricsPublic = Mutex(settings.metricsPublic)
        self.settings = settings
        self.roster = roster
        self.backstage = backstage
        self.registry = registry
        assets = try WebAssets.bundled(playerDirectory: PlayerModule.find(settings))
        studio = try StudioPage(assets)
        booth = try BoothPage(assets)
        staff = try StaffPages(assets)
        missing = try NotFoundPage(assets)
    }

    /// Where hosts stream to, at the name that the page was asked for at; a name that is none is not repeated.
    private func ingestAddresses(_ request: Request) -> IngestAddresses {
        let authority = request.head.authority ?? ""
        let name = authority.wholeMatch(of: #/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253})(?::[0-9]{1,5})?/#)?
            .output.1
        let ports = hostPorts.withLock { $0 }
        return IngestAddresses(
            host: name.map { String($0) } ?? settings.rtmp.host, rtmp: ports?.rtmp ?? settings.rtmp.port,
            rtmps: ports?.rtmps, srt: ports?.srt)
    }

    /// Where somebody wanted to go who has to sign in first: it stays when another language is chosen.
    private static func next(_ request: Request) -> String {
        guard let next = request.uri.queryParameters["next"],
            let encoded = next.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        else { return "" }
        return "next=\(encoded)"
    }

    /// From here on `/health/ready` says so: everything listens. `ports` are those of the hosts, as they came out.
    func becomeReady(ports: HostPorts.Ports) {
        hostPorts.withLock { $0 = ports }
        phase.withLock { $0 = .ready }
    }

    /// From here on `/health/ready` says that the server stops.
    func becomeUnready() {
        phase.withLock { $0 = .stopping }
    }

    /// Whether `/metrics` answers everybody, from now on.
    func change(metricsPublic: Bool) {
        self.metricsPublic.withLock { $0 = metricsPublic }
    }

    /// Throws `WebError` where the viewers' pages are not beside the program.
    func makeRouter(gatekeeper: any Gatekeeper) throws -> Router<SiteContext> {
        let router = Router(context: SiteContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: FrontDoorMiddleware(door))
        router.add(middleware: SiteMiddleware(missing: missing))
        router.get("/studio/{show}") { [self] request, context in
            let ingest = ingestAddresses(request)
            return page(
                studio.html(
                    show: try await summary(context), ingest: ingest,
                    hasSession: request.cookies[Session.cookie] != nil, for: Reader(request)), request,
                isSecret: true)
        }
        router.get("/captions/{show}/{language}") { [self] request, context in
            guard let language = LanguageTag(context.parameters.get("language") ?? "") else {
                throw ProblemDocument(status: .notFound, detail: "this is no language")
            }
            return page(
                booth.html(show: try await summary(context), language: language, for: Reader(request)),
                request,
                isSecret: true)
        }
        router.get("/console") { [self] request, _ in
            page(
                staff.console(ingest: ingestAddresses(request), for: Reader(request)), request,
                isSecret: true)
        }
        router.get("/login") { [self] request, _ in
            page(staff.login(for: Reader(request, query: Site.next(request))), request, isSecret: true)
        }
        router.get("/welcome/{secret}") { [self] request, _ in
            page(staff.welcome(for: Reader(request)), request, isSecret: true)
        }
        router.get("/assets/**") { [self] request, _ in try asset(request) }
        router.get("/favicon.ico") { [self] request, _ in try asset(request, path: "icon.svg") }
        backstage.table.add(to: router)
        backstage.covers.add(to: router)
        try PageRoute(assets, roster: roster, door: door) { [self] in count($0) }.add(to: router)
        DownloadRoute(roster: roster, gatekeeper: gatekeeper).add(to: router)
        router.get("/health/live") { _, _ in Site.text("alive\n") }
        router.get("/health/ready") { [self] _, _ in
            switch phase.withLock({ $0 }) {
            case .ready: break
            case .starting:
                throw ProblemDocument(status: .serviceUnavailable, detail: "the server is starting")
            case .stopping:
                throw ProblemDocument(status: .serviceUnavailable, detail: "the server is stopping")
            }
            return Site.text("ready, version \(shopcastVersion)\n")
        }
        router.get("/metrics") { [self] _, context in
            guard metricsPublic.withLock({ $0 }) || context.isLoopback else {
                throw ProblemDocument(
                    status: .forbidden,
                    detail: "metrics answer this machine only; set metrics.public to open them")
            }
            return Site.text(registry.render(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        return router
    }

    private func count(_ show: ShowID) -> Int { audience.viewers(of: show) }

    private func summary(_ context: SiteContext) async throws -> ShowSummary {
        guard let id = ShowID(context.parameters.get("show") ?? ""), let show = try await roster.find(id)
        else {
            throw ProblemDocument(status: .notFound, detail: "there is no such show")
        }
        return show
    }

    private func page(_ page: PageText, _ request: Request, isSecret: Bool = false) -> Response {
        page.response(to: request, isSecret: isSecret)
    }

    private func asset(_ request: Request, path: String? = nil) throws -> Response {
        guard let answer = assets.answer(path ?? String(request.uri.path.dropFirst("/assets/".count))) else {
            throw ProblemDocument(status: .notFound, detail: "there is no such file")
        }
        var headers: HTTPFields = [
            .contentType: answer.asset.contentType, .cacheControl: answer.cacheControl,
            .vary: "Accept-Encoding",
        ]
        let takesGzip = request.headers[.acceptEncoding]?.contains("gzip") == true
        var (body, tag) = (answer.asset.body, answer.asset.entityTag)
        if takesGzip, let gzip = answer.asset.gzip {
            (body, tag) = (gzip.body, gzip.entityTag)
            headers[.contentEncoding] = "gzip"
        }
        headers[.eTag] = tag
        if request.headers[.ifNoneMatch]?.contains(tag) == true {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: body))
    }

    private static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
