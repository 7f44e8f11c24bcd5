import Foundation
import Media
import People
import ShowTimeline
import Shows
import Testing

extension Conformance {
    static var shows: [String: Proof] {
        [
            "a show is kept as made": { own in
                let ada = try own.person("ada")
                let chinese = try #require(LanguageTag("zh-Hans"))
                let draft = ShowDraft(
                    titles: [.english: "Evening", chinese: "晚"], descriptions: [chinese: "一行\n两行"],
                    language: chinese, hosts: [ada.id], start: own.later(3600), lengthMinutes: 90,
                    zone: "Asia/Shanghai", recurrence: Recurrence(until: own.later(86_400 * 60)),
                    visibility: .token, tags: ["tea", "茶"], profile: .low, source: false, rungs: [720, 360],
                    rehearsal: false, startsWithFeed: true, embedOrigins: ["https://shop.example"],
                    encrypt: .aes128, srtPassphrase: "0123456789", slate: "/slate.png")
                let made = try own.store.createShow(
                    draft, id: nil, isScheduled: false, once: nil, by: .person(ada.id), at: own.now)
                #expect(made.draft == draft && made.state == .draft && made.revision == 1)
                #expect(made.id.text == "evening", "of the first title that has Latin letters")
                #expect(try own.store.show(made.id) == made)
                #expect(try own.actions("show:evening") == ["show.create"])
                own.conflicts("evening") { try own.show("evening") }
                own.refuses(["hosts.1"]) { try own.show("other", own.draft(hosts: [ada.id, .random()])) }
                #expect(try own.store.show(try #require(ShowID("other"))) == nil, "all or nothing")
                own.refuses(["titles"]) { try own.show("other", ShowDraft(titles: [:])) }
            },
            "an edit names its revision": { own in
                let show = try own.show("evening")
                var draft = show.draft
                draft.tags = ["new"]
                let edited = try own.store.editShow(
                    show.id, to: draft, ifRevision: 1, by: .commandLine, at: own.later(5))
                #expect(edited.tags == ["new"] && edited.revision == 2 && edited.updatedAt == own.later(5))
                #expect(throws: DomainFault.stale(current: 2)) {
                    try own.store.editShow(show.id, to: draft, ifRevision: 1, by: .commandLine, at: own.now)
                }
                let same = try own.store.editShow(
                    show.id, to: draft, ifRevision: 2, by: .commandLine, at: own.later(9))
                #expect(same == edited, "nothing has changed")
                draft.srtPassphrase = "secret passphrase"
                _ = try own.store.editShow(show.id, to: draft, ifRevision: nil, by: .commandLine, at: own.now)
                let entry = try #require(try own.store.audit(AuditQuery(subject: "show:evening")).items.first)
                #expect(entry.details["fields"] == ["srtPassphrase"])
                own.misses {
                    _ = try own.store.editShow(
                        try #require(ShowID("nobody")), to: draft, ifRevision: nil, by: .commandLine,
                        at: own.now)
                }
            },
            "every move is as the table says, and told": { own in
                for (place, state) in ShowState.allCases.enumerated() {
                    for event in ShowState.Event.allCases {
                        let id = "s\(place)-\(event.rawValue.lowercased())"
                        let show = try own.show(id, isScheduled: false)
                        for step in Self.way(to: state) {
                            _ = try own.store.moveShow(show.id, step, by: .commandLine, at: own.now)
                        }
                        let before = try own.store.lastSequence(of: show.id)
                        guard let after = state.after(event) else {
                            own.conflicts(state.rawValue, event.words) {
                                _ = try own.store.moveShow(show.id, event, by: .commandLine, at: own.now)
                            }
                            #expect(try own.store.lastSequence(of: show.id) == before)
                            continue
                        }
                        let moved = try own.store.moveShow(show.id, event, by: .commandLine, at: own.later(7))
                        #expect(moved.show.state == after && moved.next == nil)
                        #expect(
                            moved.show.liveSince == (after == .live ? own.later(7) : moved.show.liveSince))
                        #expect((moved.show.endedAt == own.later(7)) == (event == .end))
                        let told = try own.store.events(of: show.id, after: before, limit: 10)
                        #expect(
                            told.map(\.kind) == [.state] && told[0].payload["to"] == .text(after.rawValue))
                    }
                }
            },
            "drafts and cancelled shows can be deleted, with what is theirs": { own in
                let show = try own.show("evening")
                _ = try own.store.createKey(
                    StreamKeyDraft(), secret: "live_x", of: show.id, by: .commandLine, at: own.now)
                own.conflicts("scheduled") {
                    try own.store.deleteShow(show.id, by: .commandLine, at: own.now)
                }
                _ = try own.store.moveShow(show.id, .cancel, by: .commandLine, at: own.now)
                try own.store.deleteShow(show.id, by: .commandLine, at: own.now)
                #expect(try own.store.show(show.id) == nil)
                #expect(try own.store.goodKeys(of: nil).isEmpty)
                #expect(try own.store.events(of: show.id, after: 0, limit: 10).isEmpty)
                own.misses { try own.store.deleteShow(show.id, by: .commandLine, at: own.now) }
            },
            "shows of one host do not overlap": { own in
                let (ada, bob) = (try own.person("ada"), try own.person("bob"))
                let first = try own.show("first", own.draft(hosts: [ada.id], start: own.later(3600)))
                let meeting = own.draft(hosts: [bob.id, ada.id], start: own.later(5400))
                own.conflicts("first") { try own.show("second", meeting) }
                let second = try own.show("second", own.draft(hosts: [bob.id], start: own.later(5400)))
                own.conflicts("first") {
                    _ = try own.store.editShow(
                        second.id, to: meeting, ifRevision: nil, by: .commandLine, at: own.now)
                }
                own.conflicts("first") {
                    try own.store.setMember(
                        Membership(person: ada.id, show: second.id, role: .host), by: .commandLine,
                        at: own.now)
                }
                var moved = first.draft
                moved.start = own.later(3700)
                _ = try own.store.editShow(
                    first.id, to: moved, ifRevision: nil, by: .commandLine, at: own.now)
                _ = try own.store.moveShow(first.id, .cancel, by: .commandLine, at: own.now)
                _ = try own.store.editShow(
                    second.id, to: meeting, ifRevision: nil, by: .commandLine, at: own.now)
            },
            "a weekly show makes the next when it ends": { own in
                let ada = try own.person("ada")
                let start = try #require(Date(rfc3339: "2026-10-18T18:00:00Z"))
                var draft = own.draft(hosts: [ada.id], start: start)
                (draft.zone, draft.recurrence) = ("Europe/Berlin", Recurrence())
                let show = try own.show("sunday", draft)
                let key = try own.store.createKey(
                    StreamKeyDraft(), secret: "live_weekly", of: show.id, by: .commandLine, at: own.now)
                _ = try own.store.moveShow(show.id, .goLive, by: .server, at: start)
                let ended = try own.store.moveShow(
                    show.id, .end, by: .server, at: start.addingTimeInterval(3600))
                let next = try #require(ended.next)
                #expect(next.id.text == "sunday-20261025" && next.series == show.id)
                #expect(next.start?.rfc3339 == "2026-10-25T19:00:00.000Z" && next.state == .scheduled)
                #expect(next.hosts == [ada.id])
                let shared = try own.store.goodKeys(of: nil).filter { $0.hash.admits("live_weekly") }
                #expect(Set(shared.map(\.show)) == [show.id, next.id])
                // Ended once more, it makes no second one; and a leaked key is shut everywhere.
                _ = try own.store.moveShow(show.id, .reopen, by: .server, at: start)
                let again = try own.store.moveShow(
                    show.id, .end, by: .server, at: start.addingTimeInterval(3700))
                #expect(again.next == nil)
                _ = try own.store.revokeKey(key.id, of: show.id, by: .commandLine, at: own.now)
                #expect(try own.store.goodKeys(of: nil).isEmpty)
                _ = try own.store.moveShow(next.id, .goLive, by: .server, at: start)
                let third = try own.store.moveShow(
                    next.id, .end, by: .server, at: try #require(next.start?.addingTimeInterval(1)))
                #expect(third.next?.id.text == "sunday-20261101" && third.next?.series == show.id)
            },
            "shows are found, page by page": { own in
                let ada = try own.person("ada")
                for number in 0..<7 {
                    var draft = own.draft(
                        number == 3 ? "Grüner Tee" : "Show \(number)", hosts: number == 2 ? [ada.id] : [],
                        start: number == 6 ? nil : own.later(Double(10 - number) * 86_400))
                    draft.tags = number % 2 == 0 ? ["even"] : []
                    draft.visibility = number == 5 ? .unlisted : .public
                    try own.show("show-\(number)", draft, isScheduled: number != 4)
                }
                func names(_ query: ShowQuery) throws -> [String] {
                    var (query, found) = (query, [String]())
                    repeat {
                        let page = try own.store.shows(query)
                        #expect(page.items.count <= query.limit)
                        found += page.items.map(\.id.text)
                        query.cursor = page.next
                    } while query.cursor != nil
                    return found.map { String($0.dropFirst(5)) }
                }
                #expect(try names(ShowQuery(limit: 2)) == ["5", "4", "3", "2", "1", "0", "6"])
                #expect(
                    try names(ShowQuery(order: .latest, limit: 3)) == ["0", "1", "2", "3", "4", "5", "6"])
                #expect(try names(ShowQuery(order: .updated, limit: 1)).count == 7)
                #expect(try names(ShowQuery(states: [.draft])) == ["4"])
                #expect(try names(ShowQuery(states: [])) == [])
                #expect(try names(ShowQuery(visibilities: [.unlisted, .token])) == ["5"])
                #expect(try names(ShowQuery(tag: "even", limit: 2)) == ["4", "2", "0", "6"])
                #expect(try names(ShowQuery(host: ada.id)) == ["2"])
                #expect(try names(ShowQuery(member: ada.id)) == ["2"])
                #expect(try names(ShowQuery(text: "GRÜNER")) == ["3"])
                #expect(try names(ShowQuery(text: "'; DROP TABLE show; --")) == [])
                #expect(try names(ShowQuery(from: own.later(8 * 86_400), to: own.later(9 * 86_400))) == ["2"])
                #expect(try own.store.showCounts() == [.scheduled: 6, .draft: 1])
                #expect(try own.store.facts().count == 7)
                own.refuses(["cursor"]) { _ = try own.store.shows(ShowQuery(cursor: "zzz")) }
            },
            "keys are rotated and revoked": { own in
                let show = try own.show("evening")
                let first = try own.store.createKey(
                    StreamKeyDraft(role: .backup, label: "van"), secret: "live_first", of: show.id,
                    by: .commandLine, at: own.now)
                let known = try own.store.goodKeys(of: show.id)
                #expect(known.map(\.id) == [first.id] && known[0].hash.admits("live_first"))
                #expect(known[0].role == .backup)
                let second = try own.store.rotateKey(
                    first.id, secret: "live_second", of: show.id, by: .commandLine, at: own.later(1))
                #expect(second.role == .backup && second.label == "van")
                #expect(try own.store.goodKeys(of: show.id).map(\.id) == [second.id])
                own.conflicts("revoked") {
                    _ = try own.store.revokeKey(first.id, of: show.id, by: .commandLine, at: own.now)
                }
                try own.store.noteKey(second.id, at: own.later(2))
                let all = try own.store.keys(of: show.id)
                #expect(all.map(\.id) == [second.id, first.id] && all[0].lastUsedAt == own.later(2))
                _ = try own.store.revokeKey(second.id, of: show.id, by: .commandLine, at: own.now)
                #expect(try own.store.goodKeys(of: nil).isEmpty)
                own.misses {
                    _ = try own.store.revokeKey(.random(), of: show.id, by: .commandLine, at: own.now)
                }
                let log = try own.actions("show:evening")
                #expect(log == ["show.create", "key.create", "key.rotate", "key.revoke"])
            },
            "a cover is set and taken away": { own in
                let show = try own.show("evening")
                let cover = CoverID(of: [1, 2, 3])
                #expect(
                    try own.store.setCover(cover, of: show.id, by: .commandLine, at: own.now).cover == cover)
                #expect(try own.store.show(show.id)?.cover == cover)
                #expect(try own.store.setCover(nil, of: show.id, by: .commandLine, at: own.now).revision == 3)
            },
            "the settings file makes shows, and decides where it changes": { own in
                let id = try #require(ShowID("evening"))
                var entry = SettingsShow(
                    id: id, draft: own.draft("Evening"), keys: [.init(role: .primary, secret: "key-one")],
                    state: .ended)
                try own.store.adopt([entry], at: own.now)
                let made = try #require(try own.store.show(id))
                #expect(made.state == .ended && made.title() == "Evening")
                let key = try #require(try own.store.keys(of: id).first)
                #expect(key.isFromSettings)
                var draft = made.draft
                draft.titles = [.english: "By an operator"]
                _ = try own.store.editShow(id, to: draft, ifRevision: nil, by: .commandLine, at: own.now)
                try own.store.adopt([entry], at: own.now)
                #expect(try own.store.show(id)?.title() == "By an operator", "the file has not changed")
                #expect(try own.store.keys(of: id).map(\.id) == [key.id])
                _ = try own.store.createKey(
                    StreamKeyDraft(), secret: "by-hand", of: id, by: .commandLine, at: own.now)
                entry.draft = own.draft("By the file")
                entry.keys = [
                    .init(role: .backup, secret: "key-one"), .init(role: .primary, secret: "key-two"),
                ]
                try own.store.adopt([entry], at: own.now)
                #expect(try own.store.show(id)?.title() == "By the file")
                func admits(_ secret: String, _ role: FeedRole) throws -> Bool {
                    try own.store.goodKeys(of: id).contains { $0.hash.admits(secret) && $0.role == role }
                }
                #expect(
                    try admits("key-one", .backup) && admits("key-two", .primary)
                        && admits("by-hand", .primary))
                #expect(try !admits("key-one", .primary))
                let other = SettingsShow(
                    id: try #require(ShowID("other")), draft: own.draft("Other"),
                    keys: [.init(role: .primary, secret: "key-six")])
                try own.store.adopt([entry, other], at: own.now)
                #expect(try own.store.goodKeys(of: other.id).count == 1)
                try own.store.adopt([entry], at: own.now)
                #expect(try own.store.goodKeys(of: other.id).isEmpty, "the file has it no more")
                #expect(try own.store.show(other.id) != nil)
                entry.keys = []
                try own.store.adopt([entry], at: own.now)
                #expect(try own.store.goodKeys(of: id).count == 1)
            },
        ]
    }

    private static func way(to state: ShowState) -> [ShowState.Event] {
        switch state {
        case .draft: []
        case .scheduled: [.schedule]
        case .rehearsal: [.schedule, .rehearse]
        case .live: [.schedule, .goLive]
        case .ended: [.schedule, .goLive, .end]
        case .replay: [.schedule, .goLive, .end, .publishReplay]
        case .cancelled: [.cancel]
        }
    }
}
