import DequeModule
import Media
import NIOCore

/// A part's place: its segment's number and its index in it.
struct PartKey: Hashable, Comparable, Sendable {
    var sequence: UInt64
    var index: Int

    static func < (a: PartKey, b: PartKey) -> Bool { (a.sequence, a.index) < (b.sequence, b.index) }
}

/// One rendition's side of the window: what has arrived, what is listed, what may still be fetched.
struct WindowTrack: Sendable {
    struct ListedPart: Sendable {
        var file: String
        var duration: MediaTime
        var isIndependent: Bool
        var isGap: Bool
        var bytes: ByteBuffer?
    }

    struct Segment: Sendable {
        var sequence: UInt64
        var start: MediaTime
        /// Unix milliseconds of its first sample.
        var programDateTime: Int64
        var isDiscontinuity: Bool
        /// The init section it needs; nil before the first.
        var map: String?
        var parts: [ListedPart] = []
        /// The name of its file.
        var file: String
        /// Set for a gap that was listed whole, without parts.
        var gapDuration: MediaTime?
        /// What its parts, its file and its init section are encrypted with; nil in the clear.
        var key: ContentKey?
        /// Set once it is complete: its parts may be forgotten then.
        var wholeDuration: MediaTime?
        /// Bytes of all its parts.
        var size = 0
        /// Bytes from its start to the end of its first picture, where that is an IDR picture.
        var keyLength: Int?

        var duration: MediaTime {
            gapDuration ?? wholeDuration ?? parts.reduce(.zero) { $0 + $1.duration }
        }
        var end: MediaTime { start + duration }
        /// Nothing of it can be fetched.
        var isGap: Bool { gapDuration != nil || (wholeDuration == nil && parts.allSatisfy(\.isGap)) }
    }

    /// A closed segment whose bytes are in memory.
    struct Warm: Sendable {
        enum Place: Sendable { case memory, disk(path: String), nowhere }

        var sequence: UInt64
        var file: String
        var closedAt: MonotonicTime
        /// Where the bytes are when they leave memory; `memory` while that is not known.
        var place = Place.memory
        /// Names of its parts, until these are forgotten.
        var parts: [String]
        var length: Int
    }

    enum Rest: Sendable {
        case none, resting
        /// It goes on, and its first segment is not complete.
        case returning
    }

    /// A part that is here but not yet listed, with what opens before it.
    struct Pending: Sendable {
        var key: PartKey
        var part: ArrivedPart
        /// For the first part of a segment.
        var opening: CutSegment?
        var map: String?
    }

    var rendition: RunPlan.Rendition
    /// It belongs to the run that is on air (or was last).
    var isActive = true
    /// Its part of the run is over: the run goes on without it, or is about to end.
    var hasEnded = false
    /// Whether the run goes on without it for a while.
    var rest = Rest.none
    var format: TrackFormat?
    var map: String?
    var closed: Deque<Segment> = []
    var open: Segment?
    var pending: Deque<Pending> = []
    /// The newest part that is listed.
    var listed: PartKey?
    /// What may be fetched and is in memory, by file name: as much as the newest segments need, whatever the window's
    /// length.
    var files: [String: MediaObject] = [:]
    /// What may be fetched and lies on disk; shared with the snapshots.
    let shelf = FileShelf()
    /// Closed segments in memory, oldest first.
    var warm: Deque<Warm> = []
    /// How many of them, from the oldest on, have forgotten their parts.
    private var partless = 0
    /// What has left the playlist and is kept a while for those who are late.
    var retired: Deque<(files: [String], until: MonotonicTime)> = []

    /// The key that is in use, and its span of numbers; the init sections in the clear, by name. Both are for encrypted
    /// shows only.
    var key: (period: UInt64, key: ContentKey)?
    var inits: [String: ByteBuffer] = [:]

    // Where the packager stands.
    /// `map` is the init section that it was opened with: one that comes later is the next segment's.
    var arriving: (sequence: UInt64, opening: CutSegment?, map: String?)?
    var arrivedParts = 0

    init(rendition: RunPlan.Rendition) {
        self.rendition = rendition
    }

    /// More of it is to come, and others keep step with it.
    var isProducing: Bool { isActive && !hasEnded && rest != .resting }

    var isVideo: Bool { if case .video = rendition.kind { true } else { false } }
    var isText: Bool { rendition.kind == .text }

    /// The end of what is listed or waits to be.
    var end: MediaTime? {
        let arrived = pending.last.map { $0.part.start + $0.part.duration }
        let shown = open?.end ?? closed.last?.end
        return [arrived, shown].compactMap { $0 }.max()
    }

    /// The last number and part that players are told of in reports.
    var reported: PartKey? {
        if let open { return PartKey(sequence: open.sequence, index: open.parts.count - 1) }
        guard let last = closed.last else { return nil }
        return PartKey(sequence: last.sequence, index: last.parts.count - 1)
    }

    /// Closes the open segment into the list, with its file; returns it with its bytes.
    @discardableResult
    mutating func closeOpen(now: MonotonicTime) -> (segment: Segment, buffers: [ByteBuffer])? {
        guard var segment = open else { return nil }
        open = nil
        if rest == .returning { rest = .none }
        let buffers = segment.parts.compactMap(\.bytes)
        if segment.isGap {
            segment.gapDuration = segment.duration
        } else {
            segment.wholeDuration = segment.duration
        }
        if !buffers.isEmpty {
            let bytes = segment.key.map { key in key.sealed(buffers).map { [$0] } ?? [] } ?? buffers
            files[segment.file] = MediaObject(kind: isVideo ? .video : .audio, buffers: bytes)
            warm.append(
                Warm(
                    sequence: segment.sequence, file: segment.file, closedAt: now,
                    parts: segment.parts.map(\.file),
                    length: buffers.reduce(0) { $0 + $1.readableBytes }))
        }
        closed.append(segment)
        return (segment, buffers)
    }

    /// Where a number stands in `closed`, which has every number once.
    func place(of sequence: UInt64) -> Int? {
        guard let first = closed.first?.sequence, sequence >= first, sequence - first < UInt64(closed.count)
        else { return nil }
        return Int(sequence - first)
    }

    /// Drops segments below `sequence` from the list; their files stay until `until`.
    mutating func retire(below sequence: UInt64, until: MonotonicTime) {
        while let first = closed.first, first.sequence < sequence {
            closed.removeFirst()
            var names = first.parts.map(\.file)
            if !first.isGap { names.append(first.file) }
            if let map = first.map, map != self.map, !closed.contains(where: { $0.map == map }),
                open?.map != map
            {
                names.append(map)
            }
            if let key = first.key?.file, !closed.contains(where: { $0.key?.file == key }),
                open?.key?.file != key
            {
                names.append(key)
            }
            if !names.isEmpty { retired.append((names, until)) }
        }
    }

    /// Forgets the parts of segments that were closed `partsKept` ago, and takes from memory those that were closed
    /// `hot` ago and have their place on disk. Returns how many have no place: these are gaps from now on.
    mutating func cool(now: MonotonicTime, partsKept: Duration, hot: Duration) -> Int {
        while partless < warm.count, now - warm[partless].closedAt >= partsKept {
            for part in warm[partless].parts { files[part] = nil }
            warm[partless].parts = []
            if let place = place(of: warm[partless].sequence) { closed[place].parts = [] }
            partless += 1
        }
        var lost = 0
        while partless > 0, let first = warm.first, now - first.closedAt >= hot {
            switch first.place {
            case .memory: if files[first.file] != nil { return lost }
            case .disk(let path):
                // What has left the list meanwhile, with its grace, is not there any more.
                if let object = files.removeValue(forKey: first.file) {
                    shelf.put(first.file, MediaObject(kind: object.kind, file: path, length: object.length))
                }
            case .nowhere:
                files[first.file] = nil
                if let place = place(of: first.sequence) {
                    closed[place].gapDuration = closed[place].duration
                    lost += 1
                }
            }
            warm.removeFirst()
            partless -= 1
        }
        return lost
    }

    /// Forgets the files whose time is over; returns their names, and paths where they lie on disk.
    mutating func forget(now: MonotonicTime) -> [(name: String, path: String?)] {
        var gone: [(name: String, path: String?)] = []
        while let first = retired.first, first.until <= now {
            for name in first.files { files[name] = nil }
            gone += first.files.map { ($0, shelf.object($0)?.file) }
            shelf.remove(first.files)
            retired.removeFirst()
        }
        return gone
    }
}
