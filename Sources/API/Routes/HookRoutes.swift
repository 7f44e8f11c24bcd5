import Foundation
import HTTPTypes
import Hooks
import Outbound
import People

/// Who is told of what happens, and what became of it. A webhook's secret is told once, when it is made or changed.
struct HookRoutes: Sendable {
    private let backstage: Backstage
    private let hooks: HookBureau

    init(_ backstage: Backstage) {
        self.backstage = backstage
        hooks = backstage.hooks
    }

    var routes: [APIRoute] {
        let may = APIRoute.Access.may(.manageHooks)
        return [
            APIRoute(.get, "/hooks", may) { _ in
                try .json(ListDocument("hooks", hooks.store.hooks().map { Document($0) }))
            },
            APIRoute(.post, "/hooks", may, content: .object, work: .apart(create)),
            APIRoute(.get, "/hooks/{hook}", may) { call in try .json(Document(named(call))) },
            APIRoute(.patch, "/hooks/{hook}", may, content: .patch, work: .apart(edit)),
            APIRoute(.delete, "/hooks/{hook}", may, answer: delete),
            APIRoute(.post, "/hooks/{hook}/test", may, work: .apart(test)),
            APIRoute(.post, "/hooks/{hook}/rotate", may, answer: rotate),
            APIRoute(.get, "/hooks/{hook}/deliveries", may, answer: deliveries),
            APIRoute(.post, "/hooks/{hook}/deliveries/{delivery}/retry", may, work: .apart(retry)),
        ]
    }

    private struct Document: Encodable {
        let id: String
        let url: String
        /// `*` is everything, and what later versions add.
        let events: [String]
        let isEnabled: Bool
        let createdAt: Date
        /// Until when messages are signed with the secret before this one too.
        let formerSecretUntil: Date?
        let secret: String?

        init(_ hook: Webhook, tellsSecret: Bool = false) {
            id = hook.id.text
            url = hook.url
            events = hook.events.map { $0.sorted().map(\.rawValue) } ?? ["*"]
            isEnabled = hook.isEnabled
            createdAt = hook.createdAt
            formerSecretUntil = hook.secrets.former?.until
            secret = tellsSecret ? hook.secrets.current.text : nil
        }
    }

    private struct DeliveryDocument: Encodable {
        let id: String
        let event: String
        let state: String
        /// How often it has been tried.
        let attempt: Int
        let createdAt: Date
        let nextAttempt: Date?
        let settledAt: Date?
        let lastStatus: Int?
        let lastError: String?

        init(_ delivery: Delivery) {
            id = delivery.id.text
            event = delivery.event
            state = delivery.state.rawValue
            attempt = delivery.attempt
            createdAt = delivery.createdAt
            nextAttempt = delivery.state == .pending ? delivery.nextAttempt : nil
            settledAt = delivery.settledAt
            lastStatus = delivery.lastStatus
            lastError = delivery.lastError
        }
    }

    private static let missing = ProblemDocument(status: .notFound, detail: "there is no such webhook")

    private func named(_ call: APICall) throws -> Webhook {
        guard let hook = try call.arrival.parameters["hook"].flatMap({ HookID($0) }).flatMap(hooks.store.hook)
        else { throw HookRoutes.missing }
        return hook
    }

    // MARK: Making and changing

    /// What a client may set; all of it, as it is to be.
    private struct Draft: Codable {
        static let fields: Set<String> = ["url", "events", "isEnabled"]
        var url: String
        var events: [String]?
        var isEnabled: Bool?

        /// Nil is everything. Throws where one is unknown.
        func kinds() throws -> Set<HookEvent.Kind>? {
            guard let events, events != ["*"] else { return nil }
            let kinds = events.map { HookEvent.Kind(rawValue: $0) }
            guard !events.isEmpty, !kinds.contains(nil), !kinds.contains(.webhookTest) else {
                let known = HookEvent.Kind.allCases.filter { $0 != .webhookTest }.map(\.rawValue)
                throw DomainFault.invalid([
                    FieldFault(
                        "events", "some of \(known.joined(separator: ", ")) are needed, or '*' for everything"
                    )
                ])
            }
            return Set(kinds.compactMap { $0 })
        }
    }

    /// Throws 422 where nothing may be sent to this address.
    private func check(_ url: String) async throws {
        let reason: String
        do {
            try await hooks.client.check(WebTarget(url))
            return
        } catch let fault as OutboundFault {
            reason = "\(fault)"
        } catch let fault as WebTargetFault {
            reason = "\(fault)"
        }
        throw DomainFault.invalid([FieldFault("url", reason)])
    }

    /// What the log of changes says of it.
    private func note(_ action: String, _ hook: Webhook, _ call: APICall) throws -> AuditDraft {
        // The path of an address may be a secret.
        let host = (try? hook.target().authority) ?? ""
        return AuditDraft(
            "hook.\(action)", subject: "hook:\(hook.id)",
            details: ["host": .text(host), "isEnabled": .bool(hook.isEnabled)], by: try call.actor(),
            at: call.now)
    }

    @Sendable private func create(_ call: APICall) async throws -> APIAnswer {
        let draft = try JSONContent.value(
            Draft.self, fields: Draft.fields, from: JSONContent.object(call.content))
        let kinds = try draft.kinds()
        try await check(draft.url)
        return try await BlockingPool.run {
            let hook = Webhook(
                url: draft.url, events: kinds, isEnabled: draft.isEnabled ?? true, createdAt: call.now)
            guard try hooks.store.keep(hook, noting: note("create", hook, call)) else {
                throw DomainFault.conflict("at most \(Webhook.most) webhooks are kept: delete one")
            }
            return try .json(
                Document(hook, tellsSecret: true), status: .created,
                location: "\(RouteTable.place)/hooks/\(hook.id)")
        }
    }

    @Sendable private func edit(_ call: APICall) async throws -> APIAnswer {
        var hook = try await BlockingPool.run { try named(call) }
        let old = Draft(
            url: hook.url, events: hook.events.map { $0.sorted().map(\.rawValue) }, isEnabled: hook.isEnabled)
        let draft = try JSONContent.value(
            Draft.self, fields: Draft.fields,
            from: JSONContent.merged(
                JSONContent.object(call.content), over: JSONContent.members(of: old)))
        if draft.url != hook.url { try await check(draft.url) }
        hook.url = draft.url
        hook.events = try draft.kinds()
        hook.isEnabled = draft.isEnabled ?? true
        let edited = hook
        return try await BlockingPool.run {
            guard try hooks.store.keep(edited, noting: note("edit", edited, call)) else {
                throw HookRoutes.missing
            }
            hooks.dispatcher.wake()
            return try .json(Document(edited))
        }
    }

    @Sendable private func delete(_ call: APICall) throws -> APIAnswer {
        let hook = try named(call)
        guard try hooks.store.removeHook(hook.id, noting: note("delete", hook, call)) else {
            throw HookRoutes.missing
        }
        return .nothing
    }

    @Sendable private func rotate(_ call: APICall) throws -> APIAnswer {
        var hook = try named(call)
        hook.secrets.rotate(at: call.now)
        guard try hooks.store.keep(hook, noting: note("rotate", hook, call)) else {
            throw HookRoutes.missing
        }
        return try .json(Document(hook, tellsSecret: true))
    }

    // MARK: Deliveries

    @Sendable private func test(_ call: APICall) async throws -> APIAnswer {
        let hook = try await BlockingPool.run { try named(call) }
        guard let delivery = try await hooks.dispatcher.sendTest(to: hook.id) else {
            throw HookRoutes.missing
        }
        return try .json(DeliveryDocument(delivery))
    }

    @Sendable private func deliveries(_ call: APICall) throws -> APIAnswer {
        let hook = try named(call)
        var reader = QueryReader(call)
        let limit = reader.limit()
        let state = reader.value("state", "pending, delivered or dead") { Delivery.State(rawValue: $0) }
        let before = reader.value("cursor", "what an earlier answer told") { Int($0) }
        try reader.check()
        let found = try hooks.store.deliveries(
            DeliveryQuery(hook: hook.id, state: state, before: before, limit: limit))
        let next = found.count == limit ? found.last.map { "\($0.sequence)" } : nil
        return try .json(ListDocument("deliveries", found.map { DeliveryDocument($0) }, next: next))
    }

    @Sendable private func retry(_ call: APICall) async throws -> APIAnswer {
        let missing = ProblemDocument(status: .notFound, detail: "there is no such delivery")
        let (id, entry) = try await BlockingPool.run { () throws -> (DeliveryID, AuditDraft) in
            let hook = try named(call)
            guard let id = call.arrival.parameters["delivery"].flatMap({ DeliveryID($0) }),
                try hooks.store.delivery(id)?.hook == hook.id
            else { throw missing }
            return (id, try note("retry", hook, call))
        }
        guard try await hooks.dispatcher.resend(id, noting: entry) else {
            throw DomainFault.conflict("it was not given up: only what is dead is sent again")
        }
        return try await BlockingPool.run {
            guard let delivery = try hooks.store.delivery(id) else { throw missing }
            return try .json(DeliveryDocument(delivery))
        }
    }
}
