// In: requests under /api/v1. Out: answers. Who asks and what they may is decided before the content is read; the content
// is bounded; what waits for the disk is done on the blocking pool, what keeps a core busy on the workbench.

import Captioning
import Delivery
import Foundation
package import HTTPTypes
package import Hummingbird
import Logging
package import Media
import NIOCore
import People
package import Shows

/// All the routes of the API, as the router and the tests of the OpenAPI document see them.
package struct RouteTable: Sendable {
    package static let place = "/api/v1"
    /// Addresses whose GET is a line, which `ChatDoor` opens before a request comes here.
    package static let lines = ["/shows/{show}/events"]
    /// Bytes that come with a request which needs none.
    static let nothingAtMost = 1024
    static let objectAtMost = 64 << 10
    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .trace, .options,
    ]

    package let routes: [APIRoute]
    private let visitors: Visitors
    private let sameOrigin: SameOrigin
    private let workbench: Workbench
    private let shared = SharedAnswers()
    private let pictureAtMost: Int
    private let find: @Sendable (ShowID) throws -> Show?

    package init(
        _ routes: [APIRoute], visitors: Visitors, sameOrigin: SameOrigin, workbench: Workbench,
        pictureAtMost: Int, find: @escaping @Sendable (ShowID) throws -> Show?
    ) {
        self.routes = routes
        self.visitors = visitors
        self.sameOrigin = sameOrigin
        self.workbench = workbench
        self.pictureAtMost = pictureAtMost
        self.find = find
    }

    /// Addresses and the methods that each takes.
    package var methods: [String: [HTTPRequest.Method]] {
        Dictionary(grouping: routes, by: \.path).mapValues { $0.map(\.method) }
    }

    package func add(to router: Router<SiteContext>) {
        for (path, taken) in methods {
            let place = RouterPath(RouteTable.place + path)
            for route in routes where route.path == path {
                router.on(place, method: route.method) { request, context in
                    try await answer(route, request, context)
                }
            }
            // HEAD comes with GET.
            let implied: [HTTPRequest.Method] = taken.contains(.get) ? [.head] : []
            refuse(allBut: taken + implied, at: place, on: router)
        }
        for path in RouteTable.lines {
            refuse(allBut: [.get], at: RouterPath(RouteTable.place + path), on: router)
        }
    }

    private func refuse(
        allBut taken: [HTTPRequest.Method], at place: RouterPath, on router: Router<SiteContext>
    ) {
        let allowed = taken.map(\.rawValue).sorted().joined(separator: ", ")
        for method in RouteTable.methods where !taken.contains(method) {
            router.on(place, method: method) { _, _ -> Response in
                if method == .options {
                    return Response(
                        status: .noContent, headers: [.allow: allowed, .cacheControl: "no-store"])
                }
                throw ProblemDocument(
                    status: .methodNotAllowed, detail: "this address takes \(allowed) only",
                    fields: [.allow: allowed])
            }
        }
    }

    private func answer(_ route: APIRoute, _ request: Request, _ context: SiteContext) async throws
        -> Response
    {
        let arrival = Arrival(request, context)
        do {
            // One hop does all of a request that brings nothing.
            if arrival.isSafe, case .store(let answer) = route.work {
                let isShared = route.isShared && arrival.isNobodys
                if isShared, let known = shared.answer(to: arrival.target) { return known.response }
                let made = try await BlockingPool.run { try answer(admit(route, arrival)) }
                if isShared { shared.keep(made, for: arrival.target) }
                return made.response
            }
            let admitted =
                route.access == .unseen
                ? RouteTable.unseen(arrival) : try await BlockingPool.run { try admit(route, arrival) }
            let call = try await filled(admitted, route, request)
            switch route.work {
            case .store(let answer): return try await BlockingPool.run { try answer(call) }.response
            case .workbench(let answer): return try await workbench.run { try answer(call) }.response
            case .apart(let answer): return try await answer(call).response
            }
        } catch let fault as DomainFault {
            throw ProblemDocument(fault).private
        } catch let problem as ProblemDocument {
            throw arrival.headers[.authorization] != nil || problem.status != .notFound
                ? problem.private : problem
        }
    }

    // MARK: Who is let in

    /// Everybody, without the store.
    private static func unseen(_ arrival: Arrival) -> APICall {
        APICall(
            arrival: arrival, visitor: Visitor(), named: nil, content: ByteBuffer(), now: Date())
    }

    /// Throws where the visitor may not do this. Blocks for the store.
    private func admit(_ route: APIRoute, _ arrival: Arrival) throws -> APICall {
        let now = Date()
        let visitor = try visitors.visitor(arrival, at: now)
        var named: Show?
        if let name = arrival.parameters["show"] {
            guard let show = try ShowID(name).flatMap(find) else { throw Refusal.noShow }
            named = show
        }
        let call = APICall(arrival: arrival, visitor: visitor, named: named, content: ByteBuffer(), now: now)
        try RouteTable.admit(route.access, call)
        if !arrival.isSafe, !route.isWayIn, let session = visitor.session {
            try sameOrigin.check(arrival, session)
        }
        return call
    }

    private static func admit(_ access: APIRoute.Access, _ call: APICall) throws {
        let visitor = call.visitor
        if let trouble = visitor.trouble {
            switch trouble {
            case .later(let seconds): throw Refusal.later(seconds, "wrong keys")
            case .badToken: throw Refusal.badToken
            case .unknownKey: throw call.named == nil ? Refusal.nobody : Refusal.noKey
            }
        }
        switch access {
        case .unseen: break
        case .everybody:
            if let show = call.named, !call.maySee(show) { throw Refusal.noShow }
        case .signedIn:
            if visitor.person == nil { throw Refusal.nobody }
        case .may(let action):
            if visitor.isAnonymous { throw Refusal.nobody }
            if !call.may(action) { throw Refusal.forbidden() }
        case .inShow(let action):
            if call.may(action) { return }
            guard let show = call.named else { throw Refusal.noShow }
            if case .streamKey(let own) = visitor.identity.kind, own != show.id { throw Refusal.noKey }
            if !call.maySee(show) { throw Refusal.noShow }
            if visitor.isAnonymous { throw Refusal.noKey }
            throw Refusal.forbidden()
        }
    }

    // MARK: What it brings

    private func filled(_ call: APICall, _ route: APIRoute, _ request: Request) async throws -> APICall {
        let most =
            switch route.content {
            case .none: RouteTable.nothingAtMost
            case .object, .patch: RouteTable.objectAtMost
            case .picture: pictureAtMost
            case .raw(let most): most
            case .captions: CaptionFile.longest
            }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most {
            throw Refusal.tooLarge(most)
        }
        try RouteTable.checkType(route.content, request.headers)
        let content: ByteBuffer
        do {
            content = try await request.body.collect(upTo: most)
        } catch is NIOTooManyBytesError {
            throw Refusal.tooLarge(most)
        }
        if route.content == .none, content.readableBytes > 0 { _ = try JSONContent.object(content) }
        return APICall(
            arrival: call.arrival, visitor: call.visitor, named: call.named, content: content, now: call.now)
    }

    private static func checkType(_ content: APIRoute.Content, _ headers: HTTPFields) throws {
        let type = (headers[.contentType] ?? "").split(separator: ";").first.map {
            $0.filter { $0 != " " }.lowercased()
        }
        let taken =
            switch content {
            case .none, .raw: [] as [String]
            case .object: ["application/json"]
            case .patch: ["application/merge-patch+json", "application/json"]
            case .picture: ["image/jpeg", "image/png", "image/webp"]
            case .captions: ["text/vtt", "application/x-subrip", "text/plain"]
            }
        guard !taken.isEmpty else { return }
        guard let type, taken.contains(type) else {
            throw ProblemDocument(
                status: .unsupportedMediaType,
                detail: "the content must be \(taken.joined(separator: " or "))",
                fields: [.accept: taken.joined(separator: ", ")])
        }
    }
}

extension APICall {
    /// Everybody sees what is announced; drafts are for those who work on them.
    package func maySee(_ show: Show) -> Bool {
        show.state != .draft || AccessRules.permits(visitor.identity, .readHidden, on: show.id)
    }
}

extension ProblemDocument {
    /// The same, kept by no cache.
    fileprivate var `private`: ProblemDocument {
        var problem = self
        problem.fields[.cacheControl] = "no-store"
        return problem
    }
}

extension Arrival {
    init(_ request: Request, _ context: SiteContext) {
        var parameters: [String: String] = [:]
        for (name, value) in context.parameters { parameters[String(name)] = String(value) }
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters where query[String(name)] == nil {
            query[String(name)] = String(value)
        }
        self.init(
            method: request.method, target: request.uri.string,
            authority: context.origin.host ?? request.head.authority, headers: request.headers,
            parameters: parameters, query: query, address: context.origin.limitKey,
            isSecure: (context.origin.scheme ?? request.head.scheme) == "https")
        hearsCountry = context.origin.hearsCountry
    }
}
