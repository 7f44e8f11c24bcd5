package import Chat
import HTTPTypes
package import Media
import People
import Shows

/// What routes of chats work with.
package struct ChatHouse: Sendable {
    package let hall: ChatHall
    /// Whether this playback token opens a show that is for holders of one.
    package let admits: @Sendable (ShowID, _ token: String?) -> Bool

    package init(
        hall: ChatHall, admits: @escaping @Sendable (ShowID, _ token: String?) -> Bool = { _, _ in false }
    ) {
        self.hall = hall
        self.admits = admits
    }

    /// Who reads or writes, once they are found good for this show. Throws 401 for a guest's pass that is not good, 403 where
    /// the show is for holders of a playback token and neither that nor a role is shown.
    package func visitor(_ call: APICall) throws -> ChatVisitor {
        let pass = try pass(call)
        try admit(call, pass)
        var visitor = ChatVisitor(call.visitor, pass, in: try call.show().id, address: call.arrival.address)
        let wishes = call.arrival.headers[.acceptLanguage].map { LanguageTag.wishes(acceptLanguage: $0) }
        visitor.language = wishes?.first
        return visitor
    }

    /// A guest's pass, where one is shown. Throws 401 where it is not good.
    func pass(_ call: APICall) throws -> GuestPass? {
        guard let secret = call.arrival.guestSecret else { return nil }
        guard let pass = hall.passes.pass(secret) else {
            throw ProblemDocument(
                status: .unauthorized, detail: "the guest's pass is not good: choose a name anew",
                fields: [.wwwAuthenticate: "Guest", .cacheControl: "no-store"])
        }
        return pass
    }

    /// Throws 403 where the show is protected, and nothing is shown that opens it.
    func admit(_ call: APICall, _ pass: GuestPass?) throws {
        let show = try call.show()
        guard show.visibility == .token, !call.may(.readHidden), pass?.show != show.id,
            !admits(show.id, call.arrival.query["token"])
        else { return }
        throw Refusal.forbidden("this show is for holders of a playback token: add it as ?token=TOKEN")
    }
}

extension ChatVisitor {
    /// Somebody as a show's room knows them. A token stands for its person where it is for moderating or for shows.
    package init(_ visitor: Visitor, _ pass: GuestPass?, in show: ShowID, address: String) {
        let identity = visitor.identity
        self.init(
            actor: identity.actor, isStaff: AccessRules.permits(identity, .moderateChat, on: show),
            address: address)
        switch identity.kind {
        case .anonymous:
            author = pass.map { ChatAuthor(id: $0.id, name: $0.name) }
            linkMark = pass?.linkMark
        case .streamKey(let own):
            if own == show { author = ChatAuthor(id: .streamKey, name: "Host", badge: .host) }
        case .person, .token:
            if case .token(_, _, let scopes) = identity.kind,
                scopes.isDisjoint(with: [.all, .moderate, .shows])
            {
                return
            }
            isSignedIn = true
            author = visitor.person.map { person in
                ChatAuthor(
                    id: AuthorID(person.id), name: String(ChatText.name(person.name).prefix(40)),
                    badge: ChatBadge(identity, in: show))
            }
        }
    }
}

extension ChatBadge {
    /// Of somebody who has said who they are.
    fileprivate init(_ identity: Identity, in show: ShowID) {
        switch identity.roles[show] {
        case .host: self = .host
        case .moderator: self = .moderator
        case .interpreter: self = identity.isOperator ? .operator : .interpreter
        case nil: self = identity.isOperator ? .operator : .verified
        }
    }
}

extension Arrival {
    /// `SECRET` of `Authorization: Guest SECRET`: the pass of a guest of chats.
    package var guestSecret: String? {
        guard let field = headers[.authorization], field.utf8.count <= 2048 else { return nil }
        let words = field.split(separator: " ", omittingEmptySubsequences: true)
        return words.count == 2 && words[0].lowercased() == "guest" ? String(words[1]) : nil
    }
}

extension ProblemDocument {
    /// What a room says no to, as HTTP says it.
    package init(_ refusal: ChatRefusal) {
        let status: HTTPResponse.Status =
            switch refusal.code {
            case .slowMode, .flood: .tooManyRequests
            case .duplicate: .conflict
            case .tooLong, .empty, .link, .word, .held, .badRequest: .unprocessableContent
            case .banned, .timedOut, .notAllowed, .readOnly: .forbidden
            case .unknown: .notFound
            case .stale: .preconditionFailed
            case .busy: .serviceUnavailable
            }
        var fields: HTTPFields = [.cacheControl: "no-store"]
        let seconds = refusal.retryAfterSeconds ?? (status == .tooManyRequests ? 1 : nil)
        if let seconds { fields[.retryAfter] = "\(seconds)" }
        self.init(status: status, detail: refusal.detail, fields: fields)
        code = refusal.code.rawValue
    }
}
