import Chat
import Foundation
import HTTPTypes
import Media
import People
import Shows

/// What everybody may do in a show's chat: read, choose a name, write, and take back.
struct ChatRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    private var chat: ChatHouse { backstage.chat }

    var routes: [APIRoute] {
        let place = "/shows/{show}/chat"
        return [
            APIRoute(.get, place, .everybody, work: .apart(read)),
            APIRoute(.post, "\(place)/guest", .everybody, content: .object, work: .apart(guest)),
            APIRoute(.get, "\(place)/messages", .everybody, answer: messages).shared,
            APIRoute(.post, "\(place)/messages", .everybody, content: .object, work: .apart(send)),
            APIRoute(
                .patch, "\(place)/messages/{message}", .everybody, content: .patch, work: .apart(edit)),
            APIRoute(.delete, "\(place)/messages/{message}", .everybody, work: .apart(delete)),
        ]
    }

    // MARK: Reading

    @Sendable private func read(_ call: APICall) async throws -> APIAnswer {
        let visitor = try chat.visitor(call)
        let desk = try await chat.desk(call)
        let snapshot = desk.snapshot(for: visitor.author?.id)
        let obstacle = desk.obstacle(for: visitor, at: call.now)
        let mode = visitor.isStaff ? desk.mode : nil
        let show = try call.show()
        let document = ChatDocument(
            room: snapshot.tag, sequence: snapshot.sequence, mode: snapshot.mode,
            pinned: snapshot.pinned.map { MessageDocument($0) },
            counts: .init(
                viewers: backstage.stage.standing(of: show).viewers, readers: chat.hall.readers(of: show.id)),
            reactions: ChatSettings.reactions,
            you: .init(
                id: visitor.author?.id, name: visitor.author?.name, badge: visitor.author?.badge,
                canWrite: obstacle == nil, why: obstacle?.code.rawValue, canModerate: visitor.isStaff),
            link: mode?.link, held: visitor.isStaff ? desk.heldCount : nil)
        return try .json(document, revision: mode?.revision).varying
    }

    @Sendable private func messages(_ call: APICall) throws -> APIAnswer {
        try chat.admit(call, chat.pass(call))
        var reader = QueryReader(call)
        let most = Int(Int32.max)
        let query = ChatQuery(
            .shown, after: reader.whole("after", 0...most), before: reader.whole("before", 0...most),
            from: reader.instant("from"), to: reader.instant("to"), limit: reader.limit(50, atMost: 500))
        try reader.check()
        let found = try chat.hall.store.messages(of: call.show().id, query)
        return try .json(
            ListDocument("messages", found.map { MessageDocument($0) }),
            cache: call.visitor.isAnonymous ? "max-age=1" : "no-store"
        ).varying
    }

    // MARK: Names

    private struct Naming: Decodable {
        static let fields: Set<String> = ["name", "link"]
        let name: String
        let link: String?
    }

    private struct Named: Encodable {
        let guest: String
        let you: MessageDocument.Author
    }

    @Sendable private func guest(_ call: APICall) async throws -> APIAnswer {
        let pass = try chat.pass(call)
        try chat.admit(call, pass)
        let wish = try JSONContent.value(
            Naming.self, fields: Naming.fields, from: JSONContent.object(call.content))
        let show = try call.show()
        let desk = try await chat.desk(call)
        let made = try desk.guest(
            named: wish.name, pass: pass, link: wish.link, isProtected: show.visibility == .token,
            address: call.arrival.address, at: call.now
        ).orProblem()
        return try .json(
            Named(guest: made.secret, you: MessageDocument.Author(made.author)), status: .created)
    }

    // MARK: Writing

    private struct Draft: Decodable {
        static let fields: Set<String> = ["id", "text", "replyTo"]
        let id: String?
        let text: String
        let replyTo: MessageID?
    }

    @Sendable private func send(_ call: APICall) async throws -> APIAnswer {
        let visitor = try chat.visitor(call)
        let draft = try JSONContent.value(
            Draft.self, fields: Draft.fields, from: JSONContent.object(call.content))
        let answer = try await chat.perform(
            .send(ChatDraft(clientID: draft.id, text: draft.text, replyTo: draft.replyTo)), call, by: visitor)
        guard case .message(let message) = answer else { return .nothing }
        // Accepted, but nobody sees it yet.
        return try .json(MessageDocument(message), status: message.state == .held ? .accepted : .created)
    }

    private struct Edit: Decodable {
        static let fields: Set<String> = ["text"]
        let text: String
    }

    @Sendable private func edit(_ call: APICall) async throws -> APIAnswer {
        let visitor = try chat.visitor(call)
        let id = try call.message()
        let edit = try JSONContent.value(
            Edit.self, fields: Edit.fields, from: JSONContent.object(call.content))
        let answer = try await chat.perform(.edit(id, text: edit.text), call, by: visitor)
        guard case .message(let message) = answer else { return .nothing }
        return try .json(MessageDocument(message))
    }

    @Sendable private func delete(_ call: APICall) async throws -> APIAnswer {
        let visitor = try chat.visitor(call)
        _ = try await chat.perform(.delete(call.message()), call, by: visitor)
        return .nothing
    }
}

extension APICall {
    /// The message that the address names. Throws 404.
    func message() throws -> MessageID { try parameter("message", MessageID.self, "message") }
}

extension ChatHouse {
    /// The room of the show that the address names. Throws 404, 503.
    func desk(_ call: APICall) async throws -> ChatDesk {
        let show = try call.show().id
        let desk: ChatDesk?
        do {
            desk = try await hall.desk(show)
        } catch {
            throw ProblemDocument(error)
        }
        guard let desk else { throw Refusal.noShow }
        return desk
    }

    /// On disk when it returns.
    func perform(_ command: ChatCommand, _ call: APICall, by visitor: ChatVisitor) async throws -> ChatAnswer
    {
        let desk = try await desk(call)
        do {
            return try await desk.perform(command, by: visitor, at: call.now)
        } catch {
            throw ProblemDocument(error)
        }
    }
}

extension Result where Failure == ChatRefusal {
    func orProblem() throws(ProblemDocument) -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let refusal): throw ProblemDocument(refusal)
        }
    }
}
