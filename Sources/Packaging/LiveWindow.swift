package import Media
import Metrics
import NIOCore
import Synchronization

/// A show's live window: packagers append parts, viewers read snapshots.
///
/// In: parts from each rendition's thread, ticks, and what happens to the feed. Out: one immutable `WindowSnapshot` a
/// change, taken on the thread that made the change; its text is written by the first who asks. Nobody waits for a
/// viewer: the lock is held for a change (well below a millisecond), never for I/O. Bound: `settings.span`, and as much
/// again for late fetchers; of that, only the newest seconds are in memory where there is an archive.
package final class LiveWindow: Sendable {
    private struct State {
        var core: WindowCore
        var text: WindowText
        var snapshot: WindowSnapshot
        var observers: [@Sendable (WindowSnapshot) -> Void] = []
        var reserved: UInt64
        /// DISCONTINUITY tags that are stored.
        var remembered: UInt64
        var manifest: WindowManifest?
    }

    /// Numbers are reserved ahead in steps of this, so that they are stored rarely.
    private static let reservation: UInt64 = 500

    private let state: Mutex<State>
    private let settings: WindowSettings
    private let metrics: WindowMetrics
    private let unixMilliseconds: @Sendable () -> Int64
    private let monotonic: @Sendable () -> MonotonicTime
    private let remember: @Sendable (WindowMemory) -> Void
    private let archive: WindowArchive?
    private let desk: (any TextDesk)?

    /// A new window. Its numbers start at the wall clock in seconds, or well above what `memory` has taken, whichever is
    /// higher; `remember` is told, outside of any lock, what to store before numbers are used up to it. Where there is
    /// something `restored` it is listed again, and numbers go on from there. `archive` writes segments to disk; `desk`
    /// writes what the renditions of text hold.
    package init(
        show: ShowID, settings: WindowSettings = WindowSettings(),
        memory: WindowMemory = WindowMemory(lastSequence: 0, discontinuitySequence: 0),
        unixMilliseconds: @escaping @Sendable () -> Int64 = WallClock.unixMilliseconds,
        monotonic: @escaping @Sendable () -> MonotonicTime = { .now }, tag: String? = nil,
        restored: RestoredWindow? = nil, archive: ArchivePlace? = nil, desk: (any TextDesk)? = nil,
        remember: @escaping @Sendable (WindowMemory) -> Void = { _ in }
    ) {
        let now = unixMilliseconds()
        let first = max(UInt64(max(0, now)) / 1000, memory.lastSequence > 0 ? memory.lastSequence + 1000 : 0)
        let tag = tag ?? FileNames.freshTag(unixMilliseconds: now)
        self.settings = settings
        let metrics = WindowMetrics(show: show)
        self.metrics = metrics
        self.unixMilliseconds = unixMilliseconds
        self.monotonic = monotonic
        self.remember = remember
        self.desk = desk
        var core = WindowCore(
            settings: settings, names: FileNames(tag: tag), firstSequence: first,
            // What follows is another stretch than what players have seen last.
            discontinuitySequence: memory.discontinuitySequence + (memory.lastSequence > 0 ? 1 : 0))
        if let restored { core.restore(restored, now: monotonic(), unixMilliseconds: now) }
        self.archive = archive.map { place in
            WindowArchive(
                place, show: show, tag: tag, continues: restored.flatMap { $0.isEnded ? nil : $0.tag },
                unixMilliseconds: now, discontinuities: core.discontinuitiesSoFar)
        }
        // What is restored is published by the change below.
        state = Mutex(
            State(
                core: core, text: WindowText(settings, onWrite: { metrics.rendered() }),
                snapshot: WindowSnapshot(version: 0, state: .waiting),
                reserved: 0, remembered: core.discontinuitiesSoFar))
        self.archive?.attach { [weak self] in self?.settle($0, sequence: $1, place: $2) }
        change { _ in }
    }

    private func settle(_ name: RenditionName, sequence: UInt64, place: WindowTrack.Warm.Place) {
        change { $0.settle(name, sequence: sequence, place: place) }
    }

    /// Forgets everything that was listed: what is on disk is about to be deleted.
    package func clear() {
        change { core in
            core.tracks = [:]
            (core.order, core.textOrder, core.texts) = ([], [], [])
            core.isDirty = true
        }
    }

    /// Players are told of these renditions of text from now on, and of no others; those who are here already see that when
    /// they read the multivariant playlist again. A new one is listed as far back as the window reaches.
    package func announce(_ texts: [TextRendition]) {
        change { $0.announce(texts) }
    }

    /// The newest snapshot; taking it costs a lock and a retain.
    package var snapshot: WindowSnapshot { state.withLock { $0.snapshot } }

    /// Calls `observer` after each publication with the new snapshot, on the publishing thread; it must not block.
    /// Observers live as long as the window.
    package func observe(_ observer: @escaping @Sendable (WindowSnapshot) -> Void) {
        state.withLock { $0.observers.append(observer) }
    }

    /// Where a run that begins now starts on the media timeline.
    package func nextStart() -> MediaTime {
        state.withLock { $0.core.nextStart }
    }

    /// Unix milliseconds on the show clock of media time zero, as the run that began last has it; nil before the first.
    package var epoch: Int64? { state.withLock { $0.core.clock?.epoch } }

    /// A run begins: returns the packager of each of its renditions. Packagers of earlier runs are cut off.
    package func beginRun(_ plan: RunPlan) -> [RenditionName: TrackPackager] {
        let grid = PartGrid(rate: plan.partGrid, partDuration: settings.partDuration)
        let (unix, now) = (unixMilliseconds(), monotonic())
        let run = change { core in
            core.beginRun(plan, now: now, unixMilliseconds: unix)
            return core.run
        }
        return Dictionary(
            plan.renditions.map { ($0.name, TrackPackager($0, grid: grid, run: run, window: self)) }
        ) { first, _ in first }
    }

    /// The feed is away: the open segment is closed, gaps are listed by the wall clock until the next run.
    package func loseFeed(now: MonotonicTime) {
        change { $0.loseFeed(now: now) }
    }

    /// A feed is back and will open a run soon: no gaps for up to four seconds.
    package func feedReturned(now: MonotonicTime) {
        change { $0.feedReturned(now: now) }
    }

    /// To be called about ten times a second.
    package func tick(now: MonotonicTime) {
        change { $0.tick(now: now) }
    }

    /// The show is over: ENDLIST. `onStored` is called once everything that could be written is on disk.
    package func end(onStored: @escaping @Sendable () -> Void = {}) {
        let now = monotonic()
        let memory = change { core in
            core.end(now: now)
            return WindowMemory(
                lastSequence: core.nextSequence, discontinuitySequence: core.discontinuitiesSoFar)
        }
        remember(memory)
        if let archive { archive.afterAll(onStored) } else { onStored() }
    }

    func take(_ steps: [WindowStep], of name: RenditionName, run: Int) {
        let now = monotonic()
        change { $0.take(steps, of: name, run: run, now: now) }
    }

    /// Changes the state under the lock; publishes, measures and remembers after it.
    @discardableResult
    private func change<Result>(_ body: (inout WindowCore) -> Result) -> Result {
        var published: WindowSnapshot?
        var observers: [@Sendable (WindowSnapshot) -> Void] = []
        var delays: [(RenditionName, Duration)] = []
        var memory: WindowMemory?
        let result = state.withLock { state in
            let before = WindowMetrics.Counts(state.core)
            let result = body(&state.core)
            if let desk, state.core.isDirty, !state.core.textOrder.isEmpty {
                state.core.closeTexts(now: monotonic()) { desk.text(of: $0, at: $1) }
            }
            delays = state.core.takeDelays()
            // Under the lock, so that the archive hears of things in their order; it takes them at once.
            // Taken where there is no archive, too: it would keep every segment's bytes.
            let events = state.core.takeOutbox()
            archive?.take(events)
            metrics.count(state.core, since: before)
            if state.core.isDirty {
                state.core.clean()
                state.manifest = WindowManifest.of(state.core, previous: state.manifest)
                state.snapshot = state.text.snapshot(
                    of: state.core, version: state.snapshot.version + 1, manifest: state.manifest)
                published = state.snapshot
                observers = state.observers
            }
            // Lists that have not changed have none that is new.
            let discontinuities = published == nil ? state.remembered : state.core.discontinuitiesSoFar
            let isNews = discontinuities != state.remembered
            if state.core.run > 0, isNews || state.core.nextSequence + 100 > state.reserved {
                if state.core.nextSequence + 100 > state.reserved {
                    state.reserved = state.core.nextSequence + LiveWindow.reservation
                }
                state.remembered = discontinuities
                memory = WindowMemory(lastSequence: state.reserved, discontinuitySequence: discontinuities)
            }
            return result
        }
        if let memory { remember(memory) }
        for (name, delay) in delays { metrics.listed(name, after: delay) }
        if let published { observers.forEach { $0(published) } }
        return result
    }
}
