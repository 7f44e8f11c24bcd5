// In: cues of one show as they come (any thread), and the places of its window's segments (under the window's lock). Out:
// the bytes of each segment. Blocks nobody: one lock, held for a segment of text. Bound: `CaptionSegmenter`'s; what is too
// late or too much is left out of the playlist and counted (shopcast_caption_dropped_cues_total), not out of the store.

package import Media
import Metrics
package import NIOCore
package import Packaging
package import Shows
import Synchronization

/// The captions of one show, for its window.
package final class CaptionDesk: TextDesk {
    private struct Track {
        var plan: CaptionPlan
        var segmenter: CaptionSegmenter
        var counted = (late: 0, dropped: 0)
    }

    private struct State {
        var tracks: [RenditionName: Track] = [:]
        /// Cues whose times count from the start of the show, by track.
        var script: [RenditionName: [Cue]] = [:]
    }

    private let show: ShowID
    private let state = Mutex(State())
    private let anchor: @Sendable (Int64) -> Void
    private let late: Counter
    private let dropped: Counter

    /// `anchor` is told, under the window's lock, the instant of the show clock (Unix milliseconds) from which scripted
    /// cues count: once they have one.
    init(show: ShowID, anchor: @escaping @Sendable (Int64) -> Void) {
        self.show = show
        self.anchor = anchor
        let labels = [("show", show.text)]
        late = Counter(label: "shopcast_caption_late_cues_total", dimensions: labels)
        dropped = Counter(label: "shopcast_caption_dropped_cues_total", dimensions: labels)
    }

    /// The name of a language's rendition.
    package static func rendition(_ language: LanguageTag) -> RenditionName {
        RenditionName("captions-\(language)")
    }

    /// What players are told of these tracks.
    package static func renditions(_ plans: [CaptionPlan]) -> [TextRendition] {
        plans.map { plan in
            TextRendition(
                name: rendition(plan.language), language: plan.language.text, title: plan.title,
                isMachineMade: plan.source.isMachine)
        }
    }

    /// From now on the show has these tracks; those that it has no more are told of no more, and go on empty.
    package func set(_ plans: [CaptionPlan]) {
        state.withLock { state in
            for plan in plans {
                let name = CaptionDesk.rendition(plan.language)
                if state.tracks[name] == nil {
                    state.tracks[name] = Track(
                        plan: plan, segmenter: CaptionSegmenter(rules: ReadingRules(for: plan.language)))
                }
                state.tracks[name]?.plan = plan
            }
        }
    }

    /// The languages that cues are taken for.
    var languages: [LanguageTag] { state.withLock { $0.tracks.values.map(\.plan.language) } }

    /// New cues, or such that are not what they were.
    func put(_ cues: [Cue], _ language: LanguageTag) {
        let name = CaptionDesk.rendition(language)
        state.withLock { state in
            for cue in cues {
                state.script[name]?.removeAll { $0.id == cue.id }
                if cue.isScript {
                    state.script[name, default: []].append(cue)
                } else {
                    state.tracks[name]?.segmenter.put(cue)
                }
            }
        }
    }

    /// What is on the screen in this language, from when on; nil: nothing.
    func show(_ shown: (start: Int64, text: CueText)?, _ language: LanguageTag) {
        let cue = shown.map { shown in
            Cue(
                id: 0, start: shown.start, end: .max, text: shown.text, origin: .init(.embedded),
                isFinal: false)
        }
        state.withLock { $0.tracks[CaptionDesk.rendition(language)]?.segmenter.show(cue) }
    }

    /// What was on the screen, now that it is over.
    func putShown(_ cues: [Cue], _ language: LanguageTag) {
        state.withLock { state in
            for cue in cues {
                state.tracks[CaptionDesk.rendition(language)]?.segmenter.put(cue, wasShown: true)
            }
        }
    }

    func remove(_ ids: [Int], _ language: LanguageTag) {
        let name = CaptionDesk.rendition(language)
        let gone = Set(ids)
        state.withLock { state in
            state.script[name]?.removeAll { gone.contains($0.id) }
            for id in ids { state.tracks[name]?.segmenter.remove(id) }
        }
    }

    package func text(of name: RenditionName, at place: TextPlace) -> ByteBuffer {
        let (cues, isAnchored, more) = state.withLock {
            state -> ([VTTCue], Bool, (late: Int, dropped: Int)) in
            let isAnchored = !state.script.isEmpty
            if isAnchored { CaptionDesk.anchor(&state, at: place.date) }
            guard var track = state.tracks.removeValue(forKey: name) else { return ([], isAnchored, (0, 0)) }
            let cues = track.segmenter.cues(at: place)
            let now = (late: track.segmenter.lateCues, dropped: track.segmenter.droppedCues)
            let more = (now.late - track.counted.late, now.dropped - track.counted.dropped)
            track.counted = now
            state.tracks[name] = track
            return (cues, isAnchored, more)
        }
        if isAnchored { anchor(place.date) }
        if more.late > 0 { late.increment(by: more.late) }
        if more.dropped > 0 { dropped.increment(by: more.dropped) }
        var writer = VTTWriter.segment()
        for cue in cues { writer.write(cue) }
        return writer.buffer
    }

    /// The show is on air: what was written for it beforehand gets its times.
    private static func anchor(_ state: inout State, at zero: Int64) {
        for (name, script) in state.script {
            for var cue in script {
                (cue.start, cue.end, cue.isScript) = (cue.start + zero, cue.end + zero, false)
                state.tracks[name]?.segmenter.put(cue)
            }
        }
        state.script = [:]
    }
}
