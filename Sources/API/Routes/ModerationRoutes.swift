import Chat
import Foundation
import HTTPTypes
import Media
import NIOCore
import People
import Shows

/// Running a show's chat: for its host, its moderators and operators.
struct ModerationRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    private var chat: ChatHouse { backstage.chat }

    var routes: [APIRoute] {
        let place = "/shows/{show}/chat"
        func act(
            _ method: HTTPRequest.Method, _ path: String, content: APIRoute.Content = .none,
            _ answer: @escaping @Sendable (APICall) async throws -> APIAnswer
        ) -> APIRoute {
            APIRoute(method, place + path, .inShow(.moderateChat), content: content, work: .apart(answer))
        }
        return [
            act(.patch, "", content: .patch, changeMode),
            act(.post, "/link", renewLink),
            act(.post, "/messages/{message}/approve") { try await message(.approve($0.message()), $0) },
            act(.post, "/messages/{message}/reject") { try await message(.reject($0.message()), $0) },
            act(.post, "/messages/{message}/pin") { try await message(.pin($0.message()), $0) },
            act(.post, "/messages/{message}/answer", content: .object, answerQuestion),
            act(.delete, "/pin") { try await message(.unpin, $0) },
            act(.post, "/clear") { try await message(.clear, $0) },
            APIRoute(.get, "\(place)/queue", .inShow(.moderateChat), answer: queue),
            APIRoute(.get, "\(place)/questions", .inShow(.moderateChat), answer: questions),
            APIRoute(.get, "\(place)/sanctions", .inShow(.moderateChat), answer: sanctions),
            act(.post, "/sanctions", content: .object, impose),
            act(.delete, "/sanctions/{sanction}", lift),
            act(.delete, "/authors/{author}", erase),
            APIRoute(.get, "\(place)/export", .inShow(.exportChat), work: .apart(export)),
        ]
    }

    private func visitor(_ call: APICall) throws -> ChatVisitor {
        ChatVisitor(call.visitor, nil, in: try call.show().id, address: call.arrival.address)
    }

    private func perform(_ command: ChatCommand, _ call: APICall) async throws -> ChatAnswer {
        try await chat.perform(command, call, by: visitor(call))
    }

    private func message(_ command: ChatCommand, _ call: APICall) async throws -> APIAnswer {
        guard case .message(let message) = try await perform(command, call) else { return .nothing }
        return try .json(MessageDocument(message, isWhole: true))
    }

    // MARK: The room

    @Sendable private func changeMode(_ call: APICall) async throws -> APIAnswer {
        let desk = try await chat.desk(call)
        guard let known = desk.mode else { throw Refusal.busy }
        let revision: Int?
        switch RevisionTag.wish(call.arrival.headers) {
        case .any: revision = nil
        case .revisions(let revisions):
            guard revisions.contains(known.revision) else { throw DomainFault.stale(current: known.revision) }
            revision = known.revision
        case .none:
            throw ProblemDocument(
                status: .preconditionRequired,
                detail: "say which revision is changed: If-Match with the ETag of the chat, or *")
        }
        let patch = try JSONContent.object(call.content)
        let wanted = try JSONContent.value(
            ChatMode.self, fields: ChatMode.fields,
            from: JSONContent.merged(patch, over: JSONContent.members(of: known.mode)))
        let faults = wanted.validate()
        guard faults.isEmpty else { throw DomainFault.invalid(faults) }
        guard case .mode(let now) = try await perform(.setMode(wanted, ifRevision: revision), call) else {
            return .nothing
        }
        return try .json(ModeDocument(mode: now.mode, link: now.link), revision: now.revision)
    }

    @Sendable private func renewLink(_ call: APICall) async throws -> APIAnswer {
        guard case .mode(let now) = try await perform(.renewLink, call) else { return .nothing }
        return try .json(ModeDocument(mode: now.mode, link: now.link), revision: now.revision)
    }

    // MARK: Questions and what is held

    private struct Answering: Decodable {
        static let fields: Set<String> = ["text"]
        let text: String?
    }

    @Sendable private func answerQuestion(_ call: APICall) async throws -> APIAnswer {
        let wish = try JSONContent.value(
            Answering.self, fields: Answering.fields, from: JSONContent.object(call.content))
        return try await message(.answer(call.message(), text: wish.text), call)
    }

    @Sendable private func queue(_ call: APICall) throws -> APIAnswer {
        var reader = QueryReader(call)
        let limit = reader.limit(100)
        try reader.check()
        let found = try chat.hall.store.messages(of: call.show().id, ChatQuery(.held, limit: limit))
        return try .json(ListDocument("messages", found.map { MessageDocument($0, isWhole: true) }))
    }

    @Sendable private func questions(_ call: APICall) throws -> APIAnswer {
        var reader = QueryReader(call)
        let isAnswered = reader.value("answered", "true or false") { Bool($0) }
        let before = reader.whole("before", 0...Int(Int32.max))
        let limit = reader.limit(100)
        try reader.check()
        let found = try chat.hall.store.messages(
            of: call.show().id, ChatQuery(.questions(isAnswered: isAnswered), before: before, limit: limit))
        return try .json(ListDocument("messages", found.map { MessageDocument($0, isWhole: true) }))
    }

    // MARK: Sanctions

    @Sendable private func sanctions(_ call: APICall) throws -> APIAnswer {
        var reader = QueryReader(call)
        let isAll = reader.value("all", "true or false") { Bool($0) } ?? false
        let limit = reader.limit(100)
        try reader.check()
        let found = try chat.hall.store.sanctions(
            of: call.show().id, isInForce: !isAll, at: call.now, limit: limit)
        return try .json(ListDocument("sanctions", found.map { SanctionDocument($0) }))
    }

    @Sendable private func impose(_ call: APICall) async throws -> APIAnswer {
        let draft = try JSONContent.value(
            SanctionDraft.self, fields: SanctionDraft.fields, from: JSONContent.object(call.content))
        var faults = draft.validate(at: call.now)
        let show = try call.show().id
        if let person = draft.author.person {
            let roles = try await BlockingPool.run { [people = backstage.people] in
                (try people.person(person), try people.roles(of: person))
            }
            if roles.0?.isOperator == true || roles.1[show] == .host || roles.1[show] == .moderator {
                faults.append(FieldFault("author", "who runs the room cannot be kept from it"))
            }
        }
        guard faults.isEmpty else { throw DomainFault.invalid(faults) }
        guard case .sanction(let sanction) = try await perform(.impose(draft), call) else { return .nothing }
        return try .json(
            SanctionDocument(sanction), status: .created,
            location: "\(RouteTable.place)/shows/\(show)/chat/sanctions/\(sanction.id)")
    }

    @Sendable private func lift(_ call: APICall) async throws -> APIAnswer {
        let id = try call.parameter("sanction", SanctionID.self, "sanction")
        _ = try await perform(.lift(id), call)
        return .nothing
    }

    @Sendable private func erase(_ call: APICall) async throws -> APIAnswer {
        guard let author = call.arrival.parameters["author"].flatMap({ AuthorID($0) }) else {
            throw ProblemDocument(status: .notFound, detail: "there is no such author")
        }
        _ = try await perform(.erase(author), call)
        return .nothing
    }

    // MARK: Export

    private static let rowsAtOnce = 2000

    @Sendable private func export(_ call: APICall) async throws -> APIAnswer {
        var reader = QueryReader(call)
        let format =
            reader.value("format", "jsonl or csv") { ChatExport.Format(rawValue: $0) } ?? .jsonl
        let after = reader.whole("after", 0...Int(Int32.max)) ?? 0
        let limit = reader.whole("limit", 1...ChatExport.most) ?? ChatExport.most
        try reader.check()
        let (show, now, actor) = (try call.show().id, call.now, try call.actor())
        let (people, store) = (backstage.people, chat.hall.store)
        let made = try await chat.hall.onDisk { () throws -> (text: String, next: Int?) in
            try people.note(
                "chat.export", subject: "show:\(show)",
                details: ["format": .text(format.rawValue), "after": .int(after)], by: actor, at: now)
            var export = ChatExport(format)
            if after == 0 {
                for sanction in try store.sanctions(of: show, isInForce: false, at: now, limit: 10_000)
                    .reversed()
                {
                    try export.add(sanction)
                }
            }
            var (last, left) = (after, limit)
            while left > 0 {
                let rows = try store.exported(
                    of: show, after: last, limit: min(left, ModerationRoutes.rowsAtOnce))
                for row in rows { try export.add(row.message) }
                left -= rows.count
                guard let end = rows.last?.row else { break }
                last = end
            }
            return (text: export.text, next: left == 0 ? last : nil)
        }
        var headers: HTTPFields = [
            .contentType: format.contentType, .cacheControl: "no-store",
            .contentDisposition: "attachment; filename=\"chat-\(show).\(format.rawValue)\"",
        ]
        if let next = made.next, let link = HTTPField.Name("Link") {
            headers[link] =
                "<\(RouteTable.place)/shows/\(show)/chat/export?format=\(format.rawValue)&after=\(next)>; rel=\"next\""
        }
        return APIAnswer(status: .ok, headers: headers, body: ByteBuffer(string: made.text))
    }
}
