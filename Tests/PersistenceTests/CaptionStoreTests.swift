import Captioning
import Foundation
import GRDB
import Logging
import Media
import People
import Persistence
import Shows
import Testing

/// Captions in the store.
@Suite struct CaptionStoreTests {
    private let now = Date(unixMilliseconds: 1_790_000_000_000)
    private let show = ShowID("evening")!
    private let spanish = LanguageTag("es")!

    private func open(_ folder: StoreFolder) throws -> Store {
        let store = try Store(path: folder.file, logger: Logger(label: "test"))
        _ = try store.createShow(
            ShowDraft(titles: [.english: "Evening"], captions: [CaptionPlan(language: .english)]), id: show,
            isScheduled: true, once: nil, by: .commandLine, at: now)
        return store
    }

    private func draft(_ start: Int64, _ text: String, isScript: Bool = false) -> CueDraft {
        CueDraft(
            start: start, end: start + 1000, text: CueText(text), speaker: "Ana",
            origin: .init(.translation, engine: "deepl", from: .english, hops: 1), isScript: isScript)
    }

    @Test func cuesComeBackAsTheyWere() throws {
        let folder = try StoreFolder()
        let store = try open(folder)
        #expect(try store.show(show)?.captions == [CaptionPlan(language: .english)])
        let made = try store.addCues(
            [draft(5000, "b & <c>"), draft(3000, "a\nb")], to: show, .english, by: .commandLine, at: now)
        #expect(made.map(\.id) == [1, 2] && made[0].revision == 1)
        #expect(made[0].editor == nil, "a machine's words have no author")
        let read = try store.cues(of: show, .english, CueQuery(limit: 10))
        #expect(read == [made[1], made[0]], "in the order of their starts")
        #expect(try store.cue(1, of: show, .english) == made[0] && store.cue(1, of: show, spanish) == nil)
        #expect(try store.cues(of: show, .english, CueQuery(from: 4000, limit: 10)).map(\.id) == [1])
        #expect(try store.cues(of: show, .english, CueQuery(to: 5000, limit: 10)).map(\.id) == [2])
        #expect(try store.cues(of: show, .english, CueQuery(after: (3000, 2), limit: 10)).map(\.id) == [1])
        #expect(try store.captionTracks(of: show) == [.english: CaptionTrackFacts(cues: 2, edition: 1)])
    }

    @Test func numbersAreNeverGivenTwice() throws {
        let folder = try StoreFolder()
        let store = try open(folder)
        _ = try store.addCues([draft(0, "a"), draft(1, "b")], to: show, .english, by: .commandLine, at: now)
        try store.removeCue(2, of: show, .english, by: .commandLine, at: now)
        let next = try store.addCues([draft(2, "c")], to: show, .english, by: .commandLine, at: now)
        #expect(next.map(\.id) == [3])
        let replaced = try store.replaceCues([draft(3, "d")], of: show, .english, by: .commandLine, at: now)
        #expect(replaced.put.map(\.id) == [4] && replaced.removed == [1, 3])
        #expect(try store.cues(of: show, .english, CueQuery(limit: 9)).map(\.text.text) == ["d"])
        #expect(try store.captionTracks(of: show)[.english]?.edition == 4)
        let audit = try store.audit(AuditQuery(action: "caption.")).items.map(\.action)
        #expect(audit == ["caption.upload", "caption.delete"])
    }

    @Test func editsCountAndStaleOnesAreRefused() throws {
        let folder = try StoreFolder()
        let store = try open(folder)
        _ = try store.addCues([draft(1000, "a")], to: show, .english, by: .commandLine, at: now)
        func edit(_ change: CueChange, _ revision: Int? = nil) throws -> Cue {
            try store.editCue(1, of: show, .english, change, ifRevision: revision, by: .commandLine, at: now)
        }
        let edited = try edit(CueChange(text: CueText("b"), speaker: ""), 1)
        #expect(
            edited.revision == 2 && edited.text.text == "b" && edited.speaker == nil
                && edited.editor == .commandLine)
        #expect(try edit(CueChange(text: CueText("b"))).revision == 2, "nothing is other")
        #expect(throws: DomainFault.stale(current: 2)) { try edit(CueChange(text: CueText("c")), 1) }
        #expect(throws: DomainFault.self) { try edit(CueChange(start: 2000)) }
        #expect(throws: DomainFault.self) {
            try store.removeCue(9, of: show, .english, by: .commandLine, at: now)
        }
        #expect(throws: DomainFault.self) {
            try store.addCues([draft(0, "a")], to: ShowID("nobody")!, .english, by: .commandLine, at: now)
        }
    }

    @Test func aScriptGetsItsTimesWhenTheShowBegins() throws {
        let folder = try StoreFolder()
        let store = try open(folder)
        _ = try store.addCues(
            [draft(500, "a", isScript: true), draft(700, "b")], to: show, .english, by: .commandLine, at: now)
        for change in [CueChange(start: 600), CueChange(end: 1_790_000_000_000)] {
            #expect(throws: DomainFault.self, "it has no place on the show clock yet") {
                try store.editCue(1, of: show, .english, change, ifRevision: nil, by: .commandLine, at: now)
            }
        }
        let put = try store.editCue(
            1, of: show, .english, CueChange(text: CueText("A")), ifRevision: nil, by: .commandLine, at: now)
        #expect(put.isScript && put.start == 500)
        #expect(try store.anchorCues(of: show, zero: 1_000_000) == [.english])
        let cues = try store.cues(of: show, .english, CueQuery(limit: 9))
        #expect(cues.map(\.start) == [700, 1_000_500] && cues.allSatisfy { !$0.isScript })
        #expect(try store.anchorCues(of: show, zero: 5).isEmpty)
        #expect(try store.cues(of: show, .english, CueQuery(limit: 9)) == cues)
    }

    @Test func whatAMachineMakesAnewKeepsItsPlace() throws {
        let folder = try StoreFolder()
        let store = try open(folder)
        let source = try store.addCues([draft(1000, "one")], to: show, .english, by: .commandLine, at: now)[0]
        func renew(_ old: [Int], _ texts: [String], from cue: Cue?) throws -> RenewedCues? {
            try store.renewCues(
                old, with: texts.enumerated().map { draft(1000 + Int64($0), $1) },
                of: CueSource(language: .english, id: source.id, cue: cue), in: show, spanish)
        }
        let first = try #require(try renew([], ["a", "b"], from: source))
        #expect(first.put.map(\.id) == [1, 2] && first.removed.isEmpty && first.put[0].editor == nil)
        let same = try #require(try renew([1, 2], ["a", "b"], from: source))
        #expect(same.put.isEmpty && same.removed.isEmpty, "nothing is other")
        let fewer = try #require(try renew([1, 2], ["c"], from: source))
        #expect(fewer.put.map(\.text.text) == ["c"] && fewer.put[0].revision == 2 && fewer.removed == [2])
        let more = try #require(try renew([1, 2], ["c", "d", "e"], from: source))
        #expect(more.put.map(\.id) == [3, 4], "a number is never given twice")
        // The source is not so any more.
        let edited = try store.editCue(
            source.id, of: show, .english, CueChange(text: CueText("two")), ifRevision: nil, by: .commandLine,
            at: now)
        #expect(try renew([1, 3, 4], ["x"], from: source) == nil)
        #expect(try renew([1, 3, 4], ["x"], from: nil) == nil, "it is still there")
        // What somebody has put right stays while its source does.
        _ = try store.editCue(
            1, of: show, spanish, CueChange(text: CueText("mine")), ifRevision: nil, by: .commandLine, at: now
        )
        #expect(try renew([1, 3, 4], ["x"], from: edited) == nil)
        func done() throws -> [Int: Int] { try store.renderedCues(of: show, spanish, from: .english) }
        #expect(try done() == [source.id: 1])
        #expect(
            try !store.keepCues(
                of: CueSource(language: .english, id: source.id, cue: source), in: show, spanish),
            "it is not so any more")
        #expect(
            try store.keepCues(
                of: CueSource(language: .english, id: source.id, cue: edited), in: show, spanish))
        #expect(try done() == [source.id: 2])
        try store.removeCue(source.id, of: show, .english, by: .commandLine, at: now)
        #expect(try renew([1, 3, 4], ["x"], from: nil) == RenewedCues(put: [], removed: [1, 3, 4]))
        #expect(try store.cues(of: show, spanish, CueQuery(limit: 9)).isEmpty && done().isEmpty)
    }

    @Test func whatAnEarlierVersionHasTranslatedIsKnown() throws {
        let folder = try StoreFolder()
        do {
            let old = try DatabaseQueue(path: folder.file)
            try Store.migrator.migrate(old, upTo: "captions 2")
            try old.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO show (id, state, visibility, startOrder, latestOrder, draft, search, revision,
                          createdAt, updatedAt) VALUES ('evening', 'live', 'public', 0, 0, '{}', '', 1, 0, 0)
                        """)
                for (language, id, revision, from, cue) in [
                    ("en", 1, 3, nil, nil), ("en", 2, 1, nil, nil), ("en", 4, 1, nil, nil),
                    ("en", 5, 1, nil, nil),
                    ("es", 1, 1, "en", 1), ("es", 2, 1, "en", 4), ("es", 3, 1, "de", 1),
                ] as [(String, Int, Int, String?, Int?)] {
                    let origin = from.map { #"{"kind":"translation","from":"\#($0)","cue":\#(cue!)}"# }
                    try db.execute(
                        sql: """
                            INSERT INTO cue (show, language, id, startsAt, endsAt, isScript, text, origin, revision)
                            VALUES ('evening', ?, ?, 0, 1, 0, 'x', ?, ?)
                            """,
                        arguments: [language, id, origin ?? #"{"kind":"person"}"#, revision])
                }
            }
            try old.close()
        }
        let store = try Store(path: folder.file, logger: Logger(label: "test"))
        #expect(try store.renderedCues(of: show, spanish, from: .english) == [1: 3, 2: 1, 4: 1])
        #expect(try store.renderedCues(of: show, spanish, from: LanguageTag("de")!).isEmpty)
    }

    @Test func whatItsSenderNamesTheSameIsMadeOnce() throws {
        let folder = try StoreFolder()
        let store = try open(folder)
        var named = draft(1000, "one")
        named.origin.name = "person:x/1"
        let made = try store.addCues([named, named], to: show, .english, by: .commandLine, at: now)
        #expect(throws: DomainFault.repeated(subject: "person:x/1")) {
            try store.addCues([named], to: show, .english, by: .commandLine, at: now)
        }
        #expect(try store.cues(named: "person:x/1", of: show, .english) == made)
        #expect(try store.cues(named: "person:x/2", of: show, .english).isEmpty)
        _ = try store.addCues([named], to: show, spanish, by: .commandLine, at: now)
    }

    @Test func tracksAreStoppedUntilTheyAreStarted() throws {
        let folder = try StoreFolder()
        let store = try open(folder)
        #expect(try store.stoppedTracks(of: show).isEmpty)
        #expect(try store.setStopped(true, show, spanish, by: .commandLine, at: now))
        #expect(try !store.setStopped(true, show, spanish, by: .commandLine, at: now), "no news")
        #expect(
            try Store(path: folder.file, logger: Logger(label: "test")).stoppedTracks(of: show) == [spanish])
        #expect(try store.setStopped(false, show, spanish, by: .commandLine, at: now))
        #expect(try store.stoppedTracks(of: show).isEmpty)
    }
}
