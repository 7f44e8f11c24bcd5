/// The cues of a track around now, for those who begin to read it. Pure.
///
/// All that begins in a span is here, and nothing of what lies beyond: that may be read where it is kept. As time goes on
/// it has to be read anew. Bound: `most`; policy: the span gets shorter, at its end first; without a counter, as nothing is
/// lost.
package struct RecentCues: Sendable {
    /// Milliseconds before now, and ahead.
    package static let span: Int64 = 120_000
    /// After so long (ms) it is read anew: who begins then has a minute ahead.
    static let freshness: Int64 = 60_000
    static let most = 200

    /// All cues that are on between two instants (Unix milliseconds), in the order of their starts.
    package struct Excerpt: Sendable, Hashable {
        package var cues: [Cue]
        package var from: Int64
        package var until: Int64
        /// Of the track: how often it has changed.
        package var edition: Int

        package init(cues: [Cue], from: Int64, until: Int64, edition: Int) {
            (self.cues, self.from, self.until, self.edition) = (cues, from, until, edition)
        }
    }

    private enum Phase: Sendable {
        case unread
        /// What changes meanwhile is noted.
        case reading(Int, gone: Set<Int>)
        case read(at: Int64, from: Int64, until: Int64)
    }

    private var phase = Phase.unread
    private var cues: [Int: Cue] = [:]
    /// Counts the changes.
    private var edition = 0

    package init() {}

    package mutating func put(_ new: [Cue], at now: Int64) {
        edition += 1
        switch phase {
        case .unread: return
        case .reading(let mark, var gone):
            for cue in new {
                cues[cue.id] = cue
                gone.remove(cue.id)
            }
            phase = .reading(mark, gone: gone)
            // So much at once is read when it is over.
            if cues.count > RecentCues.most { forget() }
        case .read(_, _, let until):
            for cue in new { cues[cue.id] = !cue.isScript && cue.start < until ? cue : nil }
            tidy(at: now)
        }
    }

    package mutating func remove(_ ids: [Int]) {
        edition += 1
        for id in ids { cues[id] = nil }
        if case .reading(let mark, let gone) = phase { phase = .reading(mark, gone: gone.union(ids)) }
    }

    /// Whatever there was may be other than it was: it has to be read.
    package mutating func forget() {
        edition += 1
        cues = [:]
        phase = .unread
    }

    /// From here on changes are noted; what is read was there before them, or is the same. `load` takes what this gives.
    package mutating func begin() -> Int {
        forget()
        phase = .reading(edition, gone: [])
        return edition
    }

    /// What the store had of what begins before `until`. Nothing is known still where everything has changed since `begin`.
    package mutating func load(_ stored: [Cue], until: Int64, at now: Int64, since mark: Int) {
        guard case .reading(mark, let gone) = phase else { return }
        edition += 1
        phase = .read(at: now, from: now - RecentCues.span, until: until)
        for cue in stored where cues[cue.id] == nil && !gone.contains(cue.id) { cues[cue.id] = cue }
        cues = cues.filter { !$0.value.isScript && $0.value.start < until }
        tidy(at: now)
    }

    /// It has to be read, for whoever begins now.
    package func isDue(at now: Int64) -> Bool {
        guard case .read(let at, _, _) = phase else { return true }
        return now >= at + RecentCues.freshness
    }

    /// Nil where nothing is known.
    package func excerpt(at now: Int64) -> Excerpt? {
        guard case .read(_, let first, let until) = phase else { return nil }
        let from = max(first, now - RecentCues.span)
        let cues = cues.values.filter { $0.end > from }.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
        return Excerpt(cues: cues, from: from, until: max(from, until), edition: edition)
    }

    private mutating func tidy(at now: Int64) {
        guard cues.count > RecentCues.most, case .read(let at, let first, var until) = phase else { return }
        var from = max(first, now - RecentCues.span)
        let cues = cues.values.filter { $0.end > from }.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
        // What is to come is dispensable before what has been said.
        let ahead = cues.suffix(max(0, cues.count - RecentCues.most)).filter { $0.start > now }
        if let first = ahead.first { until = first.start }
        let near = cues.dropLast(ahead.count)
        let early = near.prefix(max(0, near.count - RecentCues.most))
        for cue in early { from = max(from, cue.end) }
        self.cues = Dictionary(uniqueKeysWithValues: near.dropFirst(early.count).map { ($0.id, $0) })
        phase = .read(at: at, from: from, until: until)
    }
}
