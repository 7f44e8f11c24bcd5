import DequeModule

/// Sound that is on its way to a service: what was not sent, and what was sent and has no final words yet. Pure.
///
/// Bound: of what was sent, `mostSent` seconds; what was not is bounded by who uses it.
struct SoundQueue: Sendable {
    private static let rate = 16_000.0
    private static let mostSent = 10.0

    private struct Piece: Sendable {
        /// Samples from the start of the session.
        var start: Int
        var samples: [Int16]
        var end: Int { start + samples.count }
    }

    private var pieces = Deque<Piece>()
    /// Pieces that were sent.
    private var sent = 0
    /// Samples that came.
    private var end = 0
    /// The first that was sent over this connection, and the one that is to follow what was.
    private var first = 0
    private var following = 0

    /// Seconds from the start of the session to the first sample that was sent over this connection.
    var base: Double { Double(first) / SoundQueue.rate }

    /// Seconds that were not sent.
    var unsent: Double {
        guard sent < pieces.count else { return 0 }
        return Double(end - pieces[sent].start) / SoundQueue.rate
    }

    mutating func put(_ samples: [Int16]) {
        guard !samples.isEmpty else { return }
        pieces.append(Piece(start: end, samples: samples))
        end += samples.count
    }

    /// So many samples have come, and are left out.
    mutating func skip(_ count: Int) { end += count }

    /// A new connection: everything is sent again.
    mutating func rewind() {
        sent = 0
        first = pieces.first?.start ?? end
        following = first
    }

    /// What is next does not follow what was sent: it is for another connection, since each counts from its first sample.
    var hasGap: Bool { sent < pieces.count && pieces[sent].start != following }

    /// The next that is to be sent; nil where there is nothing.
    mutating func next() -> [Int16]? {
        guard sent < pieces.count, !hasGap else { return nil }
        let piece = pieces[sent]
        following = piece.end
        sent += 1
        trim()
        return piece.samples
    }

    /// Up to here (seconds) it has its words.
    mutating func settle(to seconds: Double) {
        guard seconds.isFinite else { return }
        while sent > 1, let first = pieces.first, Double(first.end) / SoundQueue.rate <= seconds { forget() }
    }

    /// All but the newest `kept` seconds go. The seconds that went.
    mutating func drop(to kept: Double) -> Int {
        let limit = end - Int(kept * SoundQueue.rate)
        let before = pieces.reduce(0) { $0 + $1.samples.count }
        while let first = pieces.first, first.end <= limit { forget() }
        return Int(Double(before - pieces.reduce(0) { $0 + $1.samples.count }) / SoundQueue.rate)
    }

    private mutating func trim() {
        while sent > 1, let first = pieces.first,
            Double(pieces[sent - 1].end - first.start) / SoundQueue.rate > SoundQueue.mostSent
        {
            forget()
        }
    }

    private mutating func forget() {
        pieces.removeFirst()
        sent = max(0, sent - 1)
    }
}
