import Foundation
import Media
import People
import ShowTimeline

// What who runs the room may do. Every act is noted, without the words of anybody.

extension ChatRoom {
    mutating func moderate(
        _ command: ChatCommand, _ reading: ChatReading?, by visitor: ChatVisitor, target: ChatMessage?,
        at moment: ChatMoment
    ) -> Outcome {
        guard visitor.isStaff, let actor = visitor.actor else {
            return .refused(ChatRefusal(.notAllowed, "this is for those who run the room"))
        }
        switch command {
        case .approve(let id): return approve(id, by: actor, at: moment)
        case .reject(let id): return reject(id, by: actor, at: moment)
        case .pin(let id): return pin(id, target, by: actor, at: moment)
        case .unpin: return unpin(by: actor, at: moment)
        case .answer(let id, let text):
            return answer(id, text == nil ? nil : reading, by: visitor, actor, target, at: moment)
        case .clear: return clear(by: actor, at: moment)
        case .setMode(let mode, let revision): return set(mode, ifRevision: revision, by: actor, at: moment)
        case .renewLink: return renewLink(by: actor, at: moment)
        case .impose(let draft): return impose(draft, by: actor, at: moment)
        case .lift(let id): return lift(id, by: actor, at: moment)
        case .erase(let author): return erase(author, by: actor, at: moment)
        case .send, .edit, .delete, .react:
            return .refused(ChatRefusal(.badRequest, "this is nothing to moderate"))
        }
    }

    private static func details(_ message: ChatMessage) -> JSONValue {
        ["message": .text(message.id.text), "author": .text(message.author.id.text)]
    }

    // MARK: What is held

    private mutating func approve(_ id: MessageID, by actor: Actor, at moment: ChatMoment) -> Outcome {
        guard held.contains(id), var message = messages[id] else { return .refused(ChatRoom.unknownMessage) }
        message.state = .shown
        message.heldFor = nil
        message.sequence = sequence + 1
        held.remove(id)
        messages[id] = message
        order.append(id)
        var deed = blank(moment)
        deed.changes = [.update(message), event(.message(message), at: moment)]
        deed.note = .init("chat.approve", ChatRoom.details(message), by: actor)
        return .done(deed, .message(message))
    }

    private mutating func reject(_ id: MessageID, by actor: Actor, at moment: ChatMoment) -> Outcome {
        guard held.contains(id), let message = messages[id] else { return .refused(ChatRoom.unknownMessage) }
        var deed = remove(message, keepingText: true, at: moment)
        deed.note = .init("chat.reject", ChatRoom.details(message), by: actor)
        return .done(deed, .done)
    }

    // MARK: The pinned message

    private mutating func pin(
        _ id: MessageID, _ target: ChatMessage?, by actor: Actor, at moment: ChatMoment
    ) -> Outcome {
        guard let message = find(id, target), message.state == .shown else {
            return .refused(ChatRoom.unknownMessage)
        }
        var deed = blank(moment)
        guard pinned != id else { return .done(deed, .message(message)) }
        pinned = id
        messages[id] = message
        deed.changes = [.pin(id), event(.pinned(message), at: moment)]
        deed.note = .init("chat.pin", ChatRoom.details(message), by: actor)
        return .done(deed, .message(message))
    }

    private mutating func unpin(by actor: Actor, at moment: ChatMoment) -> Outcome {
        var deed = blank(moment)
        guard pinned != nil else { return .done(deed, .done) }
        pinned = nil
        deed.changes = [.pin(nil), event(.unpinned, at: moment)]
        deed.note = .init("chat.unpin", by: actor)
        return .done(deed, .done)
    }

    // MARK: Questions

    private mutating func answer(
        _ id: MessageID, _ reading: ChatReading?, by visitor: ChatVisitor, _ actor: Actor,
        _ target: ChatMessage?, at moment: ChatMoment
    ) -> Outcome {
        guard var question = find(id, target), question.state == .shown else {
            return .refused(ChatRoom.unknownMessage)
        }
        if let fault = reading?.fault { return .refused(fault) }
        // What a host answers was a question, whatever it looked like.
        question.isQuestion = true
        if messages[id] != nil { messages[id] = question }
        guard let reading else {
            var deed = blank(moment)
            if !question.isAnswered { settle(question, with: nil, by: actor, in: &deed, at: moment) }
            return .done(deed, .message(messages[id] ?? question))
        }
        guard let author = visitor.author else {
            return .refused(ChatRefusal(.readOnly, "who answers needs a name"))
        }
        let message = ChatMessage(
            id: .random(), show: show, sequence: 0, at: moment.date,
            showTime: moment.isOnAir ? moment.date : nil, author: author, text: reading.text,
            language: reading.language, replyTo: id)
        // Known for the reply, which settles it.
        let wasKnown = messages[id] != nil
        messages[id] = question
        let outcome = accept(message, clientID: nil, from: visitor, at: moment)
        if !wasKnown, pinned != id { messages[id] = nil }
        return outcome
    }

    /// The question is answered: readers hear of it, and so does the show's timeline.
    mutating func settle(
        _ question: ChatMessage, with answer: ChatMessage?, by actor: Actor, in deed: inout ChatDeed,
        at moment: ChatMoment
    ) {
        var question = question
        question.isAnswered = true
        question.answeredBy = answer?.id ?? question.answeredBy
        if messages[question.id] != nil { messages[question.id] = question }
        deed.changes += [.update(question), event(.question(question.id, by: answer?.id), at: moment)]
        if deed.note == nil {
            deed.note = .init("chat.answer", ChatRoom.details(question), by: actor)
        }
        var payload: [String: JSONValue] = [
            "message": .text(question.id.text), "author": .text(question.author.id.text),
            "name": .text(question.author.name), "text": .text(question.text),
        ]
        payload["language"] = question.language.map { .text($0.text) }
        if let answer { payload["answer"] = ["message": .text(answer.id.text), "text": .text(answer.text)] }
        deed.timeline = TimelineDraft(
            show: show, showTime: moment.isOnAir ? moment.date : nil, shopTime: moment.date, kind: .question,
            payload: .object(payload), actor: actor)
    }

    // MARK: The room

    private mutating func clear(by actor: Actor, at moment: ChatMoment) -> Outcome {
        let last = sequence
        for id in order where messages[id]?.state != .held { forget(id) }
        order = []
        pinned = nil
        var deed = blank(moment)
        deed.changes = [.clear(upTo: last), .pin(nil), event(.cleared(upTo: last), at: moment)]
        deed.note = .init("chat.clear", ["upTo": .int(last)], by: actor)
        return .done(deed, .done)
    }

    private mutating func set(
        _ wanted: ChatMode, ifRevision: Int?, by actor: Actor, at moment: ChatMoment
    ) -> Outcome {
        if let fault = wanted.validate().first {
            return .refused(ChatRefusal(.badRequest, "\(fault.field): \(fault.reason)"))
        }
        if let ifRevision, ifRevision != mode.revision {
            return .refused(ChatRefusal(.stale, "it has been changed meanwhile: read it again"))
        }
        var deed = blank(moment)
        guard wanted != mode.mode else { return .done(deed, .mode(mode)) }
        mode.mode = wanted
        mode.revision += 1
        if wanted.writing == .link, mode.link == nil { mode.link = Name32.random(20) }
        deed.changes = [.mode(mode), event(.mode(wanted), at: moment)]
        deed.note = .init(
            "chat.mode",
            [
                "slowSeconds": .int(wanted.slowSeconds), "writing": .text(wanted.writing.rawValue),
                "links": .text(wanted.links.rawValue), "hold": .bool(wanted.hold),
            ], by: actor)
        return .done(deed, .mode(mode))
    }

    private mutating func renewLink(by actor: Actor, at moment: ChatMoment) -> Outcome {
        mode.link = Name32.random(20)
        mode.revision += 1
        var deed = blank(moment)
        deed.changes = [.mode(mode)]
        deed.note = .init("chat.link", by: actor)
        return .done(deed, .mode(mode))
    }

    // MARK: Sanctions

    private mutating func impose(_ draft: SanctionDraft, by actor: Actor, at moment: ChatMoment) -> Outcome {
        let now = moment.date
        if let fault = draft.validate(at: now).first {
            return .refused(ChatRefusal(.badRequest, "\(fault.field): \(fault.reason)"))
        }
        guard draft.author != .streamKey, !staff.contains(draft.author) else {
            return .refused(ChatRefusal(.notAllowed, "who runs the room cannot be kept from it"))
        }
        let name = messages.values.filter { $0.author.id == draft.author }.max { $0.at < $1.at }?.author.name
        let sanction = Sanction(
            id: .random(), show: show, author: draft.author, name: name ?? "", kind: draft.kind,
            reason: draft.reason, at: now, until: draft.end(at: now), by: actor)
        var deed = blank(moment)
        // In place of an earlier one of the kind.
        for old in sanctions[draft.author] ?? [] where old.kind == draft.kind && old.isInForce(at: now) {
            deed.changes.append(.lift(old.id, at: now))
        }
        sanctions[draft.author, default: []].removeAll { $0.kind == draft.kind || !$0.isInForce(at: now) }
        sanctions[draft.author, default: []].append(sanction)
        deed.changes.append(.impose(sanction))
        if draft.author.isGuest, draft.kind != .timeout, let address = addresses[draft.author] {
            suspects = suspects.filter { now < $0.value }
            if suspects.count < 10_000 { suspects[address] = sanction.until ?? .distantFuture }
        }
        var details: [String: JSONValue] = [
            "sanction": .text(sanction.id.text), "author": .text(sanction.author.text),
            "kind": .text(sanction.kind.rawValue), "reason": .text(sanction.reason),
        ]
        details["until"] = sanction.until.map { .text($0.rfc3339) }
        deed.note = .init("chat.sanction", .object(details), by: actor)
        return .done(deed, .sanction(sanction))
    }

    private mutating func lift(_ id: SanctionID, by actor: Actor, at moment: ChatMoment) -> Outcome {
        guard let (author, all) = sanctions.first(where: { $0.value.contains { $0.id == id } }),
            var sanction = all.first(where: { $0.id == id }), sanction.isInForce(at: moment.date)
        else { return .refused(ChatRefusal(.unknown, "there is no such sanction in force")) }
        sanction.liftedAt = moment.date
        sanctions[author] = all.filter { $0.id != id }
        if let address = addresses[author] { suspects[address] = nil }
        var deed = blank(moment)
        deed.changes = [.lift(id, at: moment.date)]
        deed.note = .init(
            "chat.lift", ["sanction": .text(id.text), "author": .text(author.text)], by: actor)
        return .done(deed, .sanction(sanction))
    }

    // MARK: Forgetting

    private mutating func erase(_ author: AuthorID, by actor: Actor, at moment: ChatMoment) -> Outcome {
        var deed = blank(moment)
        deed.changes = [.erase(author)]
        let own = messages.values.filter { $0.author.id == author }.sorted { $0.sequence < $1.sequence }
        for message in own {
            if pinned == message.id { deed.changes += [.pin(nil), event(.unpinned, at: moment)] }
            if message.state == .shown { deed.changes.append(event(.deleted(message.id), at: moment)) }
            forget(message.id)
        }
        sent = sent.filter { $0.key.author != author }
        sentOrder.removeAll { $0.author == author }
        addresses[author] = nil
        for index in (sanctions[author] ?? []).indices { sanctions[author]?[index].name = "" }
        deed.note = .init("chat.erase", ["author": .text(author.text)], by: actor)
        return .done(deed, .done)
    }
}
