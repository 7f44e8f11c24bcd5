/// One demand of the specification, and the function that looks whether it is kept.
///
/// Sections are those of draft-pantos-hls-rfc8216bis; "A n.n" is Apple's HLS authoring specification, "B.1" the draft's
/// low-latency server profile.
package struct Rule: Sendable {
    package enum Level: String, Sendable {
        /// Broken is a failure.
        case must
        /// Broken is a warning.
        case should
    }

    package let id: String
    package let level: Level
    package let section: String
    /// What is demanded, in one sentence.
    package let demand: String
    let examination: Examination

    /// What a rule looks at. Each function gives nil where there was nothing to look at, no faults where all is well.
    enum Examination: Sendable {
        /// Every playlist of either kind, and every delta update.
        case text(@Sendable (PlaylistDocument) -> [Fault]?)
        case multivariant(@Sendable (MultivariantDocument) -> [Fault]?)
        /// Every media playlist, as it came.
        case playlist(@Sendable (MediaScene) -> [Fault]?)
        /// Two readings of one media playlist, one after the other.
        case refresh(@Sendable (Refresh) -> [Fault]?)
        /// Every HTTP answer.
        case exchange(@Sendable (Exchange, AnswerScene) -> [Fault]?)
        /// Everything that was seen of one rendition, at the end.
        case rendition(@Sendable (RenditionRecord) -> [Fault]?)
        /// Everything together, at the end.
        case presentation(@Sendable (Presentation) -> [Fault]?)
    }

    init(
        _ id: String, _ level: Level, _ section: String, _ demand: String, _ examination: Examination
    ) {
        self.id = id
        self.level = level
        self.section = section
        self.demand = demand
        self.examination = examination
    }
}

/// One place where a rule is broken.
package struct Fault: Hashable, Sendable {
    package var message: String
    /// The offending line; nil where it is no line of a playlist.
    package var line: PlaylistLine?
    package var url: String

    init(_ message: String, at line: PlaylistLine? = nil, in url: String) {
        self.message = message
        self.line = line
        self.url = url
    }
}

/// A media playlist with what must be known from outside to judge it.
struct MediaScene {
    let document: MediaDocument
    let role: RenditionRole

    /// Low latency is demanded of what lists parts; I-frame playlists should not.
    var isLowLatency: Bool {
        role != .pictures && (document.partInformation != nil || document.hasParts)
    }

    func fault(_ message: String, at line: PlaylistLine? = nil) -> Fault {
        Fault(message, at: line, in: document.url)
    }
}

/// Two readings of the same playlist.
struct Refresh {
    let before: MediaDocument
    let after: MediaDocument
    let role: RenditionRole

    func fault(_ message: String, at line: PlaylistLine? = nil) -> Fault {
        Fault(message, at: line, in: after.url)
    }
}

/// What a multivariant playlist names a media playlist for.
package enum RenditionRole: String, Sendable {
    /// EXT-X-STREAM-INF, or a media playlist that was asked for by itself.
    case variant
    case audio
    case video
    case subtitles
    /// EXT-X-I-FRAME-STREAM-INF.
    case pictures
}

/// All the rules.
package enum RuleBook {
    package static let rules: [Rule] =
        TextRules.all + TargetRules.all + PartRules.all + ControlRules.all + SegmentRules.all
        + DateRangeRules.all + MultivariantRules.all + VariantRules.all + RefreshRules.all
        + AnswerRules.all + DirectiveRules.all + LivenessRules.all + MediaRules.all + TrackRules.all
        + CaptionRules.all + AlignmentRules.all
}
