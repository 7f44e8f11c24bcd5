import Media

/// A part that was seen in a playlist.
struct SeenPart: Sendable {
    let listed: ListedPart
    let url: String
    /// When an answer that was held for it came; nil where it was there before anybody asked.
    let appeared: MonotonicTime?
}

/// What was seen of one segment, and what was read of its media.
struct SegmentRecord: Sendable {
    let number: Int
    let discontinuitySequence: Int
    var url: String?
    var duration: Double?
    var date: Double?
    var isGap = false
    var appeared: MonotonicTime?
    var partAppearances: [Int: MonotonicTime] = [:]
}

/// What was read of one segment's bytes, and of its parts'.
struct SegmentMedia: Sendable {
    let number: Int
    let discontinuitySequence: Int
    let url: String
    let line: PlaylistLine?
    let duration: Double?
    /// The key of its init section in the record.
    let mapURL: String?
    var isGap = false
    /// Bytes of the whole segment.
    var size = 0
    var kind: MediaKind?
    var fragments: MediaSamples?
    var captions: CaptionSegment?
    /// Why the bytes could not be read.
    var trouble: String?
    /// By their place in the segment.
    var parts: [Int: PartMedia] = [:]
    /// How many parts the segment had in the end; nil where that was not seen.
    var partCount: Int?

    var isFragmented: Bool { kind == .fragment || parts.values.contains { $0.kind == .fragment } }
}

/// What was read of one part's bytes.
struct PartMedia: Sendable {
    let url: String
    let line: PlaylistLine?
    let isIndependent: Bool
    var kind: MediaKind?
    var samples: MediaSamples?
    var trouble: String?
}

/// An answer to a request that was made to see what comes.
struct Probe: Sendable {
    enum Kind: Sendable {
        case partWithoutSegment
        case farAhead
        /// A part after the last of a segment that is complete.
        case partBeyond
        case longPast
        /// Directives for what has ended.
        case afterEnd
        /// Two segments ahead: the furthest that is held.
        case held
    }

    let kind: Kind
    let exchange: Exchange
    let document: MediaDocument?
    /// What was asked for.
    let number: Int
}

/// A delta update, and the whole playlist that was asked for right after it.
struct DeltaProbe: Sendable {
    let exchange: Exchange
    let delta: MediaDocument
    let before: MediaDocument
    let after: MediaDocument
    let afterWireSize: Int
    let isSecondVersion: Bool
}

/// A part that was asked for before it was listed.
struct HintProbe: Sendable {
    let hint: Tag
    let exchange: Exchange
    let partTarget: Double
}

/// Something that left the playlist, and was asked for once more.
struct RemovalProbe: Sendable {
    let isPart: Bool
    let exchange: Exchange
}

/// Everything that was seen of one rendition.
struct RenditionRecord: Sendable {
    let role: RenditionRole
    let url: String
    var first: MediaDocument?
    var last: MediaDocument?
    /// By number.
    var segments: [Int: SegmentRecord] = [:]
    var media: [Int: SegmentMedia] = [:]
    /// Init sections by address and range.
    var inits: [String: InitReading] = [:]
    /// Why an init section could not be read.
    var initTroubles: [String: String] = [:]
    var probes: [Probe] = []
    var deltas: [DeltaProbe] = []
    var hints: [HintProbe] = []
    var removals: [RemovalProbe] = []
    /// Refreshes whose answers were held, in order: when they came, and the next part that they made.
    var arrivals: [Arrival] = []
    /// A refresh that lacked what it was asked for.
    var unkept: [(exchange: String, wanted: String)] = []
    var answered = 0
    /// From the first reading to the last.
    var followed: ClosedRange<MonotonicTime>?
    var refreshSizes: [Int] = []
    /// Errands that were not run, too many being under way.
    var leftOut = 0

    init(role: RenditionRole, url: String) {
        self.role = role
        self.url = url
    }

    var isLowLatency: Bool { role != .pictures && last?.partInformation != nil && last?.isEnded == false }

    func fault(_ message: String, at line: PlaylistLine? = nil, in url: String? = nil) -> Fault {
        Fault(message, at: line, in: url ?? self.url)
    }
}

/// A refresh that brought something new.
struct Arrival: Sendable {
    let time: MonotonicTime
    /// It was held until then: what is new was not there before.
    let wasHeld: Bool
    let newParts: Int
    let newSegments: Int
    /// The last complete segment.
    let number: Int
}

/// Everything that was seen.
struct Presentation: Sendable {
    let url: String
    var multivariant: MultivariantDocument?
    var renditions: [RenditionRecord] = []
    var steering: Exchange?
    var isSecure = false
    var isHTTP2 = false

    func rendition(_ uri: String) -> RenditionRecord? {
        let whole = PlaylistDocument.resolve(uri, against: multivariant?.url ?? url)
        return renditions.first { $0.url == whole }
    }
}
