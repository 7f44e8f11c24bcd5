package import Media

/// Which cues of a track are translations of which of another. Pure.
package struct RenderedTrack: Sendable {
    /// Of one cue of the other track.
    package struct Standing: Sendable, Hashable {
        /// In the order of their starts.
        package var ids: [Int] = []
        /// Somebody has put one of them right: they are left as they are.
        package var isPersons = false

        package init(ids: [Int] = [], isPersons: Bool = false) {
            self.ids = ids
            self.isPersons = isPersons
        }
    }

    private struct Made: Sendable {
        var id: Int
        var start: Int64
        var isPersons: Bool
    }

    /// The language of the other track.
    package let from: LanguageTag
    private var made: [Int: [Made]] = [:]
    private var sources: [Int: Int] = [:]
    /// When there are cues that were made otherwise: from another language, or by somebody.
    private var strangers: [Int: Span] = [:]

    private struct Span: Sendable {
        var start: Int64
        var end: Int64
    }

    package init(from: LanguageTag, _ cues: [Cue] = []) {
        self.from = from
        put(cues)
    }

    /// Cues of this track are new, or not what they were.
    package mutating func put(_ cues: [Cue]) {
        for cue in cues {
            guard let source = cue.origin.cue, cue.origin.from == from else {
                strangers[cue.id] = Span(start: cue.start, end: cue.end)
                continue
            }
            sources[cue.id] = source
            var all = made[source] ?? []
            all.removeAll { $0.id == cue.id }
            all.append(Made(id: cue.id, start: cue.start, isPersons: cue.isPersons))
            all.sort { ($0.start, $0.id) < ($1.start, $1.id) }
            made[source] = all
        }
    }

    package mutating func remove(_ ids: [Int]) {
        for id in ids {
            strangers[id] = nil
            guard let source = sources.removeValue(forKey: id) else { continue }
            made[source]?.removeAll { $0.id == id }
            if made[source]?.isEmpty == true { made[source] = nil }
        }
    }

    /// Everything is other than it was.
    package mutating func replace(_ cues: [Cue]) {
        (made, sources, strangers) = ([:], [:], [:])
        put(cues)
    }

    /// What is owed: cues of the other track of which nothing was made as they are now, and such that are gone, of which there
    /// may be something still; in the order of their ids. `done` tells of which something was made, at which revision. What
    /// somebody else has made meanwhile is not made again.
    package func owed(_ cues: [Cue], done: [Int: Int]) -> [Int] {
        let gone = Set(done.keys).union(made.keys).subtracting(cues.map(\.id))
        // Each with the latest end of all up to it.
        var reaches: [Span] = []
        for span in strangers.values.sorted(by: { $0.start < $1.start }) {
            reaches.append(Span(start: span.start, end: max(span.end, reaches.last?.end ?? .min)))
        }
        let new = cues.filter { cue in
            if let revision = done[cue.id] { return revision != cue.revision }
            var (low, high) = (0, reaches.count)
            while low < high {
                let middle = (low + high) / 2
                if reaches[middle].start < cue.end { low = middle + 1 } else { high = middle }
            }
            return low == 0 || reaches[low - 1].end <= cue.start
        }
        return (gone + new.map(\.id)).sorted()
    }

    package func standing(of source: Int) -> Standing {
        guard let all = made[source] else { return Standing() }
        return Standing(ids: all.map(\.id), isPersons: all.contains(where: \.isPersons))
    }

    /// The cues of the other track that something here was made from.
    package var rendered: [Int] { made.keys.sorted() }
}
