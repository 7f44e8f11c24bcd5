// In: what people and machines say that captions are (blocking callers). Out: the same in the store, in the desks of
// running shows, and told to whoever listens. Order: the store first; what it has not taken is shown nowhere.

import Dispatch
package import Foundation
package import Logging
package import Media
package import Packaging
package import People
package import Shows
import Synchronization

/// The captions of all shows.
package final class CaptionHall: Sendable {
    /// What became of a track.
    package enum News: Sendable {
        case put([Cue])
        case removed([Int])
        case replaced([Cue])
        /// What is being said, until the next of these or a cue; nil: nothing any more.
        case partial(CaptionPartial?)
        /// The machine that makes it does otherwise than before.
        case state(TrackState)
        /// Somebody has started or stopped it.
        case wanted(Bool)
        /// Cues from a file have got their times.
        case anchored
        /// The track is there, or is made otherwise than before: a show runs with it, or somebody has planned it.
        case opened

        /// The kept cues are not what they were.
        package var isOfCues: Bool {
            switch self {
            case .put, .removed, .replaced, .anchored: true
            case .partial, .state, .wanted, .opened: false
            }
        }
    }

    private struct Holder: Sendable {
        weak var desk: CaptionDesk?
    }

    package let store: any CaptionStore
    private let logger: Logger
    /// As long as a window writes with them.
    private let desks = Mutex<[ShowID: Holder]>([:])
    private let listeners = Mutex<[@Sendable (ShowID, LanguageTag, News) -> Void]>([])
    let tracks = Mutex<[TrackName: Liveness]>([:])
    /// Tracks that somebody has stopped, of shows that were asked for.
    let stops = Mutex(KnownShows<Set<LanguageTag>>())
    /// Gives scripted cues their times: shows go on air under locks that must not wait for the disk.
    private let queue = DispatchQueue(label: "shopcast.captions")
    /// Held from a change on the disk until it is told: of two changes of a cue nobody hears the earlier one last. The disk
    /// takes one at a time anyway.
    private let writing = Mutex<Void>(())

    /// Shows whose captions were asked for.
    let shows = Mutex(KnownShows<CaptionedShow>())
    let find: @Sendable (ShowID) -> CaptionedShow?

    /// `find` tells how a show's captions come about, and may wait for the disk.
    package init(
        store: any CaptionStore, logger: Logger,
        find: @escaping @Sendable (ShowID) -> CaptionedShow? = { _ in nil }
    ) {
        self.store = store
        self.logger = logger
        self.find = find
    }

    /// Hears of every change once it is on disk, on the thread of whoever made it: it must not wait.
    package func listen(_ body: @escaping @Sendable (ShowID, LanguageTag, News) -> Void) {
        listeners.withLock { $0.append(body) }
    }

    // MARK: Shows

    /// The desk of a show that is about to run, with the cues that its window may still need. Blocks for the store.
    package func open(_ show: ShowID, _ plans: [CaptionPlan], since: Int64) -> CaptionDesk {
        let desk = desks.withLock { desks in
            if let known = desks[show]?.desk { return known }
            desks = desks.filter { $0.value.desk != nil }
            let made = CaptionDesk(show: show) { [weak self] zero in self?.anchor(show, zero: zero) }
            desks[show] = Holder(desk: made)
            return made
        }
        adopt(plans, desk, show, since: since)
        return desk
    }

    /// A running show has other tracks now. Blocks for the store.
    package func change(_ show: ShowID, to plans: [CaptionPlan], since: Int64) {
        guard let desk = desk(of: show) else { return }
        adopt(plans, desk, show, since: since)
    }

    /// The tracks of the shows that have a window.
    var running: [TrackName] {
        desks.withLock { desks in
            desks.flatMap { show, holder in (holder.desk?.languages ?? []).map { TrackName(show, $0) } }
        }
    }

    private func desk(of show: ShowID) -> CaptionDesk? { desks.withLock { $0[show]?.desk } }

    private func adopt(_ plans: [CaptionPlan], _ desk: CaptionDesk, _ show: ShowID, since: Int64) {
        let known = Set(desk.languages)
        desk.set(plans)
        for plan in plans where !known.contains(plan.language) {
            do {
                // Scripted ones have small times.
                let query = CueQuery(limit: CaptionFile.mostCues)
                try writing.withLock { _ in
                    let cues = try store.cues(of: show, plan.language, query).filter {
                        $0.isScript || $0.end > since
                    }
                    desk.put(cues, plan.language)
                }
            } catch {
                logger.error(
                    "captions cannot be read: the track begins empty",
                    metadata: ["show": "\(show)", "language": "\(plan.language)", "error": "\(error)"])
            }
            inform(show, plan.language, .opened)
        }
    }

    private func anchor(_ show: ShowID, zero: Int64) {
        queue.async { [weak self, logger] in
            do {
                try self?.writeAnchor(show, zero: zero)
            } catch {
                logger.error(
                    "captions from a file have no place in the recording",
                    metadata: ["show": "\(show)", "error": "\(error)"])
            }
        }
    }

    private func writeAnchor(_ show: ShowID, zero: Int64) throws {
        try writing.withLock { _ in
            for language in try store.anchorCues(of: show, zero: zero) { inform(show, language, .anchored) }
        }
    }

    // MARK: Cues

    package func add(
        _ drafts: [CueDraft], to show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> [Cue] {
        try writing.withLock { _ in
            let cues = try store.addCues(drafts, to: show, language, by: actor, at: now)
            tell(show, language, .put(cues))
            return cues
        }
    }

    /// What is on the screen of a running show now, in this language; nil: nothing. It is not kept.
    package func show(
        _ shown: (start: Int64, text: CueText)?, on show: ShowID, _ language: LanguageTag
    ) {
        desk(of: show)?.show(shown, language)
        hearing(
            shown.map { CaptionPartial(start: $0.start, text: $0.text, origin: .init(.embedded)) }, on: show,
            language)
    }

    /// Keeps what was on the screen, now that it is over.
    package func addShown(_ drafts: [CueDraft], to show: ShowID, _ language: LanguageTag) throws {
        try writing.withLock { _ in
            let cues = try store.addCues(drafts, to: show, language, by: .server, at: Date())
            desk(of: show)?.putShown(cues, language)
            measure(cues, on: show, language)
            inform(show, language, .put(cues))
        }
    }

    /// A machine's renderings of a cue of another track, in the place of its earlier ones; false where that was not done
    /// (`CaptionStore.renewCues`). Blocks for the store.
    package func renew(
        _ old: [Int], with drafts: [CueDraft], of source: CueSource, on show: ShowID, _ language: LanguageTag
    ) throws -> Bool {
        try writing.withLock { _ in
            guard let renewed = try store.renewCues(old, with: drafts, of: source, in: show, language) else {
                return false
            }
            if !renewed.removed.isEmpty { tell(show, language, .removed(renewed.removed)) }
            if !renewed.put.isEmpty { tell(show, language, .put(renewed.put)) }
            return true
        }
    }

    package func edit(
        _ id: Int, of show: ShowID, _ language: LanguageTag, _ change: CueChange, ifRevision: Int?,
        by actor: Actor, at now: Date
    ) throws -> Cue {
        try writing.withLock { _ in
            let cue = try store.editCue(
                id, of: show, language, change, ifRevision: ifRevision, by: actor, at: now)
            tell(show, language, .put([cue]))
            return cue
        }
    }

    package func remove(
        _ id: Int, of show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws {
        try writing.withLock { _ in
            try store.removeCue(id, of: show, language, by: actor, at: now)
            tell(show, language, .removed([id]))
        }
    }

    /// Puts a file in the place of all that there was.
    package func replace(
        _ drafts: [CueDraft], of show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> [Cue] {
        try writing.withLock { _ in
            let renewed = try store.replaceCues(drafts, of: show, language, by: actor, at: now)
            desk(of: show)?.remove(renewed.removed, language)
            tell(show, language, .replaced(renewed.put))
            return renewed.put
        }
    }

    /// While nobody else writes.
    private func tell(_ show: ShowID, _ language: LanguageTag, _ news: News) {
        if let desk = desk(of: show) {
            switch news {
            case .put(let cues), .replaced(let cues): desk.put(cues, language)
            case .removed(let ids): desk.remove(ids, language)
            case .partial, .state, .wanted, .anchored, .opened: break
            }
        }
        if case .put(let cues) = news { measure(cues, on: show, language) }
        inform(show, language, news)
    }

    func inform(_ show: ShowID, _ language: LanguageTag, _ news: News) {
        if news.isOfCues { remember(news, on: show, language) }
        for listener in listeners.withLock({ $0 }) { listener(show, language, news) }
    }

    // MARK: Recordings

    /// What a recording has to read, at these places. Blocks for the store.
    package func recorded(_ show: ShowID, _ plans: [CaptionPlan], at places: [RecordedPlace])
        -> [any RecordedText]
    {
        let facts = (try? store.captionTracks(of: show)) ?? [:]
        return plans.compactMap { plan in
            // A track in which nobody has said anything is no use to whoever comes later.
            guard let facts = facts[plan.language], facts.cues > 0,
                let cues = try? store.cues(of: show, plan.language, CueQuery(limit: CaptionFile.mostCues)),
                let rendition = CaptionDesk.renditions([plan]).first
            else { return nil }
            return RecordedCaptions(
                rendition, cues: cues.filter { !$0.isScript }, places: places,
                rules: ReadingRules(for: plan.language))
        }
    }
}
