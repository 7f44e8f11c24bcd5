package import M3U8

/// A place in a rendition: a part of a segment.
package struct Place: Hashable, Comparable, Sendable {
    package var segment: UInt64
    package var part: Int

    package init(_ segment: UInt64, _ part: Int) {
        self.segment = segment
        self.part = part
    }

    package static func < (a: Place, b: Place) -> Bool { (a.segment, a.part) < (b.segment, b.part) }
}

/// A media playlist with a number and a time for everything in it. Viewers of the same bytes share it.
package final class Listing: Sendable {
    package let playlist: MediaPlaylist
    /// Seconds; nil where there are no delta updates.
    package let canSkipUntil: Double?
    /// When each segment starts, in seconds: Unix time where there are dates, else from the first segment on.
    package let starts: [Double]
    /// The end of the last part or segment.
    package let end: Double
    package let isDated: Bool
    /// The init section of each segment.
    package let maps: [String?]
    /// The place that comes next.
    package let next: Place

    package init(_ playlist: MediaPlaylist, canSkipUntil: Double? = nil) {
        self.playlist = playlist
        self.canSkipUntil = canSkipUntil
        let segments = playlist.segments
        var starts: [Double] = []
        var maps: [String?] = []
        var map: String?
        // Before the first date, times are counted back from it.
        var time = 0.0
        let firstDate = segments.firstIndex { $0.programDateTime != nil }
        if let firstDate, let date = segments[firstDate].programDateTime {
            time = Double(date) / 1000 - segments[..<firstDate].reduce(0) { $0 + $1.length }
        }
        for segment in segments {
            if let date = segment.programDateTime { time = Double(date) / 1000 }
            map = segment.map ?? map
            starts.append(time)
            maps.append(map)
            time += segment.length
        }
        self.starts = starts
        self.maps = maps
        end = time
        isDated = firstDate != nil
        let count = UInt64(segments.count)
        if let last = segments.last, last.uri == nil {
            next = Place(playlist.mediaSequence &+ count &- 1, last.parts.count)
        } else {
            next = Place(playlist.mediaSequence &+ count, 0)
        }
    }

    package var first: UInt64 { playlist.mediaSequence }
    package var hasParts: Bool { playlist.partTarget != nil }
    package var canBlock: Bool { playlist.serverControl?.canBlockReload ?? false }

    /// How far from the end a player should stay (seconds).
    package var holdBack: Double {
        if playlist.partTarget != nil, let hold = playlist.serverControl?.partHoldBack { return hold }
        return playlist.serverControl?.holdBack ?? 3 * Double(playlist.targetDuration)
    }

    /// The index of a segment; nil where it is not listed.
    package func index(of segment: UInt64) -> Int? {
        guard segment >= first, segment - first < UInt64(playlist.segments.count) else { return nil }
        return Int(segment - first)
    }

    /// The last place at or before a time from which a decoder can start; the first place of all where there is none.
    package func entry(at time: Double) -> Place {
        var index = starts.count - 1
        while index > 0, starts[index] > time { index -= 1 }
        guard index >= 0 else { return next }
        let segment = playlist.segments[index]
        var found = Place(first + UInt64(index), 0)
        var start = starts[index]
        for (number, part) in segment.parts.enumerated() {
            if start > time + 0.001 { break }
            if part.isIndependent { found.part = number }
            start += part.duration
        }
        return found
    }
}

extension MediaPlaylist.Segment {
    /// Seconds, as far as it goes yet.
    var length: Double { uri == nil ? parts.reduce(0) { $0 + $1.duration } : duration }
}
