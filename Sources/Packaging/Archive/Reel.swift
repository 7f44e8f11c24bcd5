package import Media

/// What one window has written, from a start of the server to its end: read from its journal.
package struct Reel: Sendable, Hashable {
    /// The renditions of one run, best first, and its clock.
    package struct Run: Sendable, Hashable {
        /// Unix milliseconds of media time zero.
        package var epoch: Int64
        package var renditions: [RunPlan.Rendition] = []
        /// Numbers of this run's segments are not below this one.
        package var firstSequence: UInt64 = 0
    }

    package var show: ShowID
    package var tag: String
    /// The tag of the reel before it, where this one goes on with the same window.
    package var continues: String?
    package var began: Int64
    /// DISCONTINUITY tags before its first segment.
    package var discontinuities: UInt64
    package var isKept: Bool
    package var runs: [Run] = []
    /// Renditions of text.
    package var texts: Set<RenditionName> = []
    /// Init sections by rendition and file name, with their length in bytes.
    package var inits: [RenditionName: [String: Int]] = [:]
    /// In the order of their numbers, each once.
    package var segments: [RenditionName: [ReelSegment]] = [:]
    /// Numbers up to this one were given to players.
    package var taken: UInt64 = 0
    /// Unix milliseconds of the show's end; nil where it goes on.
    package var ended: Int64?
    /// Lines that were torn or damaged.
    package var damaged = 0

    /// Reads a journal; nil where its first line is not there.
    ///
    /// A line that does not hold is left out and counted: the last one is torn when the process was killed.
    package init?(journal text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        // Without its line end the last line may be half of one that would still pass for whole.
        var torn = 0
        if let last = text.utf8.last, last != UInt8(ascii: "\n"), !lines.isEmpty {
            lines.removeLast()
            torn = 1
        }
        guard let first = lines.first,
            case .header(let show, let tag, let continues, let unix, let discontinuities, let isKept)? =
                JournalEntry(line: first)
        else { return nil }
        (self.show, self.tag, self.continues, began) = (show, tag, continues, unix)
        (self.discontinuities, self.isKept, damaged) = (discontinuities, isKept, torn)
        var found: [RenditionName: [UInt64: ReelSegment]] = [:]
        for line in lines.dropFirst() {
            guard let entry = JournalEntry(line: line) else {
                damaged += 1
                continue
            }
            switch entry {
            case .header: damaged += 1
            case .run(let epoch):
                runs.append(Run(epoch: epoch, firstSequence: taken > 0 ? taken + 1 : 0))
            case .rendition(let rendition):
                guard let last = runs.indices.last, runs[last].renditions.count < 64 else { continue }
                runs[last].renditions.append(rendition)
            case .text(let name):
                // As many as any show may have, and a few that it had once.
                if texts.count < 64 { texts.insert(name) }
            case .initSection(let name, let file, let bytes): inits[name, default: [:]][file] = bytes
            case .segment(let name, let segment):
                // What was written first stands; a gap may still be filled.
                if found[name]?[segment.sequence].map(\.isGap) ?? true {
                    found[name, default: [:]][segment.sequence] = segment
                }
                taken = max(taken, segment.sequence)
            case .taken(let sequence): taken = max(taken, sequence)
            case .ended(let unix): ended = unix
            }
        }
        segments = found.mapValues { $0.values.sorted { $0.sequence < $1.sequence } }
    }

    /// The run that a segment belongs to.
    package func run(of sequence: UInt64) -> Run? {
        runs.last { $0.firstSequence <= sequence } ?? runs.first
    }

    /// Bytes of all segments and init sections.
    package var bytes: Int {
        segments.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.bytes } }
            + inits.values.reduce(0) { $0 + $1.values.reduce(0, +) }
    }
}
