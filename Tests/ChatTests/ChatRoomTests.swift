import Chat
import Foundation
import Media
import People
import Testing

/// Who may say what, and what becomes of it.
@Suite struct ChatRoomTests {
    private let ada = RoomBench.guest("Ada", 1)
    private let bob = RoomBench.guest("Bob", 2, address: "192.0.2.2")

    // MARK: Writing

    @Test func aMessageIsKeptToldAndNumbered() throws {
        var bench = RoomBench()
        bench.isOnAir = true
        let first = try bench.said("  hola\u{200B}  ", by: ada)
        let second = try bench.said("hi", by: bob, to: first.id)
        #expect(first.text == "hola" && first.sequence == 1 && first.state == .shown)
        #expect(first.showTime == bench.date && first.at == bench.date)
        #expect(second.sequence == 2 && second.replyTo == first.id)
        #expect(bench.events.map(\.sequence) == [1, 2] && bench.kinds == ["message", "message"])
        #expect(bench.deeds[0].changes.first == .insert(KeptMessage(first)))
        #expect(bench.notes.isEmpty && bench.deeds.allSatisfy { $0.timeline == nil })
    }

    @Test(arguments: [
        ("", ChatRefusal.Code.empty), (" \u{200B}\u{2060} ", .empty),
        (String(repeating: "a", count: 501), .tooLong),
        (String(repeating: "👩‍👩‍👧‍👦", count: 501), .tooLong),
        (String(repeating: "x\u{0301}", count: 100_000), .tooLong),
        ("foo bar", .word),
    ])
    func badTextsAreRefused(_ text: String, _ code: ChatRefusal.Code) {
        var bench = RoomBench(words: ["any": "foo"])
        #expect(bench.code(text) == code)
        #expect(bench.deeds.isEmpty && bench.room.sequence == 0)
    }

    @Test func fiveHundredGraphemesAreTaken() {
        var bench = RoomBench()
        #expect(bench.send(String(repeating: "é", count: 500)) != nil)
        #expect(bench.send(String(repeating: "\u{1F469}\u{1F3FD}", count: 500)) != nil)
    }

    @Test func theSameIdIsTheSameMessage() throws {
        var bench = RoomBench()
        let first = try bench.said("one", by: ada, id: "c1")
        #expect(
            bench.send("one", by: ada, id: "c1") == first && bench.send("two", by: ada, id: "c1") == first)
        #expect(bench.send("one", by: bob, id: "c1")?.id != first.id, "another's id is another")
        #expect(bench.events.count == 2 && bench.deeds[1].changes.isEmpty)
        for id in ["", String(repeating: "x", count: 65), "a b", "é", "a\u{7}"] {
            #expect(bench.refusal(.send(ChatDraft(clientID: id, text: "x")), by: ada)?.code == .badRequest)
        }
    }

    /// After a restart too: that is when it counts.
    @Test func idsOutliveARestart() throws {
        var bench = RoomBench()
        let first = try bench.said("one", by: ada, id: "c1")
        var again = RoomBench(
            kept: KeptRoom(tag: "tag", sequence: 1, messages: [KeptMessage(first, clientID: "c1")]))
        #expect(again.send("one", by: ada, id: "c1") == first)
        #expect(again.send("two", by: ada)?.sequence == 2)
    }

    // MARK: Who may

    @Test func whoMayWriteIsTheRoomsToSay() throws {
        var bench = RoomBench()
        let signed = ChatVisitor(
            author: ChatAuthor(id: AuthorID(.random()), name: "Cleo", badge: .verified), isSignedIn: true,
            address: "192.0.2.3")
        let nobody = ChatVisitor(address: "192.0.2.4")
        #expect(bench.code("x", by: nobody) == .readOnly)
        _ = bench.ask(.setMode(ChatMode(writing: .signedIn, links: .allow), ifRevision: nil))
        #expect(bench.code("x", by: ada) == .notAllowed && bench.send("x", by: signed) != nil)
        _ = bench.ask(.setMode(ChatMode(writing: .nobody, links: .allow), ifRevision: nil))
        #expect(bench.code("y", by: signed) == .readOnly && bench.send("y", by: RoomBench.host) != nil)
        guard
            case .success(.mode(let mode)) = bench.ask(
                .setMode(ChatMode(writing: .link, links: .allow), ifRevision: nil))
        else { throw ChatRefusal(.unknown, "no mode") }
        var linked = ada
        linked.linkMark = bench.passes.mark(ofLink: try #require(mode.link))
        #expect(bench.code("z", by: ada) == .notAllowed && bench.send("z", by: linked) != nil)
        #expect(bench.send("z", by: signed) != nil)
        _ = bench.ask(.renewLink)
        #expect(bench.code("zz", by: linked) == .notAllowed, "the old link is good no more")
    }

    @Test func modesHaveRevisions() {
        var bench = RoomBench()
        #expect(bench.refusal(.setMode(ChatMode(slowSeconds: 5), ifRevision: 7))?.code == .stale)
        #expect(bench.refusal(.setMode(ChatMode(slowSeconds: -1), ifRevision: nil))?.code == .badRequest)
        #expect(bench.refusal(.setMode(ChatMode(slowSeconds: 5), ifRevision: 1)) == nil)
        #expect(bench.room.mode.revision == 2 && bench.kinds == ["mode"] && bench.notes == ["chat.mode"])
        #expect(bench.refusal(.setMode(ChatMode(slowSeconds: 5), ifRevision: 2)) == nil)
        #expect(bench.room.mode.revision == 2, "nothing has changed")
    }

    @Test func onlyStaffModerates() throws {
        var bench = RoomBench()
        let message = try bench.said("x", by: ada)
        let commands: [ChatCommand] = [
            .approve(message.id), .reject(message.id), .pin(message.id), .unpin,
            .answer(message.id, text: nil),
            .answer(message.id, text: "y"), .clear, .setMode(ChatMode(), ifRevision: nil), .renewLink,
            .impose(SanctionDraft(author: bob.author!.id, kind: .ban, reason: "x")), .lift(.random()),
            .erase(ada.author!.id),
        ]
        for command in commands {
            #expect(bench.refusal(command, by: ada)?.code == .notAllowed, "\(command)")
        }
        #expect(bench.refusal(.delete(message.id), by: bob)?.code == .unknown)
        #expect(bench.events.count == 1)
    }

    // MARK: Limits

    @Test func slowModeAsksForPatience() {
        var bench = RoomBench()
        _ = bench.ask(.setMode(ChatMode(slowSeconds: 10, links: .allow), ifRevision: nil))
        #expect(bench.send("1", by: ada) != nil)
        let refusal = bench.refusal(.send(ChatDraft(text: "2")), by: ada)
        #expect(refusal?.code == .slowMode && refusal?.retryAfterSeconds == 10)
        #expect(bench.send("1", by: bob) != nil, "others have their own time")
        #expect(bench.send("a", by: RoomBench.host) != nil && bench.send("b", by: RoomBench.host) != nil)
        bench.seconds += 10
        #expect(bench.send("2", by: ada) != nil)
    }

    @Test func bucketsArePerPersonAddressAndRoom() {
        var settings = RoomBench.loose
        settings.perAuthor = .init(burst: 2, perSecond: 1)
        var bench = RoomBench(settings)
        #expect(bench.send("a", by: ada) != nil && bench.send("b", by: ada) != nil)
        #expect(bench.code("c", by: ada) == .flood && bench.send("c", by: bob) != nil)
        settings = RoomBench.loose
        settings.perAddress = .init(burst: 2, perSecond: 1)
        bench = RoomBench(settings)
        let near = RoomBench.guest("Eve", 3)
        #expect(bench.send("a", by: ada) != nil && bench.send("b", by: near) != nil)
        #expect(bench.code("c", by: near) == .flood && bench.send("c", by: bob) != nil)
        settings = RoomBench.loose
        settings.perRoom = .init(burst: 2, perSecond: 1)
        bench = RoomBench(settings)
        #expect(bench.send("a", by: ada) != nil && bench.send("b", by: bob) != nil)
        #expect(bench.code("c", by: bob) == .flood)
        #expect(bench.send("c", by: RoomBench.host) != nil, "who runs the room is not held up")
        bench.seconds += 1
        #expect(bench.send("c", by: bob) != nil)
    }

    @Test func nobodySaysTheSameTwice() {
        var bench = RoomBench()
        #expect(bench.send("Buy my bags now!!", by: ada) != nil)
        #expect(bench.code("BUY my bags, NOW", by: ada) == .duplicate)
        let twin = RoomBench.guest("Twin", 9)
        #expect(bench.code("buy my bags now", by: twin) == .duplicate, "from the same address")
        #expect(bench.send("buy my bags now", by: bob) != nil)
        bench.seconds += 31
        #expect(bench.send("buy my bags now", by: ada) != nil)
        // Bids are short, and said again.
        #expect(bench.send("1", by: ada) != nil && bench.code("1", by: ada) == .duplicate)
        bench.seconds += 6
        #expect(bench.send("1", by: ada) != nil)
        #expect(bench.send("❤️", by: ada) != nil && bench.send("👍", by: ada) != nil)
    }

    @Test func namesAreChecked() {
        var bench = RoomBench()
        bench.send("hello", by: RoomBench.host)
        func name(_ name: String, _ bench: inout RoomBench) -> ChatRefusal.Code? {
            if let refusal = bench.rules.refuses(name: ChatText.name(name)) { return refusal.code }
            let answer = bench.room.guest(
                named: ChatText.name(name), pass: nil, link: nil, address: "a", at: bench.date,
                clock: bench.clock
            ) { $0 }
            if case .failure(let refusal) = answer { return refusal.code }
            return nil
        }
        #expect(name("Ada", &bench) == nil && name("李雷", &bench) == nil && name("مريم", &bench) == nil)
        #expect(name("", &bench) == .empty && name("\u{202E}\u{200B}", &bench) == .empty)
        #expect(name("❤️", &bench) == .empty && name(String(repeating: "a", count: 41), &bench) == .tooLong)
        #expect(name("HANNA", &bench) == .notAllowed, "it is the host's")
        #expect(name("Hánna!", &bench) == .notAllowed && name("Host", &bench) == .notAllowed)
        #expect(name("shop.example.com", &bench) == .link)
        bench.rules.set(WordLists(["es": "puta"]))
        #expect(name("Puta", &bench) == .word)
    }
}
