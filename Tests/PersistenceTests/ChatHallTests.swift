import Chat
import Foundation
import Logging
import Media
import People
import Persistence
import ShowTimeline
import Shows
import Synchronization
import Testing
import Translation

/// Rooms over a real store: acknowledged is on disk, told in order, and a disk that fails loses nothing that was said to be
/// kept.
@Suite struct ChatHallTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private final class Heard: Sendable {
        let events = Mutex<[RoomEvent]>([])
    }

    private struct Bench {
        let folder: StoreFolder
        let store: Store
        let show: ShowID

        init() throws {
            folder = try StoreFolder()
            store = try Store(path: folder.file, logger: ChatHallTests.logger)
            show = try Conformance(store: store).show("evening").id
        }

        func hall(_ other: (any ChatStore)? = nil, _ settings: ChatSettings = ChatHallTests.loose) throws
            -> ChatHall
        {
            try ChatHall(store: other ?? store, settings: settings, logger: ChatHallTests.logger)
        }
    }

    private static var loose: ChatSettings {
        var settings = ChatSettings()
        for pace in [\ChatSettings.perAuthor, \.perAddress, \.perRoom, \.guests] {
            settings[keyPath: pace] = .init(burst: 1e5, perSecond: 1e5)
        }
        return settings
    }

    private static func guest(_ name: String) -> ChatVisitor {
        ChatVisitor(author: ChatAuthor(id: .guest(), name: name), address: "192.0.2.1")
    }

    private static let host = ChatVisitor(
        author: ChatAuthor(id: .streamKey, name: "Host", badge: .host), actor: .server, isStaff: true,
        address: "10.0.0.1")

    @Test func manyAtOnceAreInOneOrder() async throws {
        let bench = try Bench()
        let hall = try bench.hall()
        let heard = Heard()
        hall.onEvents { _, events in heard.events.withLock { $0 += events } }
        let (store, show) = (bench.store, bench.show)
        let desk = try #require(try await hall.desk(show))
        let acknowledged = try await withThrowingTaskGroup(of: [ChatMessage].self) { group in
            for person in 0..<8 {
                let visitor = Self.guest("Guest \(person)")
                group.addTask {
                    var messages: [ChatMessage] = []
                    for number in 0..<25 {
                        let draft = ChatDraft(clientID: "\(number)", text: "message \(number) of \(person)")
                        guard case .message(let message) = try await desk.perform(.send(draft), by: visitor)
                        else {
                            continue
                        }
                        // Acknowledged is on disk.
                        #expect(try store.message(message.id, of: show) == message)
                        messages.append(message)
                    }
                    return messages
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(acknowledged.count == 200)
        #expect(Set(acknowledged.map(\.sequence)) == Set(1...200))
        #expect(heard.events.withLock { $0.map(\.sequence) } == Array(1...200))
        let snapshot = desk.snapshot(for: nil)
        #expect(snapshot.sequence == 200 && snapshot.messages.count == ChatHistory.shownAtOnce)
        // Another process goes on where this one was, under the same tag.
        let again = try #require(try await bench.hall().desk(bench.show))
        let resumed = again.snapshot(for: nil, after: 150, tag: snapshot.tag)
        #expect(resumed.missed?.map(\.sequence) == Array(151...200))
        guard case .message(let next) = try await again.perform(.send(ChatDraft(text: "next")), by: Self.host)
        else {
            Issue.record("no message")
            return
        }
        #expect(next.sequence == 201)
    }

    @Test func whoSendsAgainGetsTheSameAcrossARestart() async throws {
        let bench = try Bench()
        let ada = Self.guest("Ada")
        let draft = ChatDraft(clientID: "c", text: "hello")
        let before = try #require(try await bench.hall().desk(bench.show))
        let first = try await before.perform(.send(draft), by: ada)
        let after = try #require(try await bench.hall().desk(bench.show))
        let second = try await after.perform(.send(draft), by: ada)
        #expect(first == second)
        #expect(try bench.store.messages(of: bench.show, ChatQuery()).count == 1)
    }

    @Test func aMessageThatIsLongGoneIsFoundInTheStore() async throws {
        let bench = try Bench()
        var settings = Self.loose
        settings.history = 50
        let desk = try #require(try await bench.hall(nil, settings).desk(bench.show))
        var first: ChatMessage?
        for number in 0..<80 {
            let answer = try await desk.perform(.send(ChatDraft(text: "m\(number)")), by: Self.host)
            if case .message(let message) = answer, first == nil { first = message }
        }
        let old = try #require(first)
        _ = try await desk.perform(.delete(old.id), by: Self.host)
        #expect(try bench.store.message(old.id, of: bench.show)?.state == .deleted)
        await #expect(throws: ChatRefusal.self) { try await desk.perform(.delete(.random()), by: Self.host) }
    }

    @Test func aDiskThatFailsLosesNothingThatWasAcknowledged() async throws {
        let bench = try Bench()
        let disk = FailingStore(bench.store)
        let hall = try bench.hall(disk)
        let heard = Heard()
        hall.onEvents { _, events in heard.events.withLock { $0 += events } }
        let desk = try #require(try await hall.desk(bench.show))
        let ada = Self.guest("Ada")
        var kept: [ChatMessage] = []
        for round in 0..<30 {
            disk.fails.withLock { $0 = round % 3 == 1 }
            do {
                let answer = try await desk.perform(
                    .send(ChatDraft(clientID: "\(round)", text: "r\(round)")), by: ada)
                if case .message(let message) = answer { kept.append(message) }
            } catch {
                #expect(error.code == .busy)
            }
        }
        #expect(kept.count == 20)
        #expect(try bench.store.messages(of: bench.show, ChatQuery()).map(\.id) == kept.map(\.id))
        // No number was used twice, and readers heard what was kept.
        #expect(heard.events.withLock { $0.map(\.sequence) } == kept.map(\.sequence))
        #expect(kept.map(\.sequence) == Array(1...20))
    }

    @Test func tooMuchThatWaitsIsRefused() async throws {
        let bench = try Bench()
        let disk = FailingStore(bench.store)
        var settings = Self.loose
        settings.waiting = 8
        let hall = try bench.hall(disk, settings)
        let desk = try #require(try await hall.desk(bench.show))
        let gate = DispatchSemaphore(value: 0)
        disk.gate.withLock { $0 = gate }
        let answers = Mutex<[Result<ChatAnswer, ChatRefusal>]>([])
        for number in 0..<40 {
            desk.perform(.send(ChatDraft(text: "m\(number)")), by: Self.host) { answer in
                answers.withLock { $0.append(answer) }
            }
        }
        let refused = answers.withLock {
            $0.count { if case .failure(let refusal) = $0 { refusal.code == .busy } else { false } }
        }
        #expect(refused >= 40 - 2 * 8 && refused < 40)
        disk.gate.withLock { $0 = nil }
        gate.signal()
        hall.settle()
        #expect(answers.withLock { $0.count } == 40)
        #expect(try bench.store.messages(of: bench.show, ChatQuery(limit: 100)).count == 40 - refused)
    }

    @Test func roomsThatNobodyUsesMakePlace() async throws {
        let bench = try Bench()
        var settings = Self.loose
        settings.rooms = 2
        let hall = try bench.hall(nil, settings)
        for name in ["a", "b", "c", "d"] {
            let show = try Conformance(store: bench.store).show(name).id
            let desk = try #require(try await hall.desk(show))
            _ = try await desk.perform(.send(ChatDraft(text: "x")), by: Self.host)
        }
        let open = ["a", "b", "c", "d"].compactMap { ShowID($0) }.filter { hall.openDesk($0) != nil }
        #expect(open.count == 2 && open.last?.text == "d")
        let first = try #require(ShowID("a"))
        let desk = try #require(try await hall.desk(first))
        #expect(desk.snapshot(for: nil).messages.count == 1)
        let none = try #require(ShowID("none"))
        let missing = try await hall.desk(none)
        #expect(missing == nil)
    }

    @Test func passesGoOnAfterARestart() async throws {
        let bench = try Bench()
        let desk = try #require(try await bench.hall().desk(bench.show))
        let made = try desk.guest(named: "Ada", address: "a").get()
        let passes = try bench.hall().passes
        let pass = try #require(passes.pass(made.secret))
        #expect(pass.id == made.author.id && pass.name == "Ada" && pass.show == nil)
        let renamed = try desk.guest(named: "Ada L.", pass: pass, isProtected: true, address: "a").get()
        #expect(renamed.author.id == pass.id)
        #expect(passes.pass(renamed.secret)?.show == bench.show)
        #expect(throws: ChatRefusal.self) { try desk.guest(named: "x", link: "wrong", address: "a").get() }
    }
}

/// A store whose disk can fail, and be slow.
private final class FailingStore: ChatStore {
    struct DiskFull: Error {}

    private let store: Store
    let fails = Mutex(false)
    let gate = Mutex<DispatchSemaphore?>(nil)

    init(_ store: Store) { self.store = store }

    func commit(_ deeds: [ChatDeed]) throws -> [Bool] {
        gate.withLock { $0 }?.wait()
        if fails.withLock({ $0 }) { throw DiskFull() }
        return try store.commit(deeds)
    }

    func openRoom(_ show: ShowID, keep: Int) throws -> KeptRoom? { try store.openRoom(show, keep: keep) }
    func message(_ id: MessageID, of show: ShowID) throws -> ChatMessage? { try store.message(id, of: show) }
    func messages(of show: ShowID, _ query: ChatQuery) throws -> [ChatMessage] {
        try store.messages(of: show, query)
    }
    func sanctions(of show: ShowID, isInForce: Bool, at now: Date, limit: Int) throws -> [Sanction] {
        try store.sanctions(of: show, isInForce: isInForce, at: now, limit: limit)
    }
    func exported(of show: ShowID, after: Int, limit: Int) throws -> [ExportedMessage] {
        try store.exported(of: show, after: after, limit: limit)
    }
    func messages(by author: AuthorID, limit: Int) throws -> [ChatMessage] {
        try store.messages(by: author, limit: limit)
    }
    func shows(writtenInBy author: AuthorID) throws -> [ShowID] { try store.shows(writtenInBy: author) }
    func guestKey() throws -> [UInt8] { try store.guestKey() }
    func forgetChat(before: Date) throws -> Int { try store.forgetChat(before: before) }
    func glossary(of show: ShowID) throws -> (glossary: Glossary, revision: Int) {
        try store.glossary(of: show)
    }
    func setGlossary(
        _ glossary: Glossary, of show: ShowID, ifRevision: Int?, by actor: Actor, at now: Date
    ) throws -> Int {
        try store.setGlossary(glossary, of: show, ifRevision: ifRevision, by: actor, at: now)
    }
}
