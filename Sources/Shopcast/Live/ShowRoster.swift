import Captioning
import Delivery
import Foundation
import Ingest
import Logging
import Media
import NIOPosix
import Packaging
import People
import Persistence
import Recording
import Shows
import Synchronization
import Transcode

/// The shows of this machine: lets feeds in by key, and finds windows by name.
///
/// The store says which shows there are; those that need one have a `LiveShow` (see `LiveShows`). What changes in the
/// store, by whomever, is taken over at once: `refresh` is called with it.
final class ShowRoster: ShowDirectory {
    private let settings: Settings
    private let folder: DataFolder
    let store: Store
    let index = ShowIndex()
    let shows = LiveShows()
    let log: ShowLog
    private let writer: RecordWriter
    private let windows: WindowMaker
    private let capacity = EncodingCapacity.ofThisMachine()
    /// Makes shows that a feed has come for.
    let loader = DispatchQueue(label: "shopcast.admission")
    private let found = Mutex<(list: [Show]?, changes: Int)>((nil, 0))
    private let logger: Logger
    let library: ReplayLibrary
    let captions: CaptionHall
    private let speech: SpeechBureau
    /// Slows down who guesses keys, wherever hosts come in.
    let warden = KeyWarden()
    /// The names under which hosts see their shows.
    let previews = PreviewPasses()

    /// Takes over what the settings and an older data folder know, and makes the shows that are on air again. Throws where
    /// the store cannot be read.
    init(settings: Settings, folder: DataFolder, store: Store, logger: Logger) throws {
        self.settings = settings
        self.folder = folder
        self.store = store
        self.logger = logger
        log = ShowLog(store: store, logger: logger)
        writer = RecordWriter(folder: folder, logger: logger)
        captions = CaptionHall(store: store, logger: logger) { show in
            (try? store.show(show)).map { CaptionedShow($0) }
        }
        speech = SpeechBureau(settings: settings, store: store)
        windows = WindowMaker(settings: settings, captions: captions, logger: logger)
        let (index, shows, captions) = (index, shows, captions)
        library = ReplayLibrary(
            shelf: windows.shelf, downloads: folder.path + "/downloads", settings: .init(settings.recording),
            shows: .init(
                isLive: { shows[$0]?.isOnAir ?? index[$0]?.state.isAhead ?? false },
                language: { index[$0].flatMap { $0.language == .undetermined ? nil : $0.language.text } },
                forget: { shows[$0]?.audienceWindow.clear() },
                texts: { show, places in
                    let plans = (try? store.show(show))?.captions ?? []
                    return captions.recorded(show, plans, at: places)
                }),
            logger: logger)
        try store.adopt(
            settings.shows.map { show in
                SettingsShow(
                    id: show.id, draft: show.draft,
                    keys: [.init(role: .primary, secret: show.streamKey)]
                        + (show.backupKey.map { [.init(role: .backup, secret: $0)] } ?? []),
                    state: folder.record(of: show.id)?.state)
            }, at: .now)
        index.load(try store.facts(), try store.goodKeys(of: nil))
        store.onShows { [weak self] in self?.refresh($0) }
        captions.listen { [weak self] show, _, news in if news.isOfCues { self?.retell(show) } }
        wake()
    }

    /// At start: what is on air, what has just ended, what is in the settings; and the recordings of all.
    private func wake() {
        let yesterday = Date.now.addingTimeInterval(-86_400)
        let named = Set(settings.shows.map(\.id))
        let recorded = Set(windows.recorded())
        let facts = index.all
        let recent = facts.filter {
            $0.state == .live || $0.state == .rehearsal || named.contains($0.id)
                || (recorded.contains($0.id) && ($0.endedAt ?? .distantPast) > yesterday)
        }
        for fact in recent.prefix(LiveShows.most) { _ = show(fact.id) }
        for fact in facts where recorded.contains(fact.id) {
            windows.tidy(fact.id)
            let hasEnded = !(shows[fact.id]?.isOnAir ?? fact.state.isAhead)
            // The process may have died before it could tell.
            let isNews = hasEnded && (fact.endedAt ?? .distantPast) > yesterday
            library.refresh(fact.id, hasEnded: hasEnded, tell: isNews ? tellRecording(of: fact.id) : nil)
        }
    }

    // MARK: Finding shows

    /// The show, with what it is doing now. One that was not needed yet is made: that waits for the store and the disk, so
    /// event loops and the cooperative pool use `shows[id]` or `open`. Nil for drafts and cancelled shows too.
    func show(_ id: ShowID) -> LiveShow? {
        guard let facts = index[id], facts.state.isAnnounced else { return nil }
        do {
            return try shows.get(id) { try store.show(id).map(make) }
        } catch {
            logger.error("a show cannot be read", metadata: ["show": "\(id)", "error": "\(error)"])
            return nil
        }
    }

    /// As `show`, for whoever must not wait.
    func open(_ id: ShowID) async throws -> LiveShow? {
        if let known = shows[id] { return known }
        return try await NIOThreadPool.singleton.runIfActive { self.show(id) }
    }

    private func tellRecording(of show: ShowID) -> @Sendable (ReplayLibrary.Outcome) -> Void {
        let log = log
        return { log.recording(show, $0.facts) }
    }

    private func make(_ show: Show) -> LiveShow {
        let plan = ShowPlan(show, settings: settings.shows.first { $0.id == show.id })
        let box = Weak<LiveShow>()
        let (windows, writer, library) = (windows, writer, library)
        let tell = windows.records(plan) ? tellRecording(of: show.id) : nil
        var record =
            folder.record(of: show.id)
            ?? ShowRecord(state: show.state, lastSequence: 0, discontinuitySequence: 0)
        let remembered = record.state
        record.state = show.state
        let live = LiveShow(
            plan: plan, ladder: settings.ladder, feed: settings.feed, record: record, capacity: capacity,
            makeWindow: { plan, record, isFresh in
                windows.window(of: plan, record: record, isFresh: isFresh) { memory in
                    box.value?.remember(
                        lastSequence: memory.lastSequence,
                        discontinuitySequence: memory.discontinuitySequence)
                }
            },
            makeRehearsal: { windows.rehearsal(of: $0) },
            store: { writer.write($0, of: show.id) },
            recorded: { library.refresh(show.id, hasEnded: true, tell: tell) },
            embedded: EmbeddedCaptions(show: show.id, hall: captions, logger: logger),
            speech: SpeechDesk(show: show.id, hall: captions, bureau: speech, logger: logger), log: log,
            logger: logger)
        box.value = live
        live.catchUp(to: remembered)
        return live
    }

    // MARK: What viewers get

    func window(for show: ShowID) -> (any ServedWindow)? {
        if let found = shows[show] { return found.audienceWindow }
        guard show.isPreview, let pass = previews.window(for: show, at: .now),
            shows[pass.show]?.window === pass.window
        else { return nil }
        return pass.window
    }

    func replay(of show: ShowID) -> (any ServedWindow)? { library.replay(of: show) }

    /// What anybody may know of the show; nil for drafts. Waits for the store where the show is not in memory.
    func summary(of id: ShowID) -> ShowSummary? {
        if let live = shows[id] { return summary(of: live) }
        guard let state = index[id]?.state, state.isAnnounced || state == .cancelled,
            let show = try? store.show(id)
        else { return nil }
        return summary(of: show)
    }

    func summary(of show: LiveShow) -> ShowSummary { withReplay(show.summary) }

    private func summary(of show: Show) -> ShowSummary {
        withReplay(ShowSummary(show, isPaused: false))
    }

    private func withReplay(_ summary: ShowSummary) -> ShowSummary {
        var summary = summary
        let hasEnded = summary.state == .ended || summary.state == .replay
        summary.hasReplay = hasEnded && library.replay(of: summary.id) != nil
        return summary
    }

    /// What anybody may find: the shows on air, the next ones and the latest ones, at most some of each. Waits for the
    /// store after a change.
    var summaries: [ShowSummary] {
        publicShows.map { show in shows[show.id].map(summary(of:)) ?? summary(of: show) }
    }

    /// As `summaries`, for whoever must not wait.
    func listed() async throws -> [ShowSummary] {
        if found.withLock({ $0.list }) != nil { return summaries }
        return try await NIOThreadPool.singleton.runIfActive { self.summaries }
    }

    /// As `summary`, for whoever must not wait.
    func find(_ id: ShowID) async throws -> ShowSummary? {
        if let live = shows[id] { return summary(of: live) }
        return try await NIOThreadPool.singleton.runIfActive { self.summary(of: id) }
    }

    private var publicShows: [Show] {
        let (known, changes) = found.withLock { $0 }
        if let known { return known }
        let now = Date.now
        func find(_ states: Set<ShowState>, from: Date?, _ order: ShowQuery.Order) -> [Show] {
            (try? store.shows(
                ShowQuery(states: states, visibilities: [.public], from: from, order: order, limit: 50)))?
                .items ?? []
        }
        let ahead = find([.live], from: nil, .latest) + find([.rehearsal], from: nil, .start)
        let timed = find([.scheduled], from: now.addingTimeInterval(-86_400), .start)
        let named = Set(settings.shows.map(\.id))
        let others = find([.scheduled], from: nil, .updated).filter {
            $0.start == nil || named.contains($0.id)
        }
        let over = find([.ended, .replay], from: nil, .latest)
        var seen: Set<ShowID> = []
        let list = (ahead + timed + others + over).filter { seen.insert($0.id).inserted }
        found.withLock { if $0.changes == changes { $0.list = list } }
        return list
    }

    // MARK: Changes

    /// These shows, or their keys, have changed in the store. Reads them anew and does what follows: feeds whose key is
    /// good no more are cut, cancelled and deleted shows leave the air, and texts are those of now.
    private func refresh(_ ids: Set<ShowID>) {
        for id in ids {
            do {
                let show = try store.show(id)
                let keys = try store.goodKeys(of: id)
                index.set(id, show.map(ShowFacts.init), keys: keys)
                captions.adopt(show.map { CaptionedShow($0) }, of: id)
                retell(id)
                guard let live = shows[id] else { continue }
                if let show, show.state.isAnnounced {
                    let plan = ShowPlan(show, settings: settings.shows.first { $0.id == id })
                    live.change(to: plan)
                    windows.change(live, to: plan)
                    live.keepFeeds(of: Set(keys.map(\.id)))
                } else {
                    shows.remove(id)?.withdraw()
                }
            } catch {
                logger.error(
                    "a changed show cannot be read", metadata: ["show": "\(id)", "error": "\(error)"])
            }
        }
        found.withLock { $0 = (nil, $0.changes + 1) }
    }

    /// What is told beside a recording has changed.
    private func retell(_ id: ShowID) {
        guard library.replay(of: id) != nil else { return }
        library.refresh(id, hasEnded: !(shows[id]?.isOnAir ?? index[id]?.state.isAhead ?? false))
    }

    func tick(now: MonotonicTime) {
        shows.all.forEach { $0.tick(now: now) }
        library.tick(now: now)
    }

    /// Waits until what was said is on disk. Nil where it is; else why not. Blocks.
    func settle() -> String? {
        writer.drain()
        return log.settle()
    }

    /// Tells every feed that the server goes down, and lets the last pictures come out.
    func finishRuns() async {
        let all = shows.all
        all.forEach { $0.shutDown() }
        let end = ContinuousClock.now + .seconds(3)
        while !all.allSatisfy({ $0.isIdle && $0.speech.isIdle }), ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits for everything to be on disk.
    func shutDown() async {
        await finishRuns()
        let windows = windows
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                windows.writer.finish()
                _ = self.settle()
                continuation.resume()
            }
        }
    }
}
