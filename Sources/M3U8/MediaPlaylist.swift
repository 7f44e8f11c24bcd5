/// A media playlist (draft-pantos-hls-rfc8216bis, section 4): one rendition's segments and parts.
package struct MediaPlaylist: Hashable, Sendable {
    /// EXT-X-SERVER-CONTROL (4.4.3.8); seconds.
    package struct ServerControl: Hashable, Sendable {
        package var canBlockReload: Bool
        package var holdBack: Double?
        package var partHoldBack: Double?

        package init(canBlockReload: Bool, holdBack: Double?, partHoldBack: Double?) {
            self.canBlockReload = canBlockReload
            self.holdBack = holdBack
            self.partHoldBack = partHoldBack
        }
    }

    /// EXT-X-PART (4.4.4.9).
    package struct Part: Hashable, Sendable {
        package var uri: String
        /// Seconds.
        package var duration: Double
        /// It holds a picture at which a decoder may start.
        package var isIndependent: Bool
        package var isGap: Bool

        package init(uri: String, duration: Double, isIndependent: Bool = false, isGap: Bool = false) {
            self.uri = uri
            self.duration = duration
            self.isIndependent = isIndependent
            self.isGap = isGap
        }
    }

    package struct Segment: Hashable, Sendable {
        /// Nil for the segment that is still open: it has parts only, and stands last.
        package var uri: String?
        /// EXTINF, in seconds; without meaning where `uri` is nil.
        package var duration: Double
        package var isDiscontinuity: Bool
        package var isGap: Bool
        /// The init section that holds from here on; the renderer writes it where it changes. Nil: as before.
        package var map: String?
        /// EXT-X-KEY tags that stand before this segment; empty: as before.
        package var keys: [Key] = []
        /// EXT-X-PROGRAM-DATE-TIME in Unix milliseconds.
        package var programDateTime: Int64?
        package var parts: [Part]

        package init(
            uri: String?, duration: Double = 0, isDiscontinuity: Bool = false, isGap: Bool = false,
            map: String? = nil,
            programDateTime: Int64? = nil, parts: [Part] = []
        ) {
            self.uri = uri
            self.duration = duration
            self.isDiscontinuity = isDiscontinuity
            self.isGap = isGap
            self.map = map
            self.programDateTime = programDateTime
            self.parts = parts
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
    package var mediaSequence: UInt64
    package var discontinuitySequence: UInt64
    package var segments: [Segment]
    /// EXT-X-PRELOAD-HINT:TYPE=PART: where the next part will be.
    package var hintedPart: String?
    package var reports: [Report]
    package var isEnded: Bool

    package init(
        targetDuration: Int, partTarget: Double? = nil, serverControl: ServerControl? = nil,
        mediaSequence: UInt64,
        discontinuitySequence: UInt64 = 0, segments: [Segment] = [], hintedPart: String? = nil,
        reports: [Report] = [], isEnded: Bool = false
    ) {
        self.targetDuration = targetDuration
        self.partTarget = partTarget
        self.serverControl = serverControl
        self.mediaSequence = mediaSequence
        self.discontinuitySequence = discontinuitySequence
        self.segments = segments
        self.hintedPart = hintedPart
        self.reports = reports
        self.isEnded = isEnded
    }
}
