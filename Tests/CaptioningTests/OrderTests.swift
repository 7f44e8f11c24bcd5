import Captioning
import Dispatch
import Foundation
import Logging
import Media
import People
import Persistence
import Shows
import Synchronization
import Testing

/// Whatever happens at the same time: what is told last is what is kept.
@Suite(.timeLimit(.minutes(1))) struct OrderTests {
    private func onThread(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
        }
    }

    @Test func aDeletedCueDoesNotComeBack() async throws {
        let house = try CaptionedHouse()
        let store = DawdlingStore(house.store)
        let hall = CaptionHall(store: store, logger: Logger(label: "test"))
        let told = Mutex<[String]>([])
        hall.listen { _, _, news in
            switch news {
            case .put(let cues): told.withLock { $0 += cues.map { "\($0.id) \($0.text)" } }
            case .removed(let ids):
                told.withLock { $0 += ids.map { "\($0) gone" } }
                store.isRemoved.signal()
            default: break
            }
        }
        let show = house.show
        let now = Date()
        let draft = CueDraft(
            start: now.unixMilliseconds, end: now.unixMilliseconds + 2000, text: CueText("one"),
            origin: .init(.person))
        let cue = try hall.add([draft], to: show, .english, by: .commandLine, at: now)[0]
        try hall.recall(show, .english, at: now)
        async let edited: Void = onThread {
            _ = try hall.edit(
                cue.id, of: show, .english, CueChange(text: CueText("two")), ifRevision: nil,
                by: .commandLine, at: now)
        }
        async let removed: Void = onThread {
            store.isEdited.wait()
            try hall.remove(cue.id, of: show, .english, by: .commandLine, at: now)
        }
        _ = try await (edited, removed)
        #expect(told.withLock { $0 } == ["1 one", "1 two", "1 gone"])
        #expect(try #require(hall.recent(show, .english, at: now)).cues.isEmpty)
        #expect(try store.cue(cue.id, of: show, .english) == nil)
    }

    @Test func whatWasReadBeforeAChangeIsNotKept() throws {
        let house = try CaptionedHouse()
        let store = DawdlingStore(house.store)
        let changed = CaptionedShow(language: TranslatorTests.spanish, plans: [])
        let late = Mutex<CaptionHall?>(nil)
        let hall = CaptionHall(store: store, logger: Logger(label: "test")) { show in
            // Between the read and what is made of it somebody changes the show.
            late.withLock { $0 }?.adopt(changed, of: show)
            return CaptionedShow(language: .english, plans: [])
        }
        late.withLock { $0 = hall }
        _ = hall.captioned(house.show)
        #expect(hall.captioned(house.show) == changed)
        store.afterStops.withLock { body in
            body = {
                try? hall.want(false, on: house.show, .english, by: .commandLine, at: .now)
            }
        }
        _ = hall.isWanted(house.show, .english)
        store.afterStops.withLock { $0 = nil }
        #expect(!hall.isWanted(house.show, .english))
        late.withLock { $0 = nil }
    }

    @Test func whatIsBeingSaidIsForgottenWithWhoeverSaidIt() throws {
        let house = try CaptionedHouse()
        let told = Mutex(0)
        house.hall.listen { _, _, news in
            if case .partial = news { told.withLock { $0 += 1 } }
        }
        let said = CaptionPartial(start: 0, text: CueText("and the"), origin: .init(.person))
        func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }
        house.hall.hearing(said, on: house.show, .english, at: at(100))
        house.hall.hearing(said, on: house.show, .english, at: at(110))
        #expect(told.withLock { $0 } == 1)
        #expect(house.hall.partial(on: house.show, .english, at: at(129)) == said)
        #expect(house.hall.partial(on: house.show, .english, at: at(130)) == nil)
        house.hall.hearing(said, on: house.show, .english, at: at(140))
        #expect(told.withLock { $0 } == 2, "it is news again")
        house.hall.hearing(nil, on: house.show, .english, at: at(200))
        #expect(told.withLock { $0 } == 3 && house.hall.partial(on: house.show, .english, at: at(200)) == nil)
    }
}

/// A store whose corrections are on the disk a while before whoever made them knows.
private final class DawdlingStore: CaptionStore {
    let isEdited = DispatchSemaphore(value: 0)
    let isRemoved = DispatchSemaphore(value: 0)
    /// Done once the stopped tracks have been read, before they are told.
    let afterStops = Mutex<(@Sendable () -> Void)?>(nil)
    private let store: Store

    init(_ store: Store) { self.store = store }

    func editCue(
        _ id: Int, of show: ShowID, _ language: LanguageTag, _ change: CueChange, ifRevision: Int?,
        by actor: Actor, at now: Date
    ) throws -> Cue {
        let cue = try store.editCue(
            id, of: show, language, change, ifRevision: ifRevision, by: actor, at: now)
        isEdited.signal()
        // As long as somebody could be told of a deletion, if they were.
        _ = isRemoved.wait(timeout: .now() + .milliseconds(300))
        return cue
    }

    func cues(of show: ShowID, _ language: LanguageTag, _ query: CueQuery) throws -> [Cue] {
        try store.cues(of: show, language, query)
    }

    func cue(_ id: Int, of show: ShowID, _ language: LanguageTag) throws -> Cue? {
        try store.cue(id, of: show, language)
    }

    func addCues(
        _ drafts: [CueDraft], to show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> [Cue] { try store.addCues(drafts, to: show, language, by: actor, at: now) }

    func renewCues(
        _ old: [Int], with drafts: [CueDraft], of source: CueSource, in show: ShowID, _ language: LanguageTag
    ) throws -> RenewedCues? { try store.renewCues(old, with: drafts, of: source, in: show, language) }

    func keepCues(of source: CueSource, in show: ShowID, _ language: LanguageTag) throws -> Bool {
        try store.keepCues(of: source, in: show, language)
    }

    func renderedCues(of show: ShowID, _ language: LanguageTag, from source: LanguageTag) throws -> [Int: Int]
    {
        try store.renderedCues(of: show, language, from: source)
    }

    func cues(named name: String, of show: ShowID, _ language: LanguageTag) throws -> [Cue] {
        try store.cues(named: name, of: show, language)
    }

    func removeCue(_ id: Int, of show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date) throws
    {
        try store.removeCue(id, of: show, language, by: actor, at: now)
    }

    func replaceCues(
        _ drafts: [CueDraft], of show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> RenewedCues { try store.replaceCues(drafts, of: show, language, by: actor, at: now) }

    func anchorCues(of show: ShowID, zero: Int64) throws -> Set<LanguageTag> {
        try store.anchorCues(of: show, zero: zero)
    }

    func captionTracks(of show: ShowID) throws -> [LanguageTag: CaptionTrackFacts] {
        try store.captionTracks(of: show)
    }

    func stoppedTracks(of show: ShowID) throws -> Set<LanguageTag> {
        let read = try store.stoppedTracks(of: show)
        afterStops.withLock { $0 }?()
        return read
    }

    func setStopped(
        _ isStopped: Bool, _ show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> Bool { try store.setStopped(isStopped, show, language, by: actor, at: now) }
}
