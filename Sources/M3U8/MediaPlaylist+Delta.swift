extension MediaPlaylist {
    /// What holds at some place of a list because of the segments before it.
    package struct Carried: Hashable, Sendable {
        package var map: String?
        package var mapRange: ByteRange?
        /// The keys in force, one of each format; empty where segments are clear.
        package var keys: [Key] = []
        /// Unix milliseconds at which the next segment starts, where any date was given.
        package var date: Int64?

        package init() {}

        /// Goes past `segment`.
        package mutating func pass(_ segment: Segment) {
            if let next = segment.map { (map, mapRange) = (next, segment.mapRange) }
            for key in segment.keys {
                if key.method == Key.clear.method { keys = [] }
                keys.removeAll { $0.format == key.format }
                if key.method != Key.clear.method { keys.append(key) }
            }
            if let start = segment.programDateTime ?? date {
                // Durations of strangers may add up to anything.
                let length = Int64((min(max(segment.duration, 0), 1e12) * 1000).rounded())
                let (end, isOver) = start.addingReportingOverflow(length)
                date = isOver ? nil : end
            }
        }
    }

    /// What comes before the Skip Boundary: how many segments may be left out of a delta update (6.2.5.1).
    ///
    /// A segment is left out where all of it lies further from the end of the list, parts of the open segment
    /// included, than `boundary` seconds.
    package func skippable(boundary: Double) -> Int {
        var distance = 0.0
        for (index, segment) in segments.enumerated().reversed() {
            if segment.uri != nil, distance >= boundary - 1e-9 { return index + 1 }
            distance += segment.uri == nil ? segment.parts.reduce(0) { $0 + $1.duration } : segment.duration
        }
        return 0
    }

    /// The list as a delta update (6.2.5.1); nil where nothing can be skipped, or it is one already.
    ///
    /// The first segment that stays repeats the init section, the keys and the date that hold for it.
    package func delta(boundary: Double) -> MediaPlaylist? {
        let count = skippable(boundary: boundary)
        guard count > 0, skip == nil, !isEnded else { return nil }
        var carried = Carried()
        for segment in segments.prefix(count) { carried.pass(segment) }
        var delta = self
        delta.skip = Skip(segments: count)
        delta.segments.removeFirst(count)
        delta.segments.repeatAtFirst(carried)
        return delta
    }

    /// The full list that `update` stands for, given this older full list; nil where this one does not hold all
    /// that is skipped, so that a full list must be fetched.
    package func updated(by update: MediaPlaylist) -> MediaPlaylist? {
        guard let skip = update.skip else { return update }
        guard self.skip == nil, update.mediaSequence >= mediaSequence else { return nil }
        let complete = segments.prefix { $0.uri != nil }.count
        let gone = update.mediaSequence - mediaSequence
        guard gone <= UInt64(complete), complete - Int(gone) >= skip.segments else { return nil }
        var full = update
        full.skip = nil
        var carried = Carried()
        for segment in segments.prefix(Int(gone)) { carried.pass(segment) }
        var kept = Array(segments.dropFirst(Int(gone)).prefix(skip.segments))
        // What left the list said these for those that stay.
        kept.repeatAtFirst(carried)
        carried = Carried()
        for index in kept.indices {
            // Parts are never listed so far from the end.
            kept[index].parts = []
            carried.pass(kept[index])
        }
        var rest = update.segments
        if !rest.isEmpty, !kept.isEmpty {
            if rest[0].map == carried.map, rest[0].mapRange == carried.mapRange {
                (rest[0].map, rest[0].mapRange) = (nil, nil)
            }
            if rest[0].keys == carried.keys { rest[0].keys = [] }
        }
        full.segments = kept + rest
        if let removed = skip.removedDateRanges {
            let listed = Set(update.dateRanges.map(\.id)).union(removed)
            full.dateRanges = dateRanges.filter { !listed.contains($0.id) } + update.dateRanges
        }
        return full
    }
}

extension [MediaPlaylist.Segment] {
    /// Lets the first segment say for itself what it has from segments that are not listed.
    fileprivate mutating func repeatAtFirst(_ carried: MediaPlaylist.Carried) {
        guard !isEmpty else { return }
        if self[0].map == nil { (self[0].map, self[0].mapRange) = (carried.map, carried.mapRange) }
        if self[0].keys.isEmpty { self[0].keys = carried.keys }
        if self[0].programDateTime == nil { self[0].programDateTime = carried.date }
    }
}
