import DequeModule
import M3U8
import Media
import NIOCore

/// The text of one rendition's closed segments, each written once, however long the list is.
///
/// Text lies in chunks: a new segment copies at most one of them, where an older moment still shares it.
struct SegmentText: Sendable {
    /// One segment's place in a chunk.
    private struct Mark: Sendable {
        var sequence: UInt64
        /// The durations of all segments up to and including it.
        var end: MediaTime
        /// Where the tags begin that it has because of the segment before, and where its own begin.
        var opening: Int
        var body: Int
        var isDiscontinuity: Bool
        /// What holds after it.
        var carried: MediaPlaylist.Carried
    }

    private struct Chunk: Sendable {
        static let length = 64

        var text = ByteBuffer()
        var marks: [Mark] = []
    }

    private var chunks: Deque<Chunk> = []
    /// The number of the newest segment; nil before the first.
    private(set) var last: UInt64?
    /// The durations of all segments that were ever appended: how far it reaches, by what lists say of themselves.
    private(set) var end = MediaTime.zero
    private var carried = MediaPlaylist.Carried()

    /// Numbers rise.
    mutating func append(_ segment: MediaPlaylist.Segment, sequence: UInt64, duration: MediaTime) {
        if chunks.isEmpty || chunks[chunks.endIndex - 1].marks.count >= Chunk.length {
            chunks.append(Chunk())
        }
        let index = chunks.endIndex - 1
        let segment = segment.said(after: carried)
        let opening = chunks[index].text.writerIndex
        segment.writeOpening(into: &chunks[index].text, after: carried)
        let body = chunks[index].text.writerIndex
        segment.writeBody(into: &chunks[index].text)
        carried.pass(segment)
        // Dates are in the text of every segment.
        carried.date = nil
        end += duration
        chunks[index].marks.append(
            Mark(
                sequence: sequence, end: end, opening: opening, body: body,
                isDiscontinuity: segment.isDiscontinuity, carried: carried))
        last = sequence
    }

    /// Forgets chunks whose segments are all below `sequence`.
    mutating func drop(below sequence: UInt64) {
        while let first = chunks.first, let last = first.marks.last, last.sequence < sequence {
            chunks.removeFirst()
        }
    }

    /// The first segment from `sequence` on that does not end by `time` (counted as `end` is), and how many do.
    /// The number is nil where all do.
    func kept(from sequence: UInt64, after time: MediaTime) -> (sequence: UInt64?, skipped: Int) {
        var skipped = 0
        for chunk in chunks {
            // Whole chunks are counted at once, so that a long list costs little.
            if let first = chunk.marks.first, let last = chunk.marks.last, first.sequence >= sequence,
                last.end <= time
            {
                skipped += chunk.marks.count
                continue
            }
            for mark in chunk.marks where mark.sequence >= sequence {
                if mark.end > time { return (mark.sequence, skipped) }
                skipped += 1
            }
        }
        return (nil, skipped)
    }

    /// The end of the first segment from `sequence` on.
    func firstEnd(from sequence: UInt64) -> MediaTime? {
        for chunk in chunks {
            if let mark = chunk.marks.first(where: { $0.sequence >= sequence }) { return mark.end }
        }
        return nil
    }

    /// Appends the segments from `sequence` on. The first of them says for itself which init section and keys it
    /// needs. Returns what holds after the last.
    func write(from sequence: UInt64, into buffer: inout ByteBuffer) -> MediaPlaylist.Carried {
        var isFirst = true
        for chunk in chunks {
            guard let mark = chunk.marks.first(where: { $0.sequence >= sequence }) else { continue }
            var from = mark.opening
            if isFirst {
                let first = MediaPlaylist.Segment(
                    uri: nil, isDiscontinuity: mark.isDiscontinuity, map: mark.carried.map,
                    mapRange: mark.carried.mapRange, keys: mark.carried.keys)
                first.writeOpening(into: &buffer, after: .init())
                from = mark.body
                isFirst = false
            }
            buffer.writeImmutableBuffer(
                chunk.text.getSlice(at: from, length: chunk.text.writerIndex - from) ?? ByteBuffer())
        }
        return isFirst ? .init() : carried
    }

    /// Bytes of all that is kept.
    var length: Int { chunks.reduce(0) { $0 + $1.text.readableBytes } }
}
