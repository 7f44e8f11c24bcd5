package import Foundation
package import Media
import Metrics
package import People
package import Shows
import Synchronization

// Tracks that machines make: what they hear, how they do, and whether anybody wants them to go on.

extension CaptionHall {
    /// What is known of a track besides its cues.
    struct Liveness: Sendable {
        var state: TrackState?
        /// What is being said, and when that was heard last.
        var partial: (said: CaptionPartial, at: MonotonicTime)?
        var meter = TrackMeter()
        var recent = RecentCues()

        /// Whoever said it may be gone without a word.
        func partial(at now: MonotonicTime) -> CaptionPartial? {
            partial.flatMap { now - $0.at < CaptionHall.patience ? $0.said : nil }
        }
    }

    /// So long is something being said shown to newcomers when nothing more of it is heard.
    static let patience = Duration.seconds(20)

    /// Bound on tracks of which something is known; beyond it the rest is forgotten, and comes again.
    static let mostTracks = 4096

    /// Finals of a machine: kept, shown, told. Blocks for the store.
    package func hear(_ drafts: [CueDraft], on show: ShowID, _ language: LanguageTag) throws -> [Cue] {
        try add(drafts, to: show, language, by: .server, at: Date())
    }

    /// What is being said, which is not final: told at once (`News.partial`). Nil: nothing any more. A cue that follows ends
    /// it, too.
    package func hearing(
        _ partial: CaptionPartial?, on show: ShowID, _ language: LanguageTag, at now: MonotonicTime = .now
    ) {
        let isNews = know(show, language) { known in
            let (said, shown) = (known.partial?.said, known.partial(at: now))
            known.partial = partial.map { ($0, now) }
            return said != partial || shown != partial
        }
        if isNews { inform(show, language, .partial(partial)) }
    }

    /// What is being said now.
    package func partial(
        on show: ShowID, _ language: LanguageTag, at now: MonotonicTime = .now
    ) -> CaptionPartial? {
        tracks.withLock { $0[TrackName(show, language)]?.partial(at: now) }
    }

    // MARK: How a track does

    /// Replaces what was reported before.
    package func report(_ state: TrackState, on show: ShowID, _ language: LanguageTag) {
        let isNews = know(show, language) { known in
            defer { known.state = state }
            return known.state?.phase != state.phase || known.state?.why != state.why
        }
        if isNews { inform(show, language, .state(state)) }
    }

    /// What was reported, completed by what the hall has seen. Blocks for the store the first time.
    package func state(of show: ShowID, _ plan: CaptionPlan, at now: Date) -> TrackState {
        let language = plan.language
        let (reported, summary) = tracks.withLock { tracks in
            let known = tracks[TrackName(show, language)]
            return (known?.state, known?.meter.summary(at: now.unixMilliseconds))
        }
        var state = reported ?? TrackState(summary?.cuesPerMinute ?? 0 > 0 ? .running : .idle)
        if plan.source.isMachine {
            // Its machine may not have heard yet that it is wanted again, or no longer.
            if !isWanted(show, language) {
                (state.phase, state.why) = (.stopped, nil)
            } else if state.phase == .stopped {
                state.phase = .idle
            }
        }
        state.delay = state.delay ?? summary?.delay
        state.cuesPerMinute = state.cuesPerMinute ?? summary?.cuesPerMinute ?? 0
        return state
    }

    /// Whether the track's machine should work: nobody has stopped it. Blocks for the store the first time.
    package func isWanted(_ show: ShowID, _ language: LanguageTag) -> Bool {
        !stopped(of: show).contains(language)
    }

    /// Starts or stops the machine of a track: told as `News.wanted`, and kept over restarts. Blocks for the store.
    package func want(
        _ isWanted: Bool, on show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws {
        guard try store.setStopped(!isWanted, show, language, by: actor, at: now) else { return }
        stops.withLock { $0.change(show, to: nil) }
        if !isWanted { hearing(nil, on: show, language) }
        inform(show, language, .wanted(isWanted))
    }

    private func stopped(of show: ShowID) -> Set<LanguageTag> {
        let (known, changes) = stops.withLock { ($0[show], $0.changes) }
        if let known { return known }
        // Nothing is kept of what could not be read.
        guard let read = try? store.stoppedTracks(of: show) else { return [] }
        stops.withLock { $0.learn(read, of: show, since: changes) }
        return read
    }

    // MARK: What is known

    func know<Value>(
        _ show: ShowID, _ language: LanguageTag, _ body: (inout Liveness) -> Value
    ) -> Value {
        tracks.withLock { tracks in
            let name = TrackName(show, language)
            if tracks[name] == nil, tracks.count >= CaptionHall.mostTracks { tracks = [:] }
            return body(&tracks[name, default: Liveness()])
        }
    }

    /// New final cues have come.
    func measure(_ cues: [Cue], on show: ShowID, _ language: LanguageTag) {
        let now = Date().unixMilliseconds
        let new = cues.filter { !$0.isScript && $0.revision == 1 }
        know(show, language) { known in
            for cue in new { known.meter.note(end: cue.end, at: now) }
            known.partial = nil
        }
        for cue in new where cue.origin.kind.isMachine || cue.origin.kind == .embedded {
            Recorder(
                label: "shopcast_caption_delay_milliseconds",
                dimensions: [("source", cue.origin.kind.rawValue)], aggregate: true
            ).record(max(0, now - cue.end))
        }
    }
}
