import Foundation
import Media
import People

// Sending, editing and taking back; and the way into the room for every command.

extension ChatRoom {
    /// `reading` is of the command's text, where it has one; `target` the message that it names as the store has it, where
    /// the room may hold it no more; `mark` what a pass keeps of a link.
    package mutating func handle(
        _ command: ChatCommand, _ reading: ChatReading?, by visitor: ChatVisitor, target: ChatMessage? = nil,
        at moment: ChatMoment, mark: (String) -> String
    ) -> Outcome {
        switch command {
        case .send(let draft):
            guard let reading else {
                return .refused(ChatRefusal(.empty, "there is nothing to be read in it"))
            }
            return send(draft, reading, by: visitor, at: moment, mark: mark)
        case .edit(let id, _):
            guard let reading else {
                return .refused(ChatRefusal(.empty, "there is nothing to be read in it"))
            }
            return edit(id, reading, by: visitor, target: target, at: moment, mark: mark)
        case .delete(let id): return delete(id, by: visitor, target: target, at: moment)
        case .react(let emoji): return react(emoji, by: visitor, at: moment)
        default: return moderate(command, reading, by: visitor, target: target, at: moment)
        }
    }

    // MARK: Sending

    private mutating func send(
        _ draft: ChatDraft, _ reading: ChatReading, by visitor: ChatVisitor, at moment: ChatMoment,
        mark: (String) -> String
    ) -> Outcome {
        if let id = draft.clientID {
            guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                return .refused(ChatRefusal(.badRequest, "an id has 1 to 64 visible ASCII characters"))
            }
            if let author = visitor.author, let known = sent[ClientKey(author: author.id, id: id)] {
                // Behind the first one, which may not be on disk yet.
                return .done(blank(moment), .message(messages[known.id] ?? known))
            }
        }
        if let refusal = obstacle(for: visitor, at: moment.date, mark: mark) { return .refused(refusal) }
        guard let author = visitor.author else {
            return .refused(ChatRefusal(.readOnly, "choose a name first"))
        }
        if let fault = reading.fault { return .refused(fault) }
        var heldFor: String?
        if !visitor.isStaff {
            switch screen(reading, by: author, from: visitor, at: moment) {
            case .failure(let refusal): return .refused(refusal)
            case .success(let reason): heldFor = reason
            }
        }
        let isShadowed = !visitor.isStaff && sanction([.shadow], of: author.id, at: moment.date) != nil
        let state: ChatMessage.State = isShadowed ? .shadowed : heldFor != nil ? .held : .shown
        if state == .held, held.count >= settings.heldLimit {
            return .refused(
                ChatRefusal(
                    .flood, "too many messages wait for a moderator: try again later",
                    retryAfter: .seconds(30)))
        }
        let message = ChatMessage(
            id: .random(), show: show, sequence: 0, at: moment.date,
            showTime: moment.isOnAir ? moment.date : nil, author: author, text: reading.text,
            language: reading.language, replyTo: draft.replyTo.flatMap { messages[$0]?.id },
            isQuestion: reading.isQuestion && !visitor.isStaff, state: state,
            heldFor: state == .held ? heldFor : nil)
        return accept(message, clientID: draft.clientID, from: visitor, at: moment)
    }

    /// Gives a message its place; a reply of who runs the room answers the question.
    mutating func accept(
        _ message: ChatMessage, clientID: String?, from visitor: ChatVisitor, at moment: ChatMoment
    ) -> Outcome {
        var message = message
        var deed = blank(moment)
        if message.state == .held {
            deed.changes = [.insert(KeptMessage(message, clientID: clientID))]
        } else {
            message.sequence = sequence + 1
            deed.changes = [
                .insert(KeptMessage(message, clientID: clientID)),
                event(
                    .message(message), message.state == .shadowed ? .only(message.author.id) : .everybody,
                    at: moment),
            ]
        }
        learn(KeptMessage(message, clientID: clientID))
        if addresses.count >= 10_000 { addresses.removeAll(keepingCapacity: true) }
        addresses[message.author.id] = visitor.address
        if visitor.isStaff, let actor = visitor.actor, message.state == .shown, let id = message.replyTo,
            let question = messages[id], question.isQuestion, question.state == .shown
        {
            settle(question, with: message, by: actor, in: &deed, at: moment)
        }
        return .done(deed, .message(message))
    }

    /// What keeps a message back: a refusal, or the reason for which a moderator looks at it first; nil: nothing.
    private mutating func screen(
        _ reading: ChatReading, by author: ChatAuthor, from visitor: ChatVisitor, at moment: ChatMoment
    ) -> Result<String?, ChatRefusal> {
        if let wait = addressPace.wait(for: visitor.address, at: moment.clock) {
            return .failure(ChatRefusal(.flood, "too much comes from here: wait a moment", retryAfter: wait))
        }
        // Trying costs too, or words could be tried out.
        addressPace.take(visitor.address, at: moment.clock)
        if let refusal = content(reading) { return .failure(refusal) }
        if mode.mode.slowSeconds > 0, let wait = slowPace.wait(for: author.id.text, at: moment.clock) {
            return .failure(
                ChatRefusal(
                    .slowMode, "one message in \(mode.mode.slowSeconds) s: this is slow mode",
                    retryAfter: wait))
        }
        if let wait = authorPace.wait(for: author.id.text, at: moment.clock) {
            return .failure(ChatRefusal(.flood, "you write too fast: wait a moment", retryAfter: wait))
        }
        let own = "\(author.id) \(reading.folded)"
        let near = "\(visitor.address) \(reading.folded)"
        let isLong = reading.folded.count >= 12
        if let wait = recent.wait(for: own, at: moment.clock)
            ?? (isLong ? recent.wait(for: near, at: moment.clock) : nil)
        {
            return .failure(ChatRefusal(.duplicate, "you have just written that", retryAfter: wait))
        }
        if let wait = roomPace.wait(for: "", at: moment.clock) {
            return .failure(
                ChatRefusal(.flood, "too many write at once: try again in a moment", retryAfter: wait))
        }
        authorPace.take(author.id.text, at: moment.clock)
        roomPace.take("", at: moment.clock)
        if mode.mode.slowSeconds > 0 {
            slowPace.note(author.id.text, for: .seconds(mode.mode.slowSeconds), at: moment.clock)
        }
        // Who bids or orders writes "1" often.
        recent.note(own, for: .seconds(reading.folded.count > 3 ? 30 : 5), at: moment.clock)
        if isLong { recent.note(near, for: .seconds(30), at: moment.clock) }
        return .success(reason(reading, by: author, from: visitor, at: moment))
    }

    /// What nobody may write here.
    private func content(_ reading: ChatReading) -> ChatRefusal? {
        if reading.words == .refuse {
            return ChatRefusal(.word, "there is a word in it that is not wanted here")
        }
        if reading.hasLink, mode.mode.links == .refuse {
            return ChatRefusal(.link, "links are not taken here")
        }
        return nil
    }

    private func reason(
        _ reading: ChatReading, by author: ChatAuthor, from visitor: ChatVisitor, at moment: ChatMoment
    ) -> String? {
        if mode.mode.hold { return "review" }
        if reading.words == .hold { return "word" }
        if reading.hasLink, mode.mode.links == .hold { return "link" }
        if author.id.isGuest, let until = suspects[visitor.address], moment.date < until { return "address" }
        return nil
    }

    // MARK: Editing and taking back

    private mutating func edit(
        _ id: MessageID, _ reading: ChatReading, by visitor: ChatVisitor, target: ChatMessage?,
        at moment: ChatMoment, mark: (String) -> String
    ) -> Outcome {
        if let refusal = obstacle(for: visitor, at: moment.date, mark: mark) { return .refused(refusal) }
        guard var message = find(id, target), message.state == .shown || message.state == .shadowed,
            message.author.id == visitor.author?.id
        else { return .refused(ChatRoom.unknownMessage) }
        if let fault = reading.fault { return .refused(fault) }
        if !visitor.isStaff {
            if let wait = authorPace.wait(for: message.author.id.text, at: moment.clock) {
                return .refused(ChatRefusal(.flood, "you write too fast: wait a moment", retryAfter: wait))
            }
            authorPace.take(message.author.id.text, at: moment.clock)
            if let refusal = content(reading) { return .refused(refusal) }
            if reason(reading, by: message.author, from: visitor, at: moment) != nil {
                return .refused(
                    ChatRefusal(.held, "a moderator would have to look at it first: write it anew"))
            }
        }
        guard message.text != reading.text else { return .done(blank(moment), .message(message)) }
        message.text = reading.text
        message.language = reading.language
        message.isQuestion = message.isAnswered || (reading.isQuestion && !visitor.isStaff)
        message.editedAt = moment.date
        if messages[id] != nil { messages[id] = message }
        var deed = blank(moment)
        deed.changes = [
            .update(message),
            event(
                .edited(message), message.state == .shadowed ? .only(message.author.id) : .everybody,
                at: moment
            ),
        ]
        return .done(deed, .message(message))
    }

    private mutating func delete(
        _ id: MessageID, by visitor: ChatVisitor, target: ChatMessage?, at moment: ChatMoment
    ) -> Outcome {
        guard let message = find(id, target), message.state != .deleted else {
            return .refused(ChatRoom.unknownMessage)
        }
        let isOwn = message.author.id == visitor.author?.id
        guard isOwn || visitor.isStaff else { return .refused(ChatRoom.unknownMessage) }
        var deed = remove(message, keepingText: !isOwn, at: moment)
        if !isOwn, let actor = visitor.actor {
            deed.note = .init(
                "chat.delete", ["message": .text(id.text), "author": .text(message.author.id.text)], by: actor
            )
        }
        return .done(deed, .done)
    }

    /// What a moderator takes away is kept for appeals; what its author takes back is gone.
    mutating func remove(_ message: ChatMessage, keepingText: Bool, at moment: ChatMoment) -> ChatDeed {
        var deed = blank(moment)
        var gone = message
        gone.state = .deleted
        if !keepingText { gone.text = "" }
        deed.changes = [.update(gone)]
        if pinned == message.id { deed.changes += [.pin(nil), event(.unpinned, at: moment)] }
        switch message.state {
        case .shown: deed.changes.append(event(.deleted(message.id), at: moment))
        case .shadowed:
            deed.changes.append(event(.deleted(message.id), .only(message.author.id), at: moment))
        case .held, .deleted: break
        }
        forget(message.id)
        return deed
    }
}
