/// A media playlist (draft-pantos-hls-rfc8216bis, section 4): one rendition's segments and parts.
package struct MediaPlaylist: Hashable, Sendable {
    /// EXT-X-PLAYLIST-TYPE (4.4.3.5).
    package enum Kind: String, Hashable, Sendable {
        case event = "EVENT"
        case video = "VOD"
    }

    /// EXT-X-SERVER-CONTROL (4.4.3.8); seconds.
    package struct ServerControl: Hashable, Sendable {
        package var canBlockReload: Bool
        /// CAN-SKIP-UNTIL, the Skip Boundary: nil where there are no delta updates.
        package var canSkipUntil: Double?
        package var canSkipDateRanges: Bool
        package var holdBack: Double?
        package var partHoldBack: Double?

        package init(
            canBlockReload: Bool, canSkipUntil: Double? = nil, canSkipDateRanges: Bool = false,
            holdBack: Double?, partHoldBack: Double?
        ) {
            self.canBlockReload = canBlockReload
            self.canSkipUntil = canSkipUntil
            self.canSkipDateRanges = canSkipDateRanges
            self.holdBack = holdBack
            self.partHoldBack = partHoldBack
        }
    }

    /// EXT-X-SKIP (4.4.5.2): the first segments of the list are left out.
    package struct Skip: Hashable, Sendable {
        package var segments: Int
        /// RECENTLY-REMOVED-DATERANGES, empty or not; nil where date ranges are not skipped.
        package var removedDateRanges: [String]?

        package init(segments: Int, removedDateRanges: [String]? = nil) {
            self.segments = segments
            self.removedDateRanges = removedDateRanges
        }
    }

    /// EXT-X-RENDITION-REPORT (4.4.5.4).
    package struct Report: Hashable, Sendable {
        package var uri: String
        package var lastSequence: UInt64
        package var lastPart: Int?

        package init(uri: String, lastSequence: UInt64, lastPart: Int?) {
            self.uri = uri
            self.lastSequence = lastSequence
            self.lastPart = lastPart
        }
    }

    /// Seconds.
    package var targetDuration: Int
    /// Seconds; nil where the playlist has no parts at all.
    package var partTarget: Double?
    package var serverControl: ServerControl?
    /// The number of the first segment, skipped ones included.
    package var mediaSequence: UInt64
    package var discontinuitySequence: UInt64
    package var kind: Kind?
    /// EXT-X-I-FRAMES-ONLY: each segment is one picture.
    package var isIFramesOnly: Bool
    /// EXT-X-INDEPENDENT-SEGMENTS; a multivariant playlist says it for all of its own.
    package var hasIndependentSegments: Bool
    package var start: StartPoint?
    /// Set in a delta update: `segments` are those after the skipped ones.
    package var skip: Skip?
    package var segments: [Segment]
    package var dateRanges: [DateRange]
    /// EXT-X-PRELOAD-HINT:TYPE=PART: where the next part will be.
    package var hintedPart: String?
    /// EXT-X-PRELOAD-HINT:TYPE=MAP: the init section that the next part will need.
    package var hintedMap: String?
    package var reports: [Report]
    package var isEnded: Bool

    package init(
        targetDuration: Int, partTarget: Double? = nil, serverControl: ServerControl? = nil,
        mediaSequence: UInt64, discontinuitySequence: UInt64 = 0, kind: Kind? = nil,
        isIFramesOnly: Bool = false, hasIndependentSegments: Bool = false, start: StartPoint? = nil,
        skip: Skip? = nil, segments: [Segment] = [], dateRanges: [DateRange] = [],
        hintedPart: String? = nil, hintedMap: String? = nil, reports: [Report] = [], isEnded: Bool = false
    ) {
        self.targetDuration = targetDuration
        self.partTarget = partTarget
        self.serverControl = serverControl
        self.mediaSequence = mediaSequence
        self.discontinuitySequence = discontinuitySequence
        self.kind = kind
        self.isIFramesOnly = isIFramesOnly
        self.hasIndependentSegments = hasIndependentSegments
        self.start = start
        self.skip = skip
        self.segments = segments
        self.dateRanges = dateRanges
        self.hintedPart = hintedPart
        self.hintedMap = hintedMap
        self.reports = reports
        self.isEnded = isEnded
    }

    /// EXT-X-VERSION: what is in the list needs this protocol version, and no higher one (section 8).
    package var version: Int {
        if let skip { return skip.removedDateRanges == nil ? 9 : 10 }
        let hasMap = segments.contains { $0.map != nil }
        if hasMap && !isIFramesOnly { return 6 }
        if hasMap || segments.contains(where: { $0.keys.contains { $0.format != nil } }) { return 5 }
        if isIFramesOnly || segments.contains(where: { $0.byteRange != nil }) { return 4 }
        // Durations are written with decimals.
        return 3
    }
}

/// EXT-X-START (4.4.2.2).
package struct StartPoint: Hashable, Sendable {
    /// Seconds from the beginning, or where negative from the end.
    package var offset: Double
    package var isPrecise: Bool

    package init(offset: Double, isPrecise: Bool = false) {
        self.offset = offset
        self.isPrecise = isPrecise
    }
}
