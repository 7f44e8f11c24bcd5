import People

/// What of a room is on disk and has been told: what new readers and those who come back are given. Pure.
///
/// Bound: `keep` messages and twice as many events; policy: the oldest are forgotten, and who asks for them gets a fresh
/// snapshot.
package struct ChatHistory: Sendable {
    /// What a new reader sees at once.
    package static let shownAtOnce = 50

    package private(set) var tag: String
    package private(set) var sequence: Int
    package private(set) var mode: ChatMode
    package private(set) var pinned: ChatMessage?
    private let keep: Int
    /// Those that everybody or their author sees.
    private var messages: [MessageID: ChatMessage] = [:]
    /// In the order of their sequences; some may be gone from `messages`.
    private var order: [MessageID] = []
    private var events: [RoomEvent] = []
    /// The event before the oldest that is known.
    private var floor: Int

    package init(_ kept: KeptRoom, keep: Int, usual: ChatMode = ChatMode()) {
        self.keep = max(keep, ChatHistory.shownAtOnce)
        tag = kept.tag
        sequence = kept.sequence
        mode = kept.mode?.mode ?? usual
        pinned = kept.pinned
        floor = kept.events.first.map { $0.sequence - 1 } ?? kept.sequence
        for known in kept.messages where known.message.state == .shown || known.message.state == .shadowed {
            add(known.message)
        }
        events = kept.events
        trim()
    }

    /// In order. What is known already is passed over.
    package mutating func apply(_ event: RoomEvent) {
        guard event.sequence > sequence else { return }
        sequence = event.sequence
        events.append(event)
        switch event.kind {
        case .message(let message): add(message)
        case .edited(let message):
            if messages[message.id] != nil { messages[message.id] = message }
            if pinned?.id == message.id { pinned = message }
        case .deleted(let id):
            messages[id] = nil
            if pinned?.id == id { pinned = nil }
        case .pinned(let message): pinned = message
        case .unpinned: pinned = nil
        case .cleared(let last):
            messages = messages.filter { $0.value.sequence > last }
            if let shown = pinned, shown.sequence <= last { pinned = nil }
        case .mode(let mode): self.mode = mode
        case .question(let id, let answer):
            messages[id]?.isAnswered = true
            if let answer { messages[id]?.answeredBy = answer }
        }
        trim()
    }

    private mutating func add(_ message: ChatMessage) {
        if messages.updateValue(message, forKey: message.id) == nil { order.append(message.id) }
    }

    /// In steps, so that it costs little each time.
    private mutating func trim() {
        if order.count > keep + keep / 4 {
            for id in order.dropLast(keep) { messages[id] = nil }
            order.removeFirst(order.count - keep)
        }
        if events.count > 2 * keep + keep / 4 {
            let surplus = events.count - 2 * keep
            floor = events[surplus - 1].sequence
            events.removeFirst(surplus)
        }
    }

    /// What `reader` begins with. Where `tag` is the room's and all that came after `after` is known, just that.
    package func snapshot(for reader: AuthorID?, after: Int?, tag known: String?) -> RoomSnapshot {
        var snapshot = RoomSnapshot(
            tag: tag, sequence: sequence, mode: mode, pinned: pinned, messages: [], missed: nil)
        if let after, known == tag, after >= floor, after <= sequence {
            snapshot.missed = missed(by: reader, after: after)
        } else {
            snapshot.messages = newest(for: reader)
        }
        return snapshot
    }

    private func newest(for reader: AuthorID?) -> [ChatMessage] {
        var newest: [ChatMessage] = []
        for id in order.reversed() {
            guard let message = messages[id] else { continue }
            if message.state == .shadowed, message.author.id != reader { continue }
            newest.append(message)
            if newest.count == ChatHistory.shownAtOnce { break }
        }
        return newest.reversed()
    }

    /// What is gone is not told again; what was edited is told as it is now.
    private func missed(by reader: AuthorID?, after: Int) -> [RoomEvent] {
        var first = events.count
        while first > 0, events[first - 1].sequence > after { first -= 1 }
        return events[first...].compactMap { event in
            guard event.isFor(reader) else { return nil }
            var event = event
            switch event.kind {
            case .message(let message):
                guard let now = messages[message.id] else { return nil }
                event.kind = .message(now)
            case .edited(let message):
                guard let now = messages[message.id] else { return nil }
                event.kind = .edited(now)
            case .pinned(let message):
                guard pinned?.id == message.id, let now = pinned else { return nil }
                event.kind = .pinned(now)
            default: break
            }
            return event
        }
    }

    /// A message that everybody sees.
    package func message(_ id: MessageID) -> ChatMessage? { messages[id] }
}
