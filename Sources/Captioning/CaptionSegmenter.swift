import Media
package import Packaging

/// Cuts a track into segments as long as the pictures'. Pure.
///
/// In: final cues, as they come, and the places of the segments, in order, each when it is complete. Out: the cues of each
/// place, on the media clock. A cue that goes over a boundary stands in both segments, the same in each. What a segment
/// holds never changes: a cue that comes too late for its own goes, clipped, into the next, after other late ones; one that
/// is far too late stays out, as what is said by then is something else. Corrections of what has been told stay out, too.
package struct CaptionSegmenter: Sendable {
    /// Later than this a cue says nothing of what is seen (milliseconds).
    static let latest: Int64 = 20_000
    /// More at once nobody reads; more cues of the future nobody has.
    static let mostAtOnce = 32
    static let mostWaiting = CaptionFile.mostCues

    private struct Told: Sendable {
        var cue: Cue
        var start: Int64
        var end: Int64
    }

    private let rules: ReadingRules
    /// In the order of their starts.
    private var waiting: [Cue] = []
    private var waitingIDs: Set<Int> = []
    /// What is on the screen now, without an end so far.
    private var open: Cue?
    /// What stands in the last segment and goes on.
    private var told: [Told] = []
    /// Ends of those that are over, for as long as a correction of them would be taken for a late cue.
    private var past: [Int: Int64] = [:]
    /// The end of the last segment (Unix milliseconds).
    private var reached: Int64?
    /// Late cues are shown one after the other.
    private var lateUntil: Int64 = 0
    package private(set) var lateCues = 0
    package private(set) var droppedCues = 0

    package init(rules: ReadingRules) { self.rules = rules }

    /// This is on the screen, until something else is said: each segment tells its piece of it. Nil: nothing is.
    package mutating func show(_ cue: Cue?) { open = cue }

    /// A new cue, or one that is not what it was. Until it has been told it is as it was put last. Of what `wasShown` the
    /// pieces that were told already are not told again.
    package mutating func put(_ cue: Cue, wasShown: Bool = false) {
        var cue = cue
        if wasShown, let reached {
            guard cue.end > reached else { return }
            cue.start = max(cue.start, reached)
        }
        forget(cue.id)
        guard cue.isFinal, past[cue.id] == nil, !told.contains(where: { $0.cue.id == cue.id }) else { return }
        // What is over is known to nobody who watches now.
        guard reached.map({ cue.start > $0 - CaptionSegmenter.latest || cue.end > $0 }) ?? true else {
            return
        }
        guard waiting.count < CaptionSegmenter.mostWaiting else {
            droppedCues += 1
            return
        }
        var place = waiting.endIndex
        while place > 0, (waiting[place - 1].start, waiting[place - 1].id) > (cue.start, cue.id) {
            place -= 1
        }
        waiting.insert(cue, at: place)
        waitingIDs.insert(cue.id)
    }

    /// Whoever comes back after a break puts thousands at once: only what is there is looked for.
    private mutating func forget(_ id: Int) {
        if waitingIDs.remove(id) != nil { waiting.removeAll { $0.id == id } }
    }

    /// It is told no more; segments that hold it keep it.
    package mutating func remove(_ id: Int) {
        forget(id)
        told.removeAll { $0.cue.id == id }
    }

    /// The cues of the next segment.
    package mutating func cues(at place: TextPlace) -> [VTTCue] {
        let (from, to) = (place.date, place.endDate)
        let due = waiting.prefix { $0.start < to }
        waiting.removeFirst(due.count)
        var later: [Cue] = []
        for cue in due {
            if cue.start >= from {
                told.append(Told(cue: cue, start: cue.start, end: cue.end))
            } else if cue.end > from, cue.end - from >= min(cue.end - cue.start, rules.shortest.milliseconds)
            {
                // It is on at this moment: the rest of it is shown.
                if isLate(cue) { lateCues += 1 }
                told.append(Told(cue: cue, start: from, end: cue.end))
            } else if isLate(cue), from - cue.start <= CaptionSegmenter.latest {
                let start = max(from, lateUntil)
                guard start < to else {
                    later.append(cue)
                    continue
                }
                lateCues += 1
                let length = min(cue.end - cue.start, rules.readingTime(cue.text.text).milliseconds)
                lateUntil = start + max(length, rules.shortest.milliseconds)
                told.append(Told(cue: cue, start: start, end: lateUntil))
            } else if reached != nil {
                droppedCues += 1
            }
        }
        waiting.insert(contentsOf: later, at: 0)
        for cue in due { waitingIDs.remove(cue.id) }
        for cue in later { waitingIDs.insert(cue.id) }
        if told.count > CaptionSegmenter.mostAtOnce {
            droppedCues += told.count - CaptionSegmenter.mostAtOnce
            told.removeFirst(told.count - CaptionSegmenter.mostAtOnce)
        }
        let shift = place.start.milliseconds - place.date
        var pieces = told.filter { $0.start < to && $0.end > from }
        if var open, open.start < to, to - open.start < ScreenCaptions.longest {
            // Its number tells pieces of it from each other.
            open.id = Int(truncatingIfNeeded: place.sequence)
            pieces.append(Told(cue: open, start: max(open.start, from), end: to))
        }
        let cues = pieces.map { told in
            VTTCue(
                id: (told.cue.isFinal ? "c" : "o") + "\(told.cue.id)",
                start: MediaTime(milliseconds: max(0, told.start + shift)),
                end: MediaTime(milliseconds: max(0, told.end + shift)), speaker: told.cue.speaker,
                text: rules.wrapped(told.cue.text))
        }
        for over in told where over.end <= to { past[over.cue.id] = over.end }
        past = past.filter { $0.value > to - CaptionSegmenter.latest * 2 }
        told.removeAll { $0.end <= to }
        reached = to
        return cues.sorted { ($0.start, $0.id ?? "") < ($1.start, $1.id ?? "") }
    }

    /// An earlier segment should have had it.
    private func isLate(_ cue: Cue) -> Bool { reached.map { cue.start < $0 } ?? false }
}
