import Chat
import Foundation
import Logging
import Media
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Translation

/// The fan-out with its queues and event loops, and readers that are made up.
struct FanoutTests {
    static let show = RoomBench.show

    /// A reader's line: what it was given is kept, for any thread to look at.
    final class Line: Seat, Sendable {
        struct State {
            var takesMore = true
            var frames: [(text: String, id: String?, sheet: ObjectIdentifier)] = []
            var isRemoved = false
            /// How often it was told that something without a number was lost.
            var losses = 0
        }

        let loop: any EventLoop
        let state = Mutex(State())
        /// Its place in the room; on the loop only.
        let reader = Mutex<NIOLoopBound<Reader>?>(nil)

        init(_ loop: any EventLoop) { self.loop = loop }

        var takesMore: Bool { state.withLock { $0.takesMore } }
        func put(_ sheet: Sheet) {
            state.withLock {
                $0.frames.append((String(buffer: sheet.content), sheet.id, ObjectIdentifier(sheet)))
            }
        }
        func remove() { state.withLock { $0.isRemoved = true } }
        func hasLostUnnumbered() { state.withLock { $0.losses += 1 } }

        var events: [[String: Any]] {
            state.withLock { $0.frames }.flatMap { frame in
                (try? JSONSerialization.jsonObject(with: Data(frame.text.utf8))) as? [[String: Any]] ?? []
            }
        }

        func texts() -> [String] {
            events.filter { $0["type"] as? String == "message" }.compactMap { $0["text"] as? String }
        }

        func numbers() -> [Int] {
            events.filter { $0["type"] as? String == "message" }.compactMap { $0["seq"] as? Int }
        }
    }

    struct House: Sendable {
        let hall: ChatHall
        let fanout: Fanout
        let desk: ChatDesk
        let group = MultiThreadedEventLoopGroup.singleton

        init(
            translation: TranslationDesk? = nil, _ change: (inout Fanout.Settings) -> Void = { _ in }
        ) async throws {
            var settings = Fanout.Settings()
            settings.pace = .init(burst: 1e6, perSecond: 1e6)
            change(&settings)
            hall = try ChatHall(
                store: ForgetfulStore(), settings: RoomBench.loose, language: { _, prior in prior },
                logger: Logger(label: "test"))
            fanout = Fanout(hall: hall, settings: settings, translation: translation)
            desk = try #require(try await hall.desk(FanoutTests.show))
        }

        func reader(
            _ language: String, author: AuthorID? = nil, after: Int? = nil, on loop: (any EventLoop)? = nil
        ) async throws -> Line {
            let loop = loop ?? group.next()
            let line = Line(loop)
            let (fanout, desk) = (fanout, desk)
            let tag = LanguageTag(language) ?? .undetermined
            try await loop.submit {
                let (room, reader) = fanout.enter(
                    FanoutTests.show, line, language: tag, author: author, on: loop)
                room.begin(
                    reader, at: desk, .init(standing: ReaderStanding(), after: after, tag: "tag"), on: loop)
                line.reader.withLock { $0 = NIOLoopBound(reader, eventLoop: loop) }
            }.get()
            try await line.until { $0.events.contains { $0["type"] as? String == "hello" } }
            return line
        }

        @discardableResult
        func say(_ text: String, _ visitor: ChatVisitor = RoomBench.guest("A")) async throws -> ChatMessage? {
            guard
                case .message(let message) = try await desk.perform(.send(ChatDraft(text: text)), by: visitor)
            else { return nil }
            return message
        }
    }

    @Test func oneFrameOfATickIsSharedByAllReadersOfALanguageOnALoop() async throws {
        let house = try await House { $0.tick = .milliseconds(300) }
        var lines: [Line] = []
        for _ in 0..<8 { lines.append(try await house.reader("en")) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<5 { tasks.addTask { try await house.say("Number \(number) of five") } }
            try await tasks.waitForAll()
        }
        for line in lines { try await line.until { $0.texts().count == 5 } }
        // Two loops or more; on each, the very same bytes for all of its readers.
        for loop in Set(lines.map { ObjectIdentifier($0.loop) }) {
            let mine = lines.filter { ObjectIdentifier($0.loop) == loop }
            let sheets = Set(
                mine.flatMap { line in
                    line.state.withLock { $0.frames.filter { $0.text.contains("of five") }.map(\.sheet) }
                })
            #expect(sheets.count == 1)
        }
        let id = lines[0].state.withLock { $0.frames.last { $0.text.contains("of five") }?.id }
        #expect(id == "tag-5")
    }

    @Test func aSlowReaderLosesTheOldestAndOthersNothing() async throws {
        let house = try await House {
            $0.tick = .milliseconds(1)
            $0.backlog = 4096
        }
        let quick = try await house.reader("en")
        let slow = try await house.reader("en")
        slow.state.withLock { $0.takesMore = false }
        for number in 1...40 { try await house.say("\(number) " + String(repeating: "long ", count: 40)) }
        try await quick.until { $0.numbers().count == 40 }
        slow.state.withLock { $0.takesMore = true }
        try await slow.catchUp()
        try await slow.until { $0.numbers().last == 40 }
        let gap = try #require(slow.events.first { $0["type"] as? String == "gap" })
        let (from, to) = (try #require(gap["from"] as? Int), try #require(gap["to"] as? Int))
        #expect(from == 1 && slow.numbers() == Array(to + 1...40))
        #expect(!slow.state.withLock { $0.isRemoved })
        // And keeps up again.
        try await house.say("All is well")
        try await slow.until { $0.texts().last == "All is well" }
    }

    @Test func whoComesWhileOthersWriteMissesNothingAndGetsNothingTwice() async throws {
        let house = try await House { $0.tick = .milliseconds(2) }
        let writing = Task {
            for number in 1...300 { try await house.say("\(number)") }
        }
        var lines: [Line] = []
        for _ in 0..<40 { lines.append(try await house.reader("en")) }
        try await writing.value
        for line in lines {
            try await line.until { $0.numbers().last == 300 || $0.helloNumbers().last == 300 }
            let all = line.helloNumbers() + line.numbers()
            #expect(all == Array((301 - all.count)...300), "\(all)")
        }
    }

    @Test func whoComesBackGetsWhatTheyMissed() async throws {
        let house = try await House { $0.tick = .milliseconds(2) }
        for number in 1...20 { try await house.say("\(number)") }
        let back = try await house.reader("en", after: 7)
        try await back.until { $0.numbers().last == 20 }
        #expect(back.numbers() == Array(8...20))
        #expect(back.helloNumbers().isEmpty)
    }

    @Test func aShadowBannedAuthorHearsThemselvesAndNobodyElseDoes() async throws {
        let house = try await House { $0.tick = .milliseconds(2) }
        let author = RoomBench.guest("Shadow", 7)
        let own = try await house.reader("en", author: author.author?.id)
        let other = try await house.reader("en")
        let draft = SanctionDraft(author: try #require(author.author?.id), kind: .shadow, reason: "test")
        _ = try await house.desk.perform(.impose(draft), by: RoomBench.host)
        try await house.say("Does anybody hear me?", author)
        try await house.say("Good evening")
        try await own.until { $0.texts().contains("Good evening") }
        try await other.until { $0.texts().contains("Good evening") }
        #expect(Set(own.texts()) == ["Does anybody hear me?", "Good evening"])
        #expect(other.texts() == ["Good evening"])
    }

    /// Who goes on after a drop names the highest number they have: what is lower must have come before it.
    @Test func theirOwnWordsComeToAShadowBannedAuthorInOrder() async throws {
        let house = try await House { $0.tick = .milliseconds(300) }
        let author = RoomBench.guest("Shadow", 7)
        let own = try await house.reader("en", author: author.author?.id)
        let draft = SanctionDraft(author: try #require(author.author?.id), kind: .shadow, reason: "test")
        _ = try await house.desk.perform(.impose(draft), by: RoomBench.host)
        // In one tick, as good as always.
        for number in 1...3 {
            try await house.say("Own \(number)", author)
            try await house.say("Others' \(number)")
        }
        try await house.say("Own 4", author)
        // Who comes meanwhile has them already.
        let late = try await house.reader("en", author: author.author?.id)
        let other = try await house.reader("en")
        try await house.say("The last")
        let all = [
            "Own 1", "Others' 1", "Own 2", "Others' 2", "Own 3", "Others' 3", "Own 4", "The last",
        ]
        for line in [own, late, other] { try await line.until { $0.texts().last == "The last" } }
        #expect(own.texts() == all)
        #expect(late.helloTexts() + late.texts() == all)
        #expect(other.helloTexts() + other.texts() == all.filter { !$0.hasPrefix("Own") })
        // Every frame says how far it goes.
        for line in [own, late] {
            for frame in line.state.withLock({ $0.frames }) {
                guard frame.text.contains("\"type\":\"message\"") else { continue }
                let numbers = frame.text.matches(of: /"seq":(\d+)/).compactMap { Int($0.1) }
                #expect(frame.id == numbers.max().map { "tag-\($0)" })
            }
        }
    }

    @Test func aRoomWithoutReadersIsGivenUp() async throws {
        let house = try await House()
        let line = try await house.reader("en")
        #expect(house.hall.readers(of: Self.show) == 1)
        try await line.leave(house)
        #expect(house.hall.readers(of: Self.show) == 0)
        #expect(house.fanout.readers == 0)
    }

    private func phrasebook() throws -> TranslationDesk {
        TranslationDesk(phrasebook: try Phrasebook.bundled(), engines: [])
    }

    @Test func beyondTheBoundOfLanguagesMessagesComeAsTheyWereWritten() async throws {
        let house = try await House(translation: phrasebook()) { $0.languages = 2 }
        for (language, told) in [("en", "en"), ("es", "es"), ("fr", "und"), ("es", "es")] {
            #expect(try await house.reader(language).events.first?["language"] as? String == told)
        }
    }

    @Test func languagesThatNothingIsTranslatedIntoTakeNoPlaces() async throws {
        let house = try await House(translation: phrasebook()) { $0.languages = 3 }
        for language in ["aa", "ab", "ac", "ad"] {
            #expect(try await house.reader(language).events.first?["language"] as? String == "und")
        }
        let reader = try await house.reader("es")
        try await house.say("Is it available in red?", RoomBench.guest("A"))
        try await reader.until { $0.texts().count == 1 }
        #expect(reader.events.first?["language"] as? String == "es")
    }
}

extension FanoutTests.Line {
    func catchUp() async throws {
        try await loop.submit { self.reader.withLock { $0 }?.value.caughtUp() }.get()
    }

    func leave(_ house: FanoutTests.House) async throws {
        try await loop.submit {
            guard let reader = self.reader.withLock({ $0 })?.value else { return }
            // Through the room, as a guest does.
            let (room, own) = house.fanout.enter(
                FanoutTests.show, self, language: .english, author: nil, on: self.loop)
            room.leave(own, on: self.loop)
            room.leave(reader, on: self.loop)
        }.get()
    }

    private var helloMessages: [[String: Any]] {
        let hello = events.first { $0["type"] as? String == "hello" }
        return hello?["messages"] as? [[String: Any]] ?? []
    }

    func helloNumbers() -> [Int] { helloMessages.compactMap { $0["seq"] as? Int } }
    func helloTexts() -> [String] { helloMessages.compactMap { $0["text"] as? String } }

    func until(_ condition: (FanoutTests.Line) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !condition(self) {
            guard ContinuousClock.now < end else {
                Issue.record("waited in vain; came: \(state.withLock { $0.frames.map(\.text) }.suffix(5))")
                return
            }
            await Task.yield()
        }
    }
}
