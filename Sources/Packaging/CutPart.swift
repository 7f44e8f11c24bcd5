import Media
import NIOCore

/// What a cutter makes of a rendition's samples, in order.
enum CutEvent: Sendable {
    /// The samples that follow need this init section.
    case initSection(TrackFormat)
    case segment(CutSegment)
    case part(CutPart)
    /// The segment that is open goes on: a picture of the part of this index is there.
    case partBegun(Int)
    /// The segment that is open has as many parts as were made of it, and no more will come.
    case segmentEnded
    /// There is no segment of this rendition at the next number.
    case resting
}

/// A segment opens. Segments of a run are counted from 0, in step over all renditions.
struct CutSegment: Sendable, Hashable {
    var ordinal: UInt64
    var start: MediaTime
    var isDiscontinuity: Bool
}

/// Samples in decoding order, with settled durations; none in a gap.
struct CutPart: Sendable {
    var index: Int
    var start: MediaTime
    /// As it is told to players: up to where the next part starts.
    var duration: MediaTime
    var samples: [AccessUnit]
    var isIndependent: Bool

    /// When the last of its samples arrived; nil in a gap.
    var lastArrival: MonotonicTime? { samples.map(\.arrival).max() }
}
