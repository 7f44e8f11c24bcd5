import Chat
import Foundation
import Media
import People
import ShowTimeline
import Shows
import Testing
import Translation

extension Conformance where Kept: ChatStore {
    static var chat: [String: Proof] {
        [
            "a room is made once, and goes on": { own in
                let show = try own.show("evening").id
                let gone = try #require(ShowID("gone"))
                #expect(try own.store.openRoom(gone, keep: 50) == nil)
                let first = try #require(try own.store.openRoom(show, keep: 50))
                #expect(first.sequence == 0 && first.messages.isEmpty && first.mode == nil)
                #expect(try own.store.openRoom(show, keep: 50)?.tag == first.tag && !first.tag.isEmpty)
                let kept = try own.say(show, 1...3)
                #expect(kept == [true, true, true])
                let room = try #require(try own.store.openRoom(show, keep: 50))
                #expect(room.sequence == 3 && room.tag == first.tag)
                #expect(room.messages.map(\.message.text) == ["1", "2", "3"])
                #expect(room.messages.map(\.clientID) == ["c1", "c2", "c3"])
                #expect(room.events.map(\.sequence) == [1, 2, 3])
                #expect(room.events.first?.kind == .message(room.messages[0].message))
                #expect(try own.store.openRoom(show, keep: 1)?.events.count == 2)
            },
            "a commit is all or nothing, with its note and its event": { own in
                let show = try own.show("evening").id
                let gone = try #require(ShowID("gone"))
                let actor = Actor.streamKey(show)
                let message = own.message(show, 1)
                var deed = own.deed(show, message, note: "chat.answer")
                deed.timeline = TimelineDraft(
                    show: show, shopTime: own.now, kind: .question,
                    payload: [
                        "message": .text(message.id.text), "author": .text(message.author.id.text),
                        "name": "Ada",
                        "text": "how much?",
                    ], actor: actor)
                #expect(try own.store.commit([ChatDeed(show: gone, at: own.now), deed]) == [false, true])
                #expect(try own.actions("show:evening").last == "chat.answer")
                #expect(try own.store.events(of: show, after: 0, limit: 10).last?.kind == .question)
                let last = try own.store.lastSequence(of: show)
                // The second message of the same name cannot be kept: nor is the first, nor what is noted.
                let other = own.message(show, 2)
                #expect(throws: (any Error).self) {
                    try own.store.commit([
                        own.deed(show, other, note: "x.y"), own.deed(show, message, note: "x.y"),
                    ])
                }
                #expect(try own.store.message(other.id, of: show) == nil)
                #expect(try own.actions("show:evening").last == "chat.answer")
                #expect(try own.store.lastSequence(of: show) == last)
                #expect(try own.store.openRoom(show, keep: 50)?.sequence == 1)
            },
            "what a moderator does is kept": { own in
                let show = try own.show("evening").id
                try own.say(show, 1...4)
                var messages = try own.store.messages(of: show, ChatQuery())
                func commit(_ changes: ChatDeed.Change...) throws {
                    _ = try own.store.commit([ChatDeed(show: show, at: own.now, changes: changes)])
                }
                messages[0].state = .deleted
                messages[1].text = "edited"
                messages[1].editedAt = own.later(5)
                let mode = RoomMode(
                    mode: ChatMode(slowSeconds: 9, writing: .link), revision: 4, link: "secret")
                try commit(
                    .update(messages[0]),
                    .event(RoomEvent(sequence: 5, at: own.now, kind: .deleted(messages[0].id))),
                    .update(messages[1]),
                    .event(RoomEvent(sequence: 6, at: own.now, kind: .edited(messages[1]))),
                    .pin(messages[2].id),
                    .event(RoomEvent(sequence: 7, at: own.now, kind: .pinned(messages[2]))),
                    .mode(mode), .event(RoomEvent(sequence: 8, at: own.now, kind: .mode(mode.mode))))
                var room = try #require(try own.store.openRoom(show, keep: 50))
                #expect(room.mode == mode && room.pinned == messages[2] && room.sequence == 8)
                #expect(room.messages.map(\.message.text) == ["edited", "3", "4"])
                // What is gone is not told again.
                #expect(room.events.map(\.sequence) == [2, 3, 4, 5, 6, 7, 8])
                #expect(room.events.last?.kind == .mode(mode.mode))
                try commit(
                    .clear(upTo: 8), .pin(nil),
                    .event(RoomEvent(sequence: 9, at: own.now, kind: .cleared(upTo: 8))))
                room = try #require(try own.store.openRoom(show, keep: 50))
                #expect(
                    room.messages.isEmpty && room.pinned == nil && room.events.last?.kind == .cleared(upTo: 8)
                )
                #expect(try own.store.messages(of: show, ChatQuery()).isEmpty)
                #expect(
                    try own.store.exported(of: show, after: 0, limit: 10).map(\.message.state) == [
                        .deleted, .deleted, .deleted, .deleted,
                    ])
            },
            "messages are found by sequence and by show time": { own in
                let show = try own.show("evening").id
                try own.say(show, 1...9, onAir: true)
                func texts(_ query: ChatQuery) throws -> [String] {
                    try own.store.messages(of: show, query).map(\.text)
                }
                #expect(try texts(ChatQuery(limit: 3)) == ["7", "8", "9"])
                #expect(try texts(ChatQuery(after: 2, limit: 3)) == ["3", "4", "5"])
                #expect(try texts(ChatQuery(before: 4, limit: 2)) == ["2", "3"])
                #expect(try texts(ChatQuery(after: 2, before: 5)) == ["3", "4"])
                #expect(try texts(ChatQuery(from: own.later(3), to: own.later(6))) == ["3", "4", "5"])
                #expect(try texts(ChatQuery(from: own.later(9))) == ["9"])
                #expect(try texts(ChatQuery(.questions(isAnswered: nil))) == ["3", "6", "9"])
                #expect(try texts(ChatQuery(.questions(isAnswered: true))).isEmpty)
                #expect(try texts(ChatQuery(.held)).isEmpty)
            },
            "sanctions end, and stay for appeals": { own in
                let show = try own.show("evening").id
                let author = AuthorID.guest()
                func sanction(_ kind: Sanction.Kind, until: Date?) -> Sanction {
                    Sanction(
                        id: .random(), show: show, author: author, name: "Ada", kind: kind, reason: "spam",
                        at: own.now, until: until, by: .server)
                }
                let (ban, timeout) = (sanction(.ban, until: nil), sanction(.timeout, until: own.later(60)))
                _ = try own.store.commit([
                    ChatDeed(show: show, at: own.now, changes: [.impose(ban), .impose(timeout)])
                ])
                func inForce(_ seconds: TimeInterval) throws -> Set<SanctionID> {
                    Set(
                        try own.store.sanctions(of: show, isInForce: true, at: own.later(seconds), limit: 9)
                            .map(\.id))
                }
                #expect(try inForce(0) == [ban.id, timeout.id])
                #expect(try inForce(60) == [ban.id])
                let room = try #require(try own.store.openRoom(show, keep: 50))
                #expect(Set(room.sanctions) == [ban, timeout])
                _ = try own.store.commit([
                    ChatDeed(show: show, at: own.now, changes: [.lift(ban.id, at: own.later(70))])
                ])
                #expect(try inForce(80).isEmpty)
                #expect(try own.store.sanctions(of: show, isInForce: false, at: own.now, limit: 9).count == 2)
                #expect(try own.store.shows(writtenInBy: author) == [show])
            },
            "somebody is erased, from the timeline too": { own in
                let show = try own.show("evening").id
                let ada = try own.person("ada")
                var messages = [own.message(show, 1), own.message(show, 2), own.message(show, 3)]
                messages[0].author.id = AuthorID(ada.id)
                messages[2].author.id = AuthorID(ada.id)
                var deeds = messages.map { own.deed(show, $0) }
                deeds[1].timeline = TimelineDraft(
                    show: show, shopTime: own.now, kind: .question,
                    payload: [
                        "message": .text(messages[0].id.text), "author": .text(ada.id.text), "name": "Ada",
                        "text": "mine", "answer": ["message": .text(messages[1].id.text), "text": "yours"],
                    ], actor: .server)
                _ = try own.store.commit(deeds)
                let export = try own.store.exportPerson(ada.id)
                #expect(export["chat"]?.list?.compactMap { $0["text"]?.text } == ["1", "3"])
                try own.person("ops", isOperator: true)
                try own.store.erasePerson(ada.id, by: .commandLine, at: own.now)
                #expect(try own.store.messages(of: show, ChatQuery()).map(\.text) == ["2"])
                let event = try #require(try own.store.events(of: show, after: 0, limit: 9).last)
                #expect(event.payload["text"] == "" && event.payload["name"] == "")
                #expect(event.payload["answer"]?["text"] == "yours")
                #expect(try own.store.shows(writtenInBy: AuthorID(ada.id)).isEmpty)
                // In one show, by a moderator.
                _ = try own.store.commit([
                    ChatDeed(show: show, at: own.now, changes: [.erase(messages[1].author.id)])
                ])
                #expect(try own.store.messages(of: show, ChatQuery()).isEmpty)
                let after = try #require(try own.store.events(of: show, after: 0, limit: 9).last)
                #expect(after.payload["answer"]?["text"] == "")
                #expect(try own.store.openRoom(show, keep: 50)?.sequence == 3, "no number comes again")
            },
            "what is old is forgotten, its numbers are not": { own in
                let show = try own.show("evening").id
                try own.say(show, 1...5)
                #expect(try own.store.forgetChat(before: own.later(4)) == 3)
                let room = try #require(try own.store.openRoom(show, keep: 50))
                #expect(room.messages.map(\.message.text) == ["4", "5"] && room.sequence == 5)
                #expect(try own.store.forgetChat(before: own.later(99)) == 2)
                #expect(try own.store.openRoom(show, keep: 50)?.sequence == 5)
            },
            "the key of guests stays": { own in
                let key = try own.store.guestKey()
                let again = try own.store.guestKey()
                #expect(key.count >= 32 && again == key)
            },
            "a glossary is edited by revision": { own in
                let show = try own.show("evening").id
                #expect(try own.store.glossary(of: show).revision == 0)
                let glossary = try Glossary([GlossaryTerm("Acme")])
                #expect(
                    try own.store.setGlossary(glossary, of: show, ifRevision: 0, by: .server, at: own.now)
                        == 1)
                #expect(throws: DomainFault.stale(current: 1)) {
                    try own.store.setGlossary(.empty, of: show, ifRevision: 0, by: .server, at: own.now)
                }
                #expect(try own.store.glossary(of: show).glossary == glossary)
                #expect(try own.store.openRoom(show, keep: 50)?.glossary == glossary)
                #expect(try own.actions("show:evening").last == "glossary.edit")
            },
            "a show that is deleted takes its chat along": { own in
                let show = try own.show("evening", isScheduled: false).id
                let message = own.message(show, 1)
                _ = try own.store.commit([own.deed(show, message)])
                try own.store.deleteShow(show, by: .server, at: own.now)
                #expect(try own.store.message(message.id, of: show) == nil)
                #expect(try own.store.commit([own.deed(show, own.message(show, 2))]) == [false])
            },
        ]
    }

    // MARK: What the proofs share

    /// Every third is a question.
    func message(_ show: ShowID, _ number: Int, onAir: Bool = false) -> ChatMessage {
        ChatMessage(
            id: .random(), show: show, sequence: number, at: later(Double(number)),
            showTime: onAir ? later(Double(number)) : nil,
            author: ChatAuthor(id: .guest(), name: "Ada ❤️", badge: .verified), text: "\(number)",
            language: .english, isQuestion: number % 3 == 0)
    }

    func deed(_ show: ShowID, _ message: ChatMessage, note: String? = nil) -> ChatDeed {
        ChatDeed(
            show: show, at: message.at,
            changes: [
                .insert(KeptMessage(message, clientID: "c\(message.text)")),
                .event(RoomEvent(sequence: message.sequence, at: message.at, kind: .message(message))),
            ], note: note.map { ChatDeed.Note($0, by: .streamKey(show)) })
    }

    @discardableResult
    func say(_ show: ShowID, _ numbers: ClosedRange<Int>, onAir: Bool = false) throws -> [Bool] {
        try store.commit(numbers.map { deed(show, message(show, $0, onAir: onAir)) })
    }
}
