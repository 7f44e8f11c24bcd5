import Chat
import Foundation
import Media
import People
import ShowTimeline
import Testing

/// What who runs the room may do, and that each act is noted.
@Suite struct ModerationTests {
    private let ada = RoomBench.guest("Ada", 1)
    private let bob = RoomBench.guest("Bob", 2, address: "192.0.2.2")

    // MARK: Held

    @Test func whatIsHeldIsSeenOnceItIsApproved() throws {
        var bench = RoomBench()
        _ = bench.ask(.setMode(ChatMode(links: .allow, hold: true), ifRevision: nil))
        let message = try bench.said("x", by: ada, id: "c")
        #expect(message.state == .held && message.sequence == 0 && message.heldFor == "review")
        #expect(bench.kinds == ["mode"] && bench.room.heldCount == 1)
        #expect(bench.send("host", by: RoomBench.host)?.state == .shown)
        #expect(
            bench.refusal(.approve(message.id)) == nil
                && bench.refusal(.approve(message.id))?.code == .unknown)
        #expect(bench.kinds == ["mode", "message", "message"] && bench.room.heldCount == 0)
        #expect(bench.send("x", by: ada, id: "c")?.state == .shown, "the same message, as it is now")
        let second = try bench.said("y", by: ada)
        #expect(bench.refusal(.reject(second.id)) == nil && bench.kinds.count == 3)
        #expect(bench.refusal(.reject(second.id))?.code == .unknown)
        #expect(bench.notes == ["chat.mode", "chat.approve", "chat.reject"])
    }

    @Test func heldMessagesAreBounded() {
        var settings = RoomBench.loose
        settings.mode = ChatMode(hold: true)
        settings.heldLimit = 3
        var bench = RoomBench(settings)
        for number in 0..<3 { #expect(bench.send("m\(number)", by: ada)?.state == .held) }
        #expect(bench.code("more", by: ada) == .flood && bench.room.heldCount == 3)
    }

    @Test(arguments: [
        (ChatMode.Links.allow, ChatMessage.State?.some(.shown)), (.hold, .held), (.refuse, nil),
    ])
    func linksAreAPolicy(_ links: ChatMode.Links, _ state: ChatMessage.State?) {
        var settings = RoomBench.loose
        settings.mode = ChatMode(links: links)
        var bench = RoomBench(settings)
        #expect(bench.send("see bags.example.com", by: ada)?.state == state)
        #expect(bench.send("see bags.example.com", by: RoomBench.host)?.state == .shown)
    }

    @Test func wordsCanBeLookedAtFirst() {
        var bench = RoomBench(words: ["any": "?casino\nspam"])
        #expect(bench.send("casino", by: ada)?.heldFor == "word")
        #expect(bench.code("spam", by: ada) == .word && bench.send("spam", by: RoomBench.host) != nil)
    }

    // MARK: Edits

    @Test func authorsEditAndTakeBackTheirOwn() throws {
        var bench = RoomBench(words: ["any": "spam"])
        let message = try bench.said("one", by: ada)
        #expect(bench.refusal(.edit(message.id, text: "two"), by: bob)?.code == .unknown)
        #expect(bench.refusal(.edit(message.id, text: ""), by: ada)?.code == .empty)
        #expect(bench.refusal(.edit(message.id, text: "spam"), by: ada)?.code == .word)
        guard case .success(.message(let edited)) = bench.ask(.edit(message.id, text: "two"), by: ada) else {
            Issue.record("not edited")
            return
        }
        #expect(edited.text == "two" && edited.editedAt == bench.date && edited.sequence == message.sequence)
        #expect(
            bench.refusal(.edit(message.id, text: "two"), by: ada) == nil
                && bench.kinds == ["message", "edited"])
        #expect(
            bench.refusal(.edit(message.id, text: "host"))?.code == .unknown, "nobody edits others' words")
        #expect(bench.refusal(.delete(message.id), by: ada) == nil)
        guard case .update(let gone) = bench.deeds.last?.changes.first else {
            Issue.record("not kept")
            return
        }
        #expect(gone.state == .deleted && gone.text.isEmpty && bench.notes.isEmpty)
        #expect(bench.refusal(.delete(message.id), by: ada)?.code == .unknown)
    }

    @Test func noEditGoesRoundTheReview() throws {
        var settings = RoomBench.loose
        settings.mode = ChatMode(links: .hold)
        var bench = RoomBench(settings, words: ["any": "?casino"])
        let message = try bench.said("one", by: ada)
        for text in ["see bags.example.com", "casino"] {
            #expect(bench.refusal(.edit(message.id, text: text), by: ada)?.code == .held)
        }
    }

    @Test func moderatorsTakeAwayAndItIsKept() throws {
        var bench = RoomBench()
        let message = try bench.said("one", by: ada)
        _ = bench.ask(.pin(message.id))
        #expect(bench.refusal(.delete(message.id)) == nil)
        #expect(bench.kinds == ["message", "pinned", "unpinned", "deleted"] && bench.room.pinned == nil)
        guard case .update(let gone) = bench.deeds.last?.changes.first else {
            Issue.record("not kept")
            return
        }
        #expect(gone.text == "one" && bench.notes == ["chat.pin", "chat.delete"])
        // An old one, which the room holds no more.
        let old = ChatMessage(
            id: .random(), show: RoomBench.show, sequence: 1, at: bench.date, author: ada.author!, text: "old"
        )
        #expect(bench.refusal(.delete(old.id))?.code == .unknown)
        if case .failure = bench.ask(.delete(old.id), target: old) { Issue.record("the store's is good too") }
    }

    @Test func pinAndClear() throws {
        var bench = RoomBench()
        let (first, second) = (try bench.said("1", by: ada), try bench.said("2", by: bob))
        _ = bench.ask(.pin(first.id))
        _ = bench.ask(.pin(first.id))
        _ = bench.ask(.pin(second.id))
        #expect(bench.room.pinned == second.id && bench.kinds == ["message", "message", "pinned", "pinned"])
        _ = bench.ask(.clear)
        #expect(bench.room.pinned == nil && bench.refusal(.pin(first.id))?.code == .unknown)
        guard case .cleared(let last) = bench.events.last?.kind else {
            Issue.record("not cleared")
            return
        }
        #expect(last == 4 && bench.refusal(.unpin) == nil && bench.send("3", by: ada)?.sequence == 6)
    }

    // MARK: Questions

    @Test func answersAreLinkedAndGoOnTheTimeline() throws {
        var bench = RoomBench()
        bench.isOnAir = true
        let question = try bench.said("how much?", by: ada)
        #expect(question.isQuestion)
        let answer = try bench.said("9.99", by: RoomBench.host, to: question.id)
        #expect(bench.kinds == ["message", "message", "question"] && !answer.isQuestion)
        let draft = try #require(bench.deeds.last?.timeline)
        #expect(draft.kind == .question && draft.showTime == bench.date)
        #expect(draft.payload["text"] == "how much?" && draft.payload["answer"]?["text"] == "9.99")
        #expect(bench.deeds.last?.note?.action == "chat.answer")
        // Aloud, and what was no question at first sight.
        let remark = try bench.said("tell me the size", by: bob)
        guard case .success(.message(let told)) = bench.ask(.answer(remark.id, text: nil)) else {
            Issue.record("not answered")
            return
        }
        #expect(told.isAnswered && told.isQuestion && told.answeredBy == nil)
        #expect(bench.deeds.last?.timeline?.payload["answer"] == nil && bench.deeds.last?.timeline != nil)
        let count = bench.events.count
        _ = bench.ask(.answer(remark.id, text: nil))
        #expect(bench.events.count == count, "once is enough")
        guard case .success(.message(let written)) = bench.ask(.answer(remark.id, text: "36 to 44")) else {
            Issue.record("not answered")
            return
        }
        #expect(written.replyTo == remark.id && written.text == "36 to 44")
        #expect(bench.refusal(.answer(remark.id, text: " "))?.code == .empty)
        #expect(bench.refusal(.answer(.random(), text: "x"))?.code == .unknown)
        // A viewer's reply answers nothing.
        let other = try bench.said("is it silk?", by: ada)
        bench.send("yes I think", by: bob, to: other.id)
        #expect(bench.kinds.last == "message")
    }

    // MARK: Sanctions

    private func sanction(_ bench: inout RoomBench, _ draft: SanctionDraft) -> Sanction? {
        if case .success(.sanction(let sanction)) = bench.ask(.impose(draft)) { sanction } else { nil }
    }

    @Test func bansAndTimeOutsEnd() throws {
        var bench = RoomBench()
        bench.send("x", by: ada)
        let id = try #require(ada.author?.id)
        let timeout = try #require(
            sanction(&bench, SanctionDraft(author: id, kind: .timeout, seconds: 60, reason: "caps")))
        #expect(timeout.name == "Ada" && timeout.by == RoomBench.host.actor)
        let refusal = bench.refusal(.send(ChatDraft(text: "y")), by: ada)
        #expect(refusal?.code == .timedOut && refusal?.retryAfterSeconds == 60)
        #expect(refusal?.detail.contains("caps") == true)
        #expect(bench.refusal(.react("❤️"), by: ada)?.code == .timedOut)
        bench.seconds += 60
        #expect(bench.send("y", by: ada) != nil)
        let ban = try #require(sanction(&bench, SanctionDraft(author: id, kind: .ban, reason: "spam")))
        #expect(ban.until == nil && bench.code("z", by: ada) == .banned)
        let again = try #require(
            sanction(&bench, SanctionDraft(author: id, kind: .ban, seconds: 9, reason: "spam")))
        #expect(bench.deeds.last?.changes.first == .lift(ban.id, at: bench.date), "in place of the other")
        #expect(bench.refusal(.lift(ban.id))?.code == .unknown && bench.refusal(.lift(again.id)) == nil)
        #expect(bench.send("z", by: ada) != nil && bench.refusal(.lift(again.id))?.code == .unknown)
        #expect(bench.notes == ["chat.sanction", "chat.sanction", "chat.sanction", "chat.lift"])
    }

    @Test func whoRunsTheRoomIsNotKeptFromIt() throws {
        var bench = RoomBench()
        bench.send("x", by: RoomBench.host)
        for author in [try #require(RoomBench.host.author?.id), .streamKey] {
            #expect(
                bench.refusal(.impose(SanctionDraft(author: author, kind: .ban, reason: "x")))?.code
                    == .notAllowed)
        }
        for draft in [
            SanctionDraft(author: .guest(), kind: .timeout, reason: "x"),
            SanctionDraft(author: .guest(), kind: .ban, seconds: 0, reason: "x"),
            SanctionDraft(author: .guest(), kind: .ban, reason: ""),
            SanctionDraft(author: .guest(), kind: .ban, until: bench.date, reason: "x"),
            SanctionDraft(author: .guest(), kind: .ban, seconds: 5, until: bench.date + 9, reason: "x"),
        ] {
            #expect(bench.refusal(.impose(draft))?.code == .badRequest)
        }
    }

    @Test func aShadowIsSeenByItsAuthorOnly() throws {
        var bench = RoomBench()
        let id = try #require(ada.author?.id)
        _ = sanction(&bench, SanctionDraft(author: id, kind: .shadow, reason: "spam"))
        let message = try bench.said("x", by: ada)
        #expect(message.state == .shadowed && message.sequence == 1)
        let event = try #require(bench.events.last)
        #expect(event.isFor(id) && !event.isFor(bob.author?.id) && !event.isFor(nil))
        #expect(bench.refusal(.pin(message.id))?.code == .unknown)
        #expect(
            bench.refusal(.edit(message.id, text: "y"), by: ada) == nil
                && bench.refusal(.delete(message.id), by: ada) == nil)
        #expect(bench.events.allSatisfy { !$0.isFor(nil) })
    }

    /// Another name from where somebody was banned is no way round it.
    @Test func newGuestsFromThereAreLookedAt() throws {
        var bench = RoomBench()
        bench.send("x", by: ada)
        let ban = try #require(
            sanction(&bench, SanctionDraft(author: ada.author!.id, kind: .ban, reason: "spam")))
        let near = RoomBench.guest("Innocent", 7)
        #expect(bench.send("y", by: near)?.heldFor == "address" && bench.send("y", by: bob)?.state == .shown)
        _ = bench.ask(.lift(ban.id))
        #expect(bench.send("z", by: near)?.state == .shown)
    }

    @Test func whoIsErasedIsGone() throws {
        var bench = RoomBench()
        let first = try bench.said("1", by: ada, id: "c")
        bench.send("2", by: bob)
        _ = bench.ask(.pin(first.id))
        _ = bench.ask(.erase(ada.author!.id))
        #expect(bench.kinds == ["message", "message", "pinned", "unpinned", "deleted"])
        #expect(!bench.room.holds(first.id) && bench.room.pinned == nil)
        #expect(bench.deeds.last?.changes.first == .erase(ada.author!.id))
        #expect(bench.send("1", by: ada, id: "c")?.id != first.id)
        let note = try #require(bench.deeds.first { $0.note?.action == "chat.erase" }?.note)
        #expect(!"\(note.details)".contains("Ada"))
    }

    // MARK: Reactions

    @Test func reactionsAreCounted() {
        var bench = RoomBench()
        let reader = ChatVisitor(address: "192.0.2.9")
        #expect(bench.refusal(.react("🐙"), by: reader)?.code == .badRequest)
        var taken = 0
        for _ in 0..<50 where bench.refusal(.react("❤️"), by: reader) == nil { taken += 1 }
        #expect(taken == 10, "more is too much at once")
        #expect(bench.refusal(.react("🔥"), by: ada) == nil)
        #expect(bench.room.drainReactions() == ["❤️": 10, "🔥": 1] && bench.room.drainReactions().isEmpty)
        #expect(bench.deeds.isEmpty)
    }
}
