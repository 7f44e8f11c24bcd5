import Chat
import Foundation
import Media
import People
import ShowTimeline
import Testing

/// A room, with its clock and those who come to it.
struct RoomBench {
    static let show = ShowID(previewOf: (0, 1))

    var settings = ChatSettings()
    var room: ChatRoom
    var rules: ChatReading.Rules
    var seconds = 1000.0
    var isOnAir = false
    /// All that was to be kept.
    var deeds: [ChatDeed] = []
    let passes = GuestPasses(key: Array("key".utf8))

    static let host = ChatVisitor(
        author: ChatAuthor(id: AuthorID(PersonID(known: "p00000000host")), name: "Hanna", badge: .host),
        actor: .person(PersonID(known: "p00000000host")), isStaff: true, isSignedIn: true, address: "10.0.0.1"
    )

    init(_ settings: ChatSettings = RoomBench.loose, words: [String: String] = [:], kept: KeptRoom? = nil) {
        self.settings = settings
        room = ChatRoom(RoomBench.show, kept ?? KeptRoom(tag: "tag"), settings)
        rules = ChatReading.Rules(words: WordLists(words), settings: settings) { _, prior in prior }
    }

    /// So wide that no limit is met unless a test wants one.
    static var loose: ChatSettings {
        var settings = ChatSettings()
        settings.perAuthor = .init(burst: 1e5, perSecond: 1e5)
        settings.perAddress = .init(burst: 1e5, perSecond: 1e5)
        settings.perRoom = .init(burst: 1e5, perSecond: 1e5)
        settings.guests = .init(burst: 1e5, perSecond: 1e5)
        settings.mode = ChatMode(links: .allow)
        return settings
    }

    static func guest(_ name: String, _ number: Int = 0, address: String = "192.0.2.1") -> ChatVisitor {
        let letters = String(repeating: "0", count: 16 - "\(number)".count) + "\(number)"
        return ChatVisitor(
            author: ChatAuthor(id: AuthorID(known: "g_\(letters)"), name: name), address: address)
    }

    var date: Date { Date(timeIntervalSince1970: 1_790_000_000 + seconds) }
    var clock: MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

    /// The answer, or why not.
    mutating func ask(
        _ command: ChatCommand, by visitor: ChatVisitor = host, target: ChatMessage? = nil
    ) -> Result<ChatAnswer, ChatRefusal> {
        let reading = command.text.map { ChatReading($0, rules, prior: visitor.language) }
        let moment = ChatMoment(date: date, clock: clock, isOnAir: isOnAir)
        let outcome = room.handle(command, reading, by: visitor, target: target, at: moment) {
            [passes] in passes.mark(ofLink: $0)
        }
        switch outcome {
        case .refused(let refusal): return .failure(refusal)
        case .answered(let answer): return .success(answer)
        case .done(let deed, let answer):
            deeds.append(deed)
            return .success(answer)
        }
    }

    /// The message that came of it; nil where there is none.
    @discardableResult
    mutating func send(
        _ text: String, by visitor: ChatVisitor = guest("Ada"), id: String? = nil, to: MessageID? = nil
    )
        -> ChatMessage?
    {
        guard
            case .success(.message(let message)) = ask(
                .send(ChatDraft(clientID: id, text: text, replyTo: to)), by: visitor)
        else { return nil }
        return message
    }

    /// The message, which must have been taken.
    mutating func said(
        _ text: String, by visitor: ChatVisitor = guest("Ada"), id: String? = nil, to: MessageID? = nil
    ) throws -> ChatMessage {
        let message = send(text, by: visitor, id: id, to: to)
        return try #require(message)
    }

    mutating func code(_ text: String, by visitor: ChatVisitor = guest("Ada")) -> ChatRefusal.Code? {
        refusal(.send(ChatDraft(text: text)), by: visitor)?.code
    }

    mutating func refusal(_ command: ChatCommand, by visitor: ChatVisitor = host) -> ChatRefusal? {
        if case .failure(let refusal) = ask(command, by: visitor) { refusal } else { nil }
    }

    var events: [RoomEvent] { deeds.flatMap(\.events) }
    var kinds: [String] { events.map(\.name) }
    var notes: [String] { deeds.compactMap(\.note?.action) }
}

extension RoomEvent {
    var name: String {
        switch kind {
        case .message: "message"
        case .edited: "edited"
        case .deleted: "deleted"
        case .pinned: "pinned"
        case .unpinned: "unpinned"
        case .cleared: "cleared"
        case .mode: "mode"
        case .question: "question"
        }
    }
}
