import Foundation
import GRDB
import Hooks
import Logging
import Media
import People
import Persistence
import ShowTimeline
import Shows
import Synchronization
import Testing

/// What webhooks are told of a show: in the transaction of what happens, or not at all.
@Suite final class ShowNewsTests {
    private let folder: String
    private let store: Store
    private let hooks: SQLiteHookStore
    private let show = ShowID("evening")!
    private let wakes = Wakes()
    private let start = Date(unixMilliseconds: 1_790_000_000_000)

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/news-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try Store(
            path: folder + "/shopcast.sqlite", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        hooks = SQLiteHookStore(database: store.pool)
        _ = try hooks.keep(Webhook(url: "https://shop.example/hook", createdAt: start), noting: nil)
        _ = try store.createShow(
            ShowDraft(titles: [.english: "Evening"], start: start), id: show, isScheduled: true, once: nil,
            by: .commandLine, at: start)
        store.tellHooks(waitingLimit: 100, publicURL: "https://live.example") { [wakes] in wakes.add() }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private final class Wakes: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func add() { number.withLock { $0 += 1 } }
    }

    /// The messages that wait, oldest first, and what each says under a name.
    private func told(_ name: String) throws -> [(event: String, value: JSONValue?)] {
        try hooks.deliveries(DeliveryQuery(limit: 100)).reversed().map { delivery in
            let body = try JSONDecoder().decode(JSONValue.self, from: Data(delivery.body.utf8))
            return (delivery.event, body[name])
        }
    }

    private func feed(_ facts: [String: JSONValue]) throws {
        try store.append([
            TimelineDraft(show: show, shopTime: start, kind: .feed, payload: .object(facts), actor: .server)
        ])
    }

    @Test func aMovedShowIsTold() throws {
        var draft = try #require(try store.show(show)).draft
        draft.titles[.english] = "Another evening"
        _ = try store.editShow(show, to: draft, ifRevision: nil, by: .commandLine, at: start)
        #expect(try told("event").isEmpty, "a title is no news")
        draft.start = start.addingTimeInterval(3600)
        _ = try store.editShow(show, to: draft, ifRevision: nil, by: .commandLine, at: start)
        let told = try self.told("previousStartsAt")
        #expect(told.map(\.event) == ["show.rescheduled"])
        #expect(told.first?.value == .text(start.rfc3339))
        #expect(wakes.count == 1)

        draft.start = nil
        _ = try store.moveShow(show, .cancel, by: .commandLine, at: start)
        _ = try store.editShow(show, to: draft, ifRevision: nil, by: .commandLine, at: start)
        #expect(try self.told("event").map(\.event) == ["show.rescheduled", "show.cancelled"])
    }

    @Test func aRotatedKeyIsToldWithoutIt() throws {
        let key = try store.createKey(
            StreamKeyDraft(role: .backup), secret: "live_first", of: show, by: .commandLine, at: start)
        _ = try store.rotateKey(key.id, secret: "live_second", of: show, by: .commandLine, at: start)
        let told = try self.told("key")
        #expect(told.map(\.event) == ["key.rotated"] && told.first?.value == ["role": "backup"])
        let bodies = try hooks.deliveries(DeliveryQuery()).map(\.body).joined()
        #expect(!bodies.contains("live_") && !bodies.contains(key.id.text))
    }

    @Test func feedsAreToldWhereViewersNoticed() throws {
        try feed(["what": "connected", "role": "primary"])
        try feed(["what": "shown", "role": "primary"])
        try feed(["what": "switched", "role": "primary"])
        try feed(["what": "lost", "role": "primary", "reason": "closed"])
        try feed(["what": "slate"])
        try feed(["what": "switched", "role": "backup", "from": "primary"])
        try feed(["what": "restored", "role": "backup", "awaySeconds": .number(2.5)])
        try feed(["what": "restored", "role": "backup"])
        try feed(["what": "slate", "role": "backup", "reason": "no pictures"])
        let told = try self.told("feed")
        #expect(told.map(\.event) == ["feed.lost", "feed.switched", "feed.restored", "feed.lost"])
        #expect(
            told.map(\.value) == [
                ["role": "primary", "reason": "closed"], ["from": "primary", "to": "backup"],
                ["role": "backup", "awaySeconds": .number(2.5)],
                ["role": "backup", "reason": "no pictures"],
            ])
    }

    @Test func aRecordingIsToldOnceForEachEnd() throws {
        func outcomes() throws -> [JSONValue?] {
            try told("recording").filter { $0.event.hasPrefix("recording.") }.map(\.value)
        }
        try store.tellRecording(of: show, ["what": "ready", "seconds": 1], at: start)
        #expect(try outcomes().isEmpty, "it has not ended")
        for (event, second) in [(ShowState.Event.goLive, 1.0), (.end, 2)] {
            _ = try store.moveShow(show, event, by: .server, at: start.addingTimeInterval(second))
        }
        for second in [3.0, 4] {
            try store.tellRecording(
                of: show, ["what": "ready", "seconds": .number(61.25)],
                at: start.addingTimeInterval(second))
        }
        #expect(
            try outcomes() == [
                ["durationSeconds": .number(61.25), "url": "https://live.example/replay/evening/index.m3u8"]
            ])
        for (event, second) in [(ShowState.Event.reopen, 5.0), (.end, 6)] {
            _ = try store.moveShow(show, event, by: .server, at: start.addingTimeInterval(second))
        }
        try store.tellRecording(
            of: show, ["what": "failed", "reason": "full"], at: start.addingTimeInterval(7))
        #expect(try outcomes().last == ["reason": "full"])
    }

    @Test func aChangeOfAWebhookIsNotedWithItOrNotAtAll() throws {
        func noted() throws -> [String] {
            try store.audit(AuditQuery(action: "hook.")).items.map(\.action).reversed()
        }
        func note(_ action: String) -> AuditDraft {
            AuditDraft("hook.\(action)", subject: "hook:h", by: .commandLine, at: start)
        }
        let hook = Webhook(url: "https://shop.example/2", createdAt: start)
        #expect(try hooks.keep(hook, noting: note("create")))
        for index in 2..<Webhook.most {
            _ = try hooks.keep(
                Webhook(url: "https://shop.example/more\(index)", createdAt: start), noting: nil)
        }
        let last = Webhook(url: "https://shop.example/last", createdAt: start)
        #expect(try !hooks.keep(last, noting: note("create")), "there are enough")
        #expect(try !hooks.revive(.random(), at: start, noting: note("retry")))
        #expect(try hooks.removeHook(hook.id, noting: note("delete")))
        #expect(try !hooks.removeHook(hook.id, noting: note("delete")))
        #expect(try noted() == ["hook.create", "hook.delete"])
        // Where it cannot be noted, it is not done.
        try store.pool.write { try $0.execute(sql: "ALTER TABLE audit RENAME TO away") }
        #expect(throws: (any Error).self) { try hooks.keep(hook, noting: note("create")) }
        #expect(try hooks.hook(hook.id) == nil)
    }
}
