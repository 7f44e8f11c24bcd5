import Chat
import Foundation
import Media
import People
import Testing

/// Whatever is asked, in whatever order: the numbers rise by one, the history says what the events said, and a room that is
/// read anew goes on where the old one was.
@Suite struct RoomPropertyTests {
    private static let texts = [
        "hi", "how much?", "see x.com", "spam", "\u{202E}evil", "", "❤️", "多少钱", "price", "a", "b", "c",
        "<script>",
        "\u{0000}", "{\"type\":\"x\"}", "'; DROP TABLE chat_message; --", String(repeating: "z", count: 600),
    ]

    @Test(arguments: 0..<40)
    func orderHolds(_ seed: Int) {
        var random = SplitMix(seed: UInt64(seed) &* 7919 &+ 1)
        var settings = ChatSettings()
        settings.history = 50
        settings.heldLimit = 10
        var bench = RoomBench(settings, words: ["any": "spam"])
        var history = ChatHistory(KeptRoom(tag: "tag"), keep: settings.history)
        var known: [MessageID] = [.random()]
        let people = (0..<6).map { RoomBench.guest("Guest \($0)", $0, address: "192.0.2.\($0 / 2)") }
        for _ in 0..<400 {
            let before = bench.room.sequence
            let count = bench.deeds.count
            let visitor = people.randomElement(using: &random) ?? people[0]
            let id = known.randomElement(using: &random) ?? .random()
            let text = Self.texts.randomElement(using: &random) ?? ""
            let command = Self.command(id, text, visitor, &random)
            let isStaff = Bool.random(using: &random)
            let answer = bench.ask(command, by: isStaff ? RoomBench.host : visitor)
            bench.seconds += Double.random(in: 0...3, using: &random)
            if case .success(.message(let message)) = answer { known.append(message.id) }
            if case .failure = answer { #expect(bench.deeds.count == count && bench.room.sequence == before) }
            guard bench.deeds.count > count, let deed = bench.deeds.last else { continue }
            let numbers = deed.events.map(\.sequence)
            #expect(numbers == Array(before + 1..<before + 1 + numbers.count), "\(command)")
            for event in deed.events { history.apply(event) }
            #expect(bench.room.heldCount <= 10)
        }
        #expect(history.sequence == bench.room.sequence)
        let snapshot = history.snapshot(for: nil, after: nil, tag: nil)
        #expect(
            snapshot.messages.allSatisfy { $0.state == .shown && !$0.text.isEmpty && $0.text.count <= 500 })
        #expect(snapshot.pinned?.id == bench.room.pinned)
        #expect(snapshot.mode == bench.room.mode.mode)
        #expect(snapshot.messages.map(\.sequence) == snapshot.messages.map(\.sequence).sorted())
    }

    private static func command(
        _ id: MessageID, _ text: String, _ visitor: ChatVisitor, _ random: inout SplitMix
    ) -> ChatCommand {
        switch Int.random(in: 0..<22, using: &random) {
        case 0: .edit(id, text: text)
        case 1: .delete(id)
        case 2: .approve(id)
        case 3: .reject(id)
        case 4: .pin(id)
        case 5: .unpin
        case 6: .answer(id, text: Bool.random(using: &random) ? text : nil)
        case 7: Int.random(in: 0..<8, using: &random) == 0 ? .clear : .react("❤️")
        case 8:
            .setMode(
                ChatMode(
                    slowSeconds: Int.random(in: 0...2, using: &random),
                    writing: ChatMode.Writing.allCases.randomElement(using: &random) ?? .anyone,
                    links: ChatMode.Links.allCases.randomElement(using: &random) ?? .hold,
                    hold: Bool.random(using: &random)), ifRevision: nil)
        case 9:
            .impose(
                SanctionDraft(
                    author: visitor.author?.id ?? .guest(),
                    kind: Sanction.Kind.allCases.randomElement(using: &random) ?? .ban, seconds: 5,
                    reason: "x"))
        case 10:
            Int.random(in: 0..<6, using: &random) == 0 ? .erase(visitor.author?.id ?? .guest()) : .renewLink
        default:
            .send(
                ChatDraft(
                    clientID: Bool.random(using: &random) ? "c\(text.count)" : nil, text: text, replyTo: id))
        }
    }

    /// Wherever a reader left off: what they have, with what they missed, is what there is.
    @Test(arguments: 0..<20)
    func resumingMissesNothing(_ seed: Int) {
        var random = SplitMix(seed: UInt64(seed) + 99)
        var bench = RoomBench()
        var history = ChatHistory(KeptRoom(tag: "tag"), keep: 50)
        var readers: [(after: Int, sees: [MessageID: String])] = [(0, [:])]
        var known: [MessageID] = [.random()]
        func follow(_ events: [RoomEvent], _ reader: inout (after: Int, sees: [MessageID: String])) {
            for event in events {
                reader.after = max(reader.after, event.sequence)
                switch event.kind {
                case .message(let message), .edited(let message): reader.sees[message.id] = message.text
                case .deleted(let id): reader.sees[id] = nil
                case .cleared: reader.sees = [:]
                default: break
                }
            }
        }
        for step in 0..<120 {
            bench.seconds += 1
            let id = known.randomElement(using: &random) ?? .random()
            let command: ChatCommand =
                switch Int.random(in: 0..<8, using: &random) {
                case 0: .delete(id)
                case 1: .edit(id, text: "edited \(step)")
                case 2 where Int.random(in: 0..<10, using: &random) == 0: .clear
                case 3: .pin(id)
                default: .send(ChatDraft(text: "message \(step)"))
                }
            if case .success(.message(let message)) = bench.ask(command), message.text.hasPrefix("message") {
                known.append(message.id)
            }
            for event in bench.deeds.last?.events ?? [] { history.apply(event) }
            // One of them comes back, or a new one comes.
            let place = Int.random(in: 0..<readers.count, using: &random)
            let snapshot = history.snapshot(for: nil, after: readers[place].after, tag: "tag")
            if let missed = snapshot.missed {
                #expect(missed.allSatisfy { $0.sequence > readers[place].after })
                follow(missed, &readers[place])
                readers[place].after = snapshot.sequence
            }
            readers.append((readers[place].after, readers[place].sees))
        }
        var truth: (after: Int, sees: [MessageID: String]) = (0, [:])
        follow(bench.events, &truth)
        for var reader in readers {
            let snapshot = history.snapshot(for: nil, after: reader.after, tag: "tag")
            guard let missed = snapshot.missed else {
                #expect(reader.after < history.sequence - 50, "only who was away for long starts anew")
                continue
            }
            follow(missed, &reader)
            let newest = Set(history.snapshot(for: nil, after: nil, tag: nil).messages.map(\.id))
            for id in newest { #expect(reader.sees[id] == truth.sees[id]) }
        }
    }

    @Test func anotherTagOrAnOldNumberStartsAnew() {
        var history = ChatHistory(KeptRoom(tag: "tag"), keep: 50)
        for number in 1...400 {
            let message = ChatMessage(
                id: .random(), show: RoomBench.show, sequence: number, at: Date(timeIntervalSince1970: 0),
                author: ChatAuthor(id: .guest(), name: "x"), text: "\(number)")
            history.apply(RoomEvent(sequence: number, at: message.at, kind: .message(message)))
        }
        #expect(history.snapshot(for: nil, after: 399, tag: "tag").missed?.count == 1)
        #expect(history.snapshot(for: nil, after: 400, tag: "tag").missed?.isEmpty == true)
        #expect(history.snapshot(for: nil, after: 399, tag: "other").missed == nil)
        #expect(history.snapshot(for: nil, after: 401, tag: "tag").missed == nil)
        #expect(history.snapshot(for: nil, after: 1, tag: "tag").missed == nil)
        #expect(
            history.snapshot(for: nil, after: nil, tag: nil).messages.map(\.text)
                == (351...400).map { "\($0)" })
        // Told once more, it is told once.
        let last = RoomEvent(sequence: 400, at: Date(timeIntervalSince1970: 0), kind: .unpinned)
        history.apply(last)
        #expect(history.snapshot(for: nil, after: 399, tag: "tag").missed?.count == 1)
    }
}
