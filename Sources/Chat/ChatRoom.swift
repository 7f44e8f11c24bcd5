// In: what visitors ask for, with the time. Out: what is to be kept, told and noted, or why not. No clock, no disk, no
// socket; whoever runs it keeps the order in which it decided.

package import Foundation
package import Media
import People

/// When something is asked: on the shop's clock, on the machine's, and whether viewers see a picture then.
package struct ChatMoment: Hashable, Sendable {
    package var date: Date
    package var clock: MonotonicTime
    package var isOnAir: Bool

    package init(date: Date, clock: MonotonicTime, isOnAir: Bool = false) {
        self.date = date
        self.clock = clock
        self.isOnAir = isOnAir
    }
}

/// A show's chat: who may say what, and what becomes of it.
///
/// Bounds: `history` messages and `heldLimit` held ones are known, older ones are named by their `target`; tables of limits
/// hold 10,000 names each; `remembered` client ids.
package struct ChatRoom: Sendable {
    package enum Outcome: Sendable {
        case refused(ChatRefusal)
        /// Nothing is to be kept.
        case answered(ChatAnswer)
        /// The answer is good once this is on disk.
        case done(ChatDeed, ChatAnswer)
    }

    /// Client ids that are still known: who sends one of them again gets its message again.
    package static let remembered = 4096

    struct ClientKey: Hashable {
        var author: AuthorID
        var id: String
    }

    let show: ShowID
    let settings: ChatSettings
    package internal(set) var mode: RoomMode
    package internal(set) var sequence: Int
    package internal(set) var pinned: MessageID?
    /// Shown and shadowed ones, the newest; and all that are held.
    var messages: [MessageID: ChatMessage] = [:]
    /// Of those that are not held, in the order of their sequences; some may be gone.
    var order: [MessageID] = []
    var held: Set<MessageID> = []
    var sent: [ClientKey: ChatMessage] = [:]
    var sentOrder: [ClientKey] = []
    /// In force when they were last looked at.
    var sanctions: [AuthorID: [Sanction]] = [:]
    /// Who runs the room, as far as they have written here.
    var staff: Set<AuthorID> = []
    var staffNames: Set<String> = []

    var authorPace: PaceTable
    var addressPace: PaceTable
    var roomPace: PaceTable
    var guestPace: PaceTable
    var reactionPace = PaceTable(.init(burst: 10, perSecond: 3))
    var slowPace = RecentTexts(most: 10_000)
    var recent = RecentTexts()
    /// Where authors last wrote from; what guests write from where one was banned is held.
    var addresses: [AuthorID: String] = [:]
    var suspects: [String: Date] = [:]
    private var reactions: [String: Int] = [:]

    package init(_ show: ShowID, _ kept: KeptRoom, _ settings: ChatSettings) {
        self.show = show
        self.settings = settings
        mode = kept.mode ?? RoomMode(mode: settings.mode)
        sequence = kept.sequence
        pinned = kept.pinned?.id
        authorPace = PaceTable(settings.perAuthor)
        addressPace = PaceTable(settings.perAddress)
        roomPace = PaceTable(settings.perRoom, most: 1)
        guestPace = PaceTable(settings.guests)
        for known in kept.messages { learn(known) }
        if let shown = kept.pinned { messages[shown.id] = shown }
        for sanction in kept.sanctions { sanctions[sanction.author, default: []].append(sanction) }
    }

    // MARK: What is known

    package var heldCount: Int { held.count }

    /// Whether it need not be looked up.
    package func holds(_ id: MessageID) -> Bool { messages[id] != nil }

    func find(_ id: MessageID, _ target: ChatMessage?) -> ChatMessage? {
        messages[id] ?? (target?.id == id && target?.show == show ? target : nil)
    }

    /// A message that is new here, or was kept.
    mutating func learn(_ known: KeptMessage) {
        let message = known.message
        messages[message.id] = message
        if message.state == .held { held.insert(message.id) } else { order.append(message.id) }
        if let id = known.clientID { remember(ClientKey(author: message.author.id, id: id), message) }
        if message.author.badge?.isStaff == true {
            staff.insert(message.author.id)
            staffNames.insert(FoldedText(message.author.name).text)
        }
        trim()
    }

    private mutating func remember(_ key: ClientKey, _ message: ChatMessage) {
        if sent.updateValue(message, forKey: key) == nil { sentOrder.append(key) }
        if sentOrder.count > ChatRoom.remembered + ChatRoom.remembered / 4 {
            let surplus = sentOrder.count - ChatRoom.remembered
            for key in sentOrder.prefix(surplus) { sent[key] = nil }
            sentOrder.removeFirst(surplus)
        }
    }

    /// In steps, so that it costs little each time. The pinned message stays.
    private mutating func trim() {
        guard order.count > settings.history + settings.history / 4 else { return }
        let surplus = order.count - settings.history
        for id in order.prefix(surplus) where id != pinned { messages[id] = nil }
        order.removeFirst(surplus)
    }

    mutating func forget(_ id: MessageID) {
        messages[id] = nil
        held.remove(id)
        if pinned == id { pinned = nil }
    }

    // MARK: Who may write

    /// Why this visitor cannot write now; nil where they can. `mark` is what a pass keeps of a link.
    package func obstacle(for visitor: ChatVisitor, at now: Date, mark: (String) -> String) -> ChatRefusal? {
        guard let author = visitor.author else {
            return ChatRefusal(.readOnly, "choose a display name first")
        }
        if visitor.isStaff { return nil }
        if let refusal = sanctionRefusal(of: author.id, at: now) { return refusal }
        switch mode.mode.writing {
        case .anyone: return nil
        case .nobody: return ChatRefusal(.readOnly, "nobody may write just now")
        case .signedIn:
            return visitor.isSignedIn ? nil : ChatRefusal(.notAllowed, "sign in to write here")
        case .link:
            let isIn = visitor.isSignedIn || mode.link.map { mark($0) == visitor.linkMark } ?? false
            return isIn ? nil : ChatRefusal(.notAllowed, "only who has the host's link may write here")
        }
    }

    func sanction(_ kinds: Set<Sanction.Kind>, of author: AuthorID, at now: Date) -> Sanction? {
        sanctions[author]?.first { kinds.contains($0.kind) && $0.isInForce(at: now) }
    }

    private func sanctionRefusal(of author: AuthorID, at now: Date) -> ChatRefusal? {
        guard let sanction = sanction([.ban, .timeout], of: author, at: now) else { return nil }
        let wait = sanction.until.map { Duration.milliseconds(Int64($0.timeIntervalSince(now) * 1000)) }
        let end = sanction.until.map { " until \($0.rfc3339)" } ?? ""
        return ChatRefusal(
            sanction.kind == .ban ? .banned : .timedOut, "you may not write here\(end): \(sanction.reason)",
            retryAfter: wait)
    }

    // MARK: Names

    private static let reservedNames: Set<String> = Set(
        [
            "host", "moderator", "mod", "operator", "admin", "administrator", "official", "support",
            "shopcast",
            "system", "server", "主播", "客服", "管理员", "官方", "anfitrión", "moderador", "anfitrião", "animateur",
            "ведущий", "модератор", "администратор",
        ].map { FoldedText($0).text })

    /// A pass for a guest of this name: the guest of `pass`, or a new one. `link` is the secret of the host's link.
    package mutating func guest(
        named name: String, pass: GuestPass?, link: String?, address: String, at now: Date,
        clock: MonotonicTime, mark: (String) -> String
    ) -> Result<GuestPass, ChatRefusal> {
        let folded = FoldedText(name).text
        if ChatRoom.reservedNames.contains(folded) || staffNames.contains(folded) {
            return .failure(
                ChatRefusal(.notAllowed, "this name is for those who run the show: choose another"))
        }
        var linkMark = pass?.linkMark
        if let link {
            guard let own = mode.link, own == link else {
                return .failure(ChatRefusal(.notAllowed, "the link is not good, or not any more"))
            }
            linkMark = mark(own)
        }
        if let wait = guestPace.wait(for: address, at: clock) {
            return .failure(ChatRefusal(.flood, "too many names from here: wait a moment", retryAfter: wait))
        }
        guestPace.take(address, at: clock)
        return .success(
            GuestPass(
                id: pass?.id ?? .guest(), name: name, linkMark: linkMark,
                issuedAt: Int64(now.timeIntervalSince1970)))
    }

    // MARK: Reactions

    mutating func react(_ emoji: String, by visitor: ChatVisitor, at moment: ChatMoment) -> Outcome {
        guard ChatSettings.reactions.contains(emoji) else {
            return .refused(
                ChatRefusal(.badRequest, "reactions are \(ChatSettings.reactions.joined(separator: " "))"))
        }
        if let author = visitor.author, !visitor.isStaff,
            let refusal = sanctionRefusal(of: author.id, at: moment.date)
        {
            return .refused(refusal)
        }
        let name = visitor.author?.id.text ?? visitor.address
        if let wait = reactionPace.wait(for: name, at: moment.clock) {
            return .refused(ChatRefusal(.flood, "too many reactions: wait a moment", retryAfter: wait))
        }
        reactionPace.take(name, at: moment.clock)
        reactions[emoji, default: 0] += 1
        return .answered(.done)
    }

    package mutating func drainReactions() -> [String: Int] {
        defer { reactions = [:] }
        return reactions
    }

    // MARK: Deeds

    func blank(_ moment: ChatMoment) -> ChatDeed { ChatDeed(show: show, at: moment.date) }

    mutating func event(
        _ kind: RoomEvent.Kind, _ audience: RoomEvent.Audience = .everybody, at moment: ChatMoment
    ) -> ChatDeed.Change {
        sequence += 1
        return .event(RoomEvent(sequence: sequence, at: moment.date, kind: kind, audience: audience))
    }

    static let unknownMessage = ChatRefusal(.unknown, "there is no such message, or not any more")
}
