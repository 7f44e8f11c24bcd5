import Chat
import Foundation
import Media
import NIOCore
import People
import Testing

/// The pure parts of the fan-out: what a flood leaves, what a slow reader loses, what is written.
struct FanoutPartsTests {
    private static let show = ShowID("show")!

    private static func event(_ sequence: Int, _ badge: ChatBadge? = nil) -> RoomEvent {
        let author = ChatAuthor(id: .guest(), name: "A", badge: badge)
        let message = ChatMessage(
            id: .random(), show: show, sequence: sequence, at: .now, author: author, text: "\(sequence)")
        return RoomEvent(sequence: sequence, at: .now, kind: .message(message))
    }

    private static func sheet(_ numbers: [Int], chat: Bool = true, size: Int = 100) -> Sheet {
        let json = ByteBuffer(string: "{\"x\":\"" + String(repeating: "x", count: size - 8) + "\"}")
        return Sheet(SheetText(numbers.map { (json, $0, chat) }), id: nil)
    }

    // MARK: Samples

    @Test func whatCanBeReadIsLeftAsItIs() {
        var sample = FairSample(.init(burst: 100, perSecond: 100))
        var random = SystemRandomNumberGenerator()
        let events = (1...100).map { Self.event($0) }
        let choice = sample.choose(from: events, now: 1, using: &random)
        #expect(choice.events == events)
        #expect(choice.dropped == 0 && choice.span == nil)
    }

    @Test func aFloodIsSampledAndNobodyWhoRunsTheRoomIsLost() {
        var sample = FairSample(.init(burst: 10, perSecond: 10))
        var random = SystemRandomNumberGenerator()
        let staff: Set = [50, 500, 999]
        let events = (1...1000).map { Self.event($0, staff.contains($0) ? .host : nil) }
        let choice = sample.choose(from: events, now: 1, using: &random)
        let numbers = choice.events.map(\.sequence)
        #expect(numbers == numbers.sorted())
        #expect(staff.isSubset(of: numbers))
        #expect(numbers.count == 13)
        #expect(choice.dropped == 987)
        #expect(choice.span.map { $0.lowerBound >= 1 && $0.upperBound <= 1000 } == true)
        // A second later there is room for ten more.
        let later = sample.choose(from: (1001...1100).map { Self.event($0) }, now: 2, using: &random)
        #expect(later.events.count == 10)
    }

    @Test func everyMessageHasTheSameChance() {
        var counts = [Int](repeating: 0, count: 20)
        var random = SystemRandomNumberGenerator()
        let events = (0..<20).map { Self.event($0 + 1) }
        for _ in 0..<4000 {
            var sample = FairSample(.init(burst: 5, perSecond: 0))
            for event in sample.choose(from: events, now: 0, using: &random).events {
                counts[event.sequence - 1] += 1
            }
        }
        // 1000 expected for each, with a deviation of 27.
        #expect(counts.allSatisfy { (800...1200).contains($0) })
    }

    @Test func whatWasChosenBeforeIsShortenedFromItsOldEnd() {
        var choice = FairSample.Choice(events: [Self.event(1), Self.event(2, .host), Self.event(3)])
        choice.dropped = 4
        choice.span = 5...9
        var later = FairSample.Choice(events: (10...14).map { Self.event($0) })
        later.dropped = 1
        later.span = 12...12
        choice.add(later)
        #expect(choice.dropped == 5 && choice.span == 5...12)
        choice.shorten(to: 8)
        #expect(choice.events.count == 8)
        choice.shorten(to: 4)
        // What those say who run the room stays, whatever its age.
        #expect(choice.events.map(\.sequence) == [2, 12, 13, 14])
        #expect(choice.dropped == 9 && choice.span == 1...12)
    }

    // MARK: Slow readers

    @Test func theOldestMessagesAreLostFirstAndToldAsOneGap() {
        var backlog = Backlog(limit: 1000)
        for number in 1...20 { #expect(backlog.add(Self.sheet([number])) != nil) }
        #expect(backlog.bytes <= 1000)
        #expect(backlog.lost?.lowerBound == 1 && !backlog.hasLostUnnumbered)
        let gap = backlog.next().map { String(buffer: $0.content) }
        #expect(gap == #"[{"type":"gap","from":1,"to":11}]"#)
        var left = 0
        while backlog.next() != nil { left += 1 }
        #expect(left == 9)
        #expect(backlog.isEmpty && backlog.bytes == 0)
    }

    @Test func whatIsNoMessageIsKeptOutOfAMixedFrame() throws {
        var backlog = Backlog(limit: 500)
        let message = ByteBuffer(string: #"{"type":"message","seq":1}"#)
        let mode = ByteBuffer(string: #"{"type":"mode","seq":2}"#)
        _ = backlog.add(Sheet(SheetText([(message, 1, true), (mode, 2, false)]), id: nil))
        #expect(backlog.add(Self.sheet([3], size: 460)) == 1)
        #expect(backlog.lost == 1...1)
        _ = backlog.next()
        let next = backlog.next()
        let kept = try #require(next)
        #expect(String(buffer: kept.content) == #"[{"type":"mode","seq":2}]"#)
    }

    @Test func whatHasNoNumberIsCountedWhenItIsLost() {
        var backlog = Backlog(limit: 500)
        // Captions, and translations of messages.
        let counts = (1...8).map { _ in backlog.add(Self.sheet([0, 0], size: 100)) }
        #expect(counts == [0, 0, 2, 2, 2, 2, 2, 2])
        #expect(backlog.lost == nil && backlog.hasLostUnnumbered, "there is no gap between numbers")
        #expect(backlog.add(Self.sheet([7, 0, 8], size: 160)) == 4)
        #expect(backlog.lost == nil)
        #expect(backlog.add(Self.sheet([9], size: 100)) == 3)
        #expect(backlog.lost == 7...8)
    }

    @Test func tooMuchThatMustNotBeLostIsTold() {
        var backlog = Backlog(limit: 500)
        for number in 1...4 { #expect(backlog.add(Self.sheet([number], chat: false)) != nil) }
        #expect(backlog.add(Self.sheet([6], chat: false)) == nil)
    }

    @Test func aFrameCanBeCutToWhatIsNew() throws {
        let text = SheetText((1...5).map { (ByteBuffer(string: "{\"n\":\($0)}"), $0, true) })
        #expect(text.first == 1 && text.last == 5)
        let part = try #require(text.part { $0.sequence > 3 })
        #expect(String(buffer: part.content) == "[{\"n\":4},{\"n\":5}]")
        #expect(part.first == 4 && part.last == 5)
        #expect(text.part { $0.sequence > 5 } == nil)
    }

    @Test func twoFramesAreOneInTheOrderOfTheirNumbers() {
        func text(_ numbers: [Int]) -> SheetText {
            SheetText(numbers.map { (ByteBuffer(string: "{\"n\":\($0)}"), $0, true) })
        }
        let merged = text([2, 5]).merged(with: text([1, 3, 0]))
        #expect(String(buffer: merged.content) == #"[{"n":1},{"n":2},{"n":3},{"n":5}]"#)
        #expect(merged.first == 1 && merged.last == 5)
        #expect(text([2]).merged(with: nil).last == 2)
    }

    // MARK: JSON

    @Test func anyTextIsGoodJSON() throws {
        let texts = [
            "", "plain", "\"quoted\" \\ back", "line\nfeed\r\ttab", "\u{0}\u{1F}\u{7F}",
            "</script><img onerror=x>",
            "你好 สวัสดี 🎉\u{2028}\u{2029}", String(repeating: "\"", count: 300),
        ]
        for text in texts {
            var pen = JSONPen()
            pen.beginObject()
            pen.member("text", text)
            pen.member("number", -5)
            pen.member("flag", true)
            pen.name("list")
            pen.beginArray()
            pen.value(text)
            pen.value("b")
            pen.endArray()
            pen.member(named: text, 1)
            pen.endObject()
            let bytes = Data(pen.bytes.readableBytesView)
            #expect(!bytes.contains(0x0A))
            let object = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
            #expect(object["text"] as? String == text)
            #expect(object["list"] as? [String] == [text, "b"])
            #expect(object["number"] as? Int == -5)
        }
    }

    // MARK: Clients' words

    private static func read(_ text: String) -> ClientWord? {
        try? ClientWord.read(ByteBuffer(string: text)).get()
    }

    @Test func wordsAreRead() throws {
        let hello = Self.read(#"{"type":"hello","v":1,"language":"pt-br","after":7,"room":"r1","guest":"s"}"#)
        #expect(
            hello
                == .hello(
                    .init(
                        version: 1, language: LanguageTag("pt-BR"), after: 7, room: "r1", guest: "s",
                        link: nil)))
        let id = MessageID.random().text
        #expect(
            Self.read(#"{"type":"send","id":"a1","text":"hi","replyTo":"\#(id)","more":{"x":[1]}}"#)
                == .send(id: "a1", text: "hi", replyTo: id))
        #expect(Self.read(#"{"type":"edit","message":"\#(id)","text":"x"}"#) == .edit(id, text: "x"))
        #expect(Self.read(#"{"type":"delete","message":"\#(id)"}"#) == .delete(id))
        #expect(Self.read(#"{"type":"name","name":"Ana","link":"l"}"#) == .name("Ana", link: "l"))
        #expect(Self.read(#"{"type":"react","emoji":"❤️"}"#) == .react("❤️"))
        #expect(Self.read(#"{"type":"language","language":"zh-Hans"}"#) == .language(LanguageTag("zh-Hans")!))
        #expect(
            Self.read(#"{"type":"captions","languages":["es","zh-Hans"]}"#)
                == .captions([LanguageTag("es")!, LanguageTag("zh-Hans")!]))
        #expect(Self.read(#"{"type":"captions","languages":[]}"#) == .captions([]))
        #expect(
            Self.read(#"{"type":"booth","language":"es","act":"hand"}"#)
                == .booth(LanguageTag("es")!, .hand))
        #expect(Self.read(#"{"type":"booth","language":"es","act":"sing"}"#) == nil)
        #expect(
            Self.read(#"{"type":"caption","id":"1","language":"es","text":"hola"}"#)
                == .caption(.init(id: "1", language: LanguageTag("es")!, text: "hola")))
        #expect(
            Self.read(
                #"{"type":"caption","id":"1","language":"es","text":"","start":1790000000000,"end":"soon","final":false,"edit":7}"#
            )
                == .caption(
                    .init(
                        id: "1", language: LanguageTag("es")!, text: "", start: .number(1_790_000_000_000),
                        end: .text("soon"), isFinal: false, edit: 7)))
        #expect(Self.read(#"{"type":"ping"}"#) == .ping)
        #expect(Self.read(#"{"type":"dance"}"#) == .unknown)
    }

    @Test(arguments: [
        "", "[]", "null", "42", "{", "{}", #"{"type":1}"#, #"{"type":"hello"}"#, #"{"type":"hello","v":"1"}"#,
        #"{"type":"send","text":"x"}"#, #"{"type":"send","id":"","text":"x"}"#,
        #"{"type":"send","id":"a b","text":"x"}"#,
        #"{"type":"send","id":"a"}"#,
        #"{"type":"edit","message":"x"}"#, #"{"type":"delete"}"#,
        #"{"type":"language","language":"!"}"#,
        #"{"type":"captions"}"#, #"{"type":"captions","languages":["en","es","pt","fr"]}"#,
        #"{"type":"captions","languages":["!"]}"#, #"{"type":"captions","languages":"en"}"#,
        #"{"type":"caption","language":"es","text":"x"}"#, #"{"type":"caption","id":"1","text":"x"}"#,
        #"{"type":"caption","id":"1","language":"es"}"#,
        #"{"type":"caption","id":"1","language":"es","text":"x","start":true}"#,
        #"{"type":"caption","id":"1","language":"es","text":"x","edit":"7"}"#,
        #"{"type":"name"}"#, #"{"type":"react"}"#, #"{"type":"hello","v":1e400}"#, "\u{FEFF}{}",
    ])
    func whatIsNoWordIsRefused(_ text: String) {
        #expect(Self.read(text) == nil)
    }

    @Test func deepNestingIsRefusedQuietly() {
        for opening in ["[", "{\"a\":"] {
            #expect(Self.read(String(repeating: opening, count: 8000 / opening.count)) == nil)
        }
    }
}
