import Foundation
import Logging
import Media
import People
import Persistence
import Shopcast
import ShowTimeline
import Shows
import Synchronization
import Testing

@Suite struct ShowLogTests {
    private let folder: String
    private let store: Store
    private let log: ShowLog
    private let show: ShowID

    init() throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        folder = FileManager.default.temporaryDirectory.path + "/log-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try Store(path: folder + "/shopcast.sqlite", logger: logger)
        log = ShowLog(store: store, logger: logger)
        show = try store.createShow(
            ShowDraft(titles: [.english: "Evening"]), id: ShowID("evening"), isScheduled: true,
            once: nil, by: .commandLine, at: .now
        ).id
    }

    private func events() throws -> [TimelineEvent] { try store.events(of: show, after: 1, limit: 1000) }

    @Test func whatHappensIsWrittenInOrder() throws {
        log.feed(show, "connected", ["role": "primary"], by: .streamKey(show))
        log.move(show, .goLive, by: .server)
        for number in 0..<600 { log.feed(show, "switched", ["feed": .int(number)], isOnScreen: true) }
        log.move(show, .end, by: .commandLine)
        #expect(log.settle() == nil)
        let events = try events()
        #expect(events.count == 603 && events.map(\.sequence) == Array(2...604))
        #expect(events[0].payload["what"] == "connected" && events[0].actor == .streamKey(show))
        #expect(events[0].showTime == nil && events[2].showTime != nil)
        #expect(events[1].payload["to"] == "live" && events[602].payload["to"] == "ended")
        #expect(events[2..<602].compactMap { $0.payload["feed"]?.int } == Array(0..<600))
        #expect(try store.show(show)?.state == .ended)
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test func aMoveThatTheStoreKnowsBetterHoldsNothingUp() throws {
        log.move(show, .end, by: .server)
        log.feed(show, "lost")
        #expect(log.settle() == nil)
        #expect(try events().map { $0.payload["what"] } == ["lost"])
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test func whatCannotBeWrittenIsKeptAndTriedAgain() async throws {
        struct FullDisk: Error {}
        let isFull = Mutex(true)
        store.setWitness { _, _ in if isFull.withLock({ $0 }) { throw FullDisk() } }
        log.move(show, .goLive, by: .server)
        #expect(log.settle() != nil)
        for number in 0..<ShowLog.most * 2 { log.feed(show, "switched", ["feed": .int(number)]) }
        log.move(show, .end, by: .commandLine)
        #expect(try events().isEmpty)
        isFull.withLock { $0 = false }
        #expect(log.settle() == nil)
        let kept = try store.events(of: show, after: 1, limit: 1000)
        #expect(kept.first?.payload["to"] == "live")
        #expect(try store.show(show)?.state == .ended, "a move is never left out")
        #expect(try store.lastSequence(of: show) <= ShowLog.most + 3)
        try? FileManager.default.removeItem(atPath: folder)
    }
}
