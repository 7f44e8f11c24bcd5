// In: final cues of the tracks that people speak or write, with their changes, from whoever has put them on disk. Out:
// their translations in the show's other languages, each with the times of its cue, kept and told like any other. Blocks
// nobody: one task a track asks the translation desk, a queue waits for the store. Bounds: `CueErrands`' for each track;
// `mostNews` changes wait for the queue; policy: newer ones are lost; counter: shopcast_caption_unheard_total.

import Dispatch
package import Logging
package import Media
import Metrics
import Shows
import Synchronization
package import Translation

/// Translates captions.
package final class CueTranslator: Sendable {
    package static let pace = Duration.milliseconds(500)
    static let mostNews = 8192
    /// Beyond it those at rest are forgotten, and read again when they are needed.
    static let mostTracks = 512

    let hall: CaptionHall
    let desk: TranslationDesk
    let glossary: @Sendable (ShowID) -> Glossary
    let logger: Logger
    private let rules: CueErrands.Rules
    private let tracks = Mutex<[TrackName: TranslatedTrack]>([:])
    private let queue = DispatchQueue(label: "shopcast.captions.translation")
    private let news = Atomic<Int>(0)
    private let bells: AsyncStream<TranslatedTrack>
    private let bell: AsyncStream<TranslatedTrack>.Continuation
    private let unheard = Counter(label: "shopcast_caption_unheard_total")
    private let late = Counter(label: "shopcast_caption_translations_late_total")
    private let lost = Counter(label: "shopcast_caption_untranslated_total")

    /// `glossary` are a show's words that no translation touches; it may wait for the disk.
    package init(
        hall: CaptionHall, desk: TranslationDesk, rules: CueErrands.Rules = .init(),
        glossary: @escaping @Sendable (ShowID) -> Glossary = { _ in .empty }, logger: Logger
    ) {
        self.hall = hall
        self.desk = desk
        self.rules = rules
        self.glossary = glossary
        self.logger = logger
        // Each track waits in it once at most.
        (bells, bell) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
        hall.listen { [weak self] show, language, news in self?.hear(TrackName(show, language), news) }
        for name in hall.running { hear(name, .opened) }
    }

    /// Works until it is cancelled or `finish` is called.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await remind() }
            await withDiscardingTaskGroup { tasks in
                for await track in bells {
                    tasks.addTask { [self] in await work(on: track) }
                }
            }
            group.cancelAll()
        }
    }

    package func finish() { bell.finish() }

    /// What has failed is tried again.
    private func remind() async {
        while !Task.isCancelled {
            let all = tracks.withLock { tracks in
                if tracks.count > CueTranslator.mostTracks { tracks = tracks.filter { !$0.value.isIdle } }
                return Array(tracks.values)
            }
            for track in all { ring(track) }
            try? await Task.sleep(for: CueTranslator.pace)
        }
    }

    private func ring(_ track: TranslatedTrack) {
        if track.claim(at: .now) { bell.yield(track) }
    }

    // MARK: What is heard

    private func hear(_ name: TrackName, _ told: CaptionHall.News) {
        switch told {
        case .partial, .state: return
        case .put, .removed, .replaced, .anchored, .wanted, .opened: break
        }
        guard news.wrappingAdd(1, ordering: .relaxed).newValue <= CueTranslator.mostNews else {
            news.wrappingSubtract(1, ordering: .relaxed)
            unheard.increment()
            return
        }
        queue.async { [self] in
            defer { news.wrappingSubtract(1, ordering: .relaxed) }
            take(name, told)
        }
    }

    /// On the queue.
    private func take(_ name: TrackName, _ told: CaptionHall.News) {
        guard let show = hall.captioned(name.show) else { return }
        switch told {
        case .partial, .state: break
        case .opened, .wanted(true):
            for plan in show.plans where plan.language == name.language {
                open(TrackName(name.show, plan.language), of: show)
            }
            if case .opened = told {
                for plan in show.translations(of: name.language) {
                    open(TrackName(name.show, plan.language), of: show)
                }
            }
        case .wanted(false):
            guard let track = tracks.withLock({ $0[name] }) else { return }
            track.clear()
            hall.report(TrackState(.stopped), on: name.show, name.language)
        case .put, .removed, .replaced, .anchored:
            tracks.withLock { $0[name] }?.follow(told)
            for plan in show.translations(of: name.language) {
                let name = TrackName(name.show, plan.language)
                func track() -> TranslatedTrack? {
                    tracks.withLock { $0[name] }.flatMap {
                        $0.from == show.source(of: plan)?.language ? $0 : nil
                    }
                }
                if track() == nil { open(name, of: show) }
                if let track = track() { pass(told, to: track) }
            }
        }
    }

    private func pass(_ told: CaptionHall.News, to track: TranslatedTrack) {
        guard hall.isWanted(track.name.show, track.name.language) else { return }
        switch told {
        case .put(let cues): track.put(cues.map(\.id))
        case .removed(let ids): track.put(ids)
        case .replaced(let cues):
            // Those of the old ones are gone first.
            track.put(track.sources)
            track.owe(cues.map(\.id))
        // They have other times.
        case .anchored: track.owe(track.sources)
        case .partial, .state, .wanted, .opened: return
        }
        ring(track)
    }

    /// Reads what there is of a track, and what is missing.
    private func open(_ name: TrackName, of show: CaptionedShow) {
        guard let plan = show.plan(of: name.language), let from = show.source(of: plan)?.language else {
            tracks.withLock { $0[name] = nil }
            return
        }
        guard hall.isWanted(name.show, name.language) else {
            return hall.report(TrackState(.stopped), on: name.show, name.language)
        }
        do {
            let all = CueQuery(limit: CaptionFile.mostCues)
            let rendered = RenderedTrack(from: from, try hall.store.cues(of: name.show, name.language, all))
            let done = try hall.store.renderedCues(of: name.show, name.language, from: from)
            let owed = rendered.owed(try hall.store.cues(of: name.show, from, all), done: done)
            let known = tracks.withLock { $0[name] }
            let track =
                known?.from == from ? known : TranslatedTrack(name, rendered: rendered, rules: rules)
            guard let track else { return }
            tracks.withLock { $0[name] = track }
            track.owe(owed)
            hall.report(
                TrackState(.idle, why: shortcoming(from, name.language), cost: cost(of: name.show)),
                on: name.show, name.language)
            ring(track)
        } catch {
            logger.error(
                "captions cannot be read: they are not translated",
                metadata: [
                    "show": "\(name.show)", "language": "\(name.language)", "error": "\(error)",
                ])
        }
    }

    // MARK: Work

    private func work(on track: TranslatedTrack) async {
        while !Task.isCancelled, let id = track.next(at: .now) {
            switch await render(id, for: track) {
            case .done: track.done(id)
            case .again: track.failed(id, at: .now)
            case .never:
                track.done(id)
                lost.increment()
            case .over:
                track.clear()
                tracks.withLock { if $0[track.name] === track { $0[track.name] = nil } }
            }
            let counts = track.count()
            if counts.late > 0 { late.increment(by: counts.late) }
            if counts.lost > 0 { lost.increment(by: counts.lost) }
        }
    }

    /// Waits for the store, away from the cooperative pool.
    func onDisk<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }
}
