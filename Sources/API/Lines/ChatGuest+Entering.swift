import Chat
import Delivery
import Foundation
import HTTPTypes
import Media
import NIOCore
import NIOPosix
import People
import Translation

extension ChatGuest {
    /// What a reader of server-sent events says with the request.
    func helloOfQuery() -> ClientWord.Hello {
        var hello = ClientWord.Hello(version: 1)
        let wishes = arrival.headers[.acceptLanguage].map { LanguageTag.wishes(acceptLanguage: $0) } ?? []
        hello.language = arrival.query["language"].flatMap { LanguageTag($0) } ?? wishes.first
        hello.after = arrival.query["after"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        hello.room = arrival.query["room"]
        if let last = HTTPField.Name("Last-Event-ID").flatMap({ arrival.headers[$0] }),
            let dash = last.lastIndex(of: "-"), let number = Int(last[last.index(after: dash)...]),
            number >= 0
        {
            hello.room = String(last[..<dash])
            hello.after = number
        }
        hello.guest = arrival.guestSecret
        let wanted = (arrival.query["captions"] ?? "").split(separator: ",")
        captions = wanted.prefix(ClientWord.mostCaptionLanguages).compactMap { LanguageTag(String($0)) }
        return hello
    }

    /// Finds out who this is, then opens the room.
    func enter(_ hello: ClientWord.Hello) {
        phase = .asking
        language = hello.language.map(\.forReading) ?? .undetermined
        if let secret = hello.guest { pass = door.fanout.hall.passes.pass(secret) }
        if arrival.isNobodys || arrival.guestSecret != nil {
            guard !isForStaff else { return dismiss(.policy) }
            visitor = ChatVisitor(Visitor(), pass, in: show, address: arrival.address)
            open(hello)
        } else {
            heed()
            ask { [self] in open(hello) }
        }
    }

    /// Is looked up again as soon as something changes of who may do what.
    private func heed() {
        guard let line else { return }
        let bound = NIOLoopBound(self, eventLoop: line.loop)
        let loop = line.loop
        door.insiders.add(self) { loop.execute { bound.value.doubt() } }
    }

    private func doubt() {
        switch phase {
        case .reading: askAgain()
        case .asking: isDoubted = true
        case .new, .over: break
        }
    }

    /// Looks up who asks; the disk may have to be waited for.
    private func ask(_ then: @escaping () -> Void) {
        guard let line else { return }
        let (visitors, arrival) = (door.visitors, arrival)
        NIOThreadPool.singleton.runIfActive(eventLoop: line.loop) {
            try visitors.visitor(arrival, at: .now)
        }.assumeIsolated().whenComplete { [self] result in
            guard phase != .over else { return }
            guard !isDoubted else {
                isDoubted = false
                return ask(then)
            }
            switch result {
            case .success(let found) where found.mayBeGoodLater: dismiss(.later)
            case .success(let found) where found.trouble != nil: dismiss(.policy)
            case .success(let found):
                guard !isForStaff || AccessRules.permits(found.identity, .readHidden, on: show) else {
                    return dismiss(.policy)
                }
                visitor = ChatVisitor(found, pass, in: show, address: arrival.address)
                identity = found.identity
                knownUntil = found.isAnonymous ? .distantFuture : .now() + door.freshness
                watch()
                if found.isAnonymous, !isForStaff { door.insiders.remove(self) }
                then()
            case .failure: dismiss(.later)
            }
        }
    }

    /// Sessions and tokens run out without anybody's doing: who hears more than everybody is looked up now and then.
    private func watch() {
        lookout?.cancel()
        lookout = nil
        guard let line, isForStaff || visitor.isStaff else { return }
        lookout = line.loop.assumeIsolated().scheduleTask(in: door.freshness) { [self] in doubt() }
    }

    /// Whoever was known a while ago may have been signed out since, or lost a role.
    func askAgain() {
        phase = .asking
        let before = visitor.author?.id
        ask { [self] in
            phase = .reading
            visitor.language = language == .undetermined ? nil : language
            if visitor.author?.id != before { become(visitor.author?.id) }
            follow()
            checkBooth()
            takeWaiting()
        }
    }

    private func open(_ hello: ClientWord.Hello) {
        guard let line else { return }
        let bound = NIOLoopBound(self, eventLoop: line.loop)
        let loop = line.loop
        door.fanout.hall.desk(show) { result in
            loop.execute { bound.value.opened(result, hello) }
        }
    }

    private func opened(_ result: Result<ChatDesk?, ChatRefusal>, _ hello: ClientWord.Hello) {
        guard phase == .asking, let line else { return }
        switch result {
        case .failure: dismiss(.later)
        case .success(nil): dismiss(.policy)
        case .success(let desk?):
            guard !isDoubted else {
                isDoubted = false
                return ask { [self] in opened(result, hello) }
            }
            self.desk = desk
            line.settle()
            phase = .reading
            sit(after: hello.after, tag: hello.room)
            // Who showed nothing is not looked up again: ten thousand requests need not be kept.
            if knownUntil == .distantFuture { arrival = arrival.forgotten }
            if let link = hello.link, visitor.author?.id.isGuest == true {
                perform(.name(visitor.author?.name ?? "", link: link))
            }
            takeWaiting()
        }
    }

    /// Takes a place in the room, with what the reader begins with.
    func sit(after: Int? = nil, tag: String? = nil) {
        guard let desk, let line else { return }
        visitor.language = language == .undetermined ? nil : language
        if let seat { seat.room.leave(seat.reader, on: line.loop) }
        let (room, reader) = door.fanout.enter(
            show, self, language: language, author: visitor.author?.id, on: line.loop)
        seat = (room, reader)
        let standing = ReaderStanding(author: visitor.author, obstacle: desk.obstacle(for: visitor))
        room.begin(reader, at: desk, .init(standing: standing, after: after, tag: tag), on: line.loop)
        follow()
        beginCaptions()
    }

    /// Hears from here on of what is asked for besides the chat, and of what is for those who run the room.
    func follow() {
        guard let seat, let line else { return }
        var topics = Set(captions.map { Topic(captions: $0) })
        if visitor.isStaff { topics.insert(.held) }
        seat.room.follow(seat.reader, topics, on: line.loop)
    }

    func beginCaptions() {
        guard let seat, let line, !captions.isEmpty else { return }
        door.captions.begin(captions, of: seat.room, seat.reader, on: line.loop)
    }

    /// Writes as somebody else from here on.
    func become(_ author: AuthorID?) {
        if let seat, let line { seat.room.rename(seat.reader, to: author, on: line.loop) }
    }
}

extension Visitor {
    /// Nobody was looked up: somebody else at the address has guessed.
    fileprivate var mayBeGoodLater: Bool {
        if case .later? = trouble { true } else { false }
    }
}

extension Arrival {
    /// Without what only a request needs.
    fileprivate var forgotten: Arrival {
        Arrival(
            method: method, target: "", authority: nil, headers: [:], parameters: [:], query: [:],
            address: address, isSecure: isSecure)
    }
}

extension LanguageTag {
    /// As rooms tell readers apart by it: what is the same to translation is the same here.
    var forReading: LanguageTag { tongue }
}
