/// A multivariant playlist (draft-pantos-hls-rfc8216bis, 4.4.6): what there is to choose from.
package struct MultivariantPlaylist: Hashable, Sendable {
    /// EXT-X-MEDIA:TYPE=AUDIO (4.4.6.1).
    package struct AudioRendition: Hashable, Sendable {
        package var group: String
        package var name: String
        /// BCP 47; nil where it is not known.
        package var language: String?
        package var isDefault: Bool
        package var channels: Int
        package var stableID: String?
        package var uri: String

        package init(
            group: String, name: String, language: String?, isDefault: Bool, channels: Int,
            stableID: String? = nil, uri: String
        ) {
            self.group = group
            self.name = name
            self.language = language
            self.isDefault = isDefault
            self.channels = channels
            self.stableID = stableID
            self.uri = uri
        }
    }

    /// EXT-X-MEDIA:TYPE=SUBTITLES.
    package struct SubtitleRendition: Hashable, Sendable {
        package var group: String
        package var name: String
        /// BCP 47; nil where it is not known.
        package var language: String?
        package var isDefault: Bool
        /// Players may choose it by the viewer's language.
        package var isAutomatic: Bool
        package var isForced: Bool
        /// Uniform type identifiers, `public.machine-generated` among them.
        package var characteristics: [String]
        package var stableID: String?
        package var uri: String

        package init(
            group: String, name: String, language: String?, isDefault: Bool = false, isAutomatic: Bool = true,
            isForced: Bool = false, characteristics: [String] = [], stableID: String? = nil, uri: String
        ) {
            self.group = group
            self.name = name
            self.language = language
            self.isDefault = isDefault
            self.isAutomatic = isAutomatic
            self.isForced = isForced
            self.characteristics = characteristics
            self.stableID = stableID
            self.uri = uri
        }
    }

    /// VIDEO-RANGE: how light is coded.
    package enum VideoRange: String, Hashable, Sendable {
        case standard = "SDR"
        case hybrid = "HLG"
        case perceptual = "PQ"
    }

    package enum ClosedCaptions: Hashable, Sendable {
        case notSaid
        /// `CLOSED-CAPTIONS=NONE`.
        case absent
        case group(String)
    }

    /// EXT-X-STREAM-INF (4.4.6.2).
    package struct Variant: Hashable, Sendable {
        /// Bits a second.
        package var bandwidth: Int
        package var averageBandwidth: Int?
        package var codecs: [String]
        package var width: Int?
        package var height: Int?
        /// Frames a second, written with three decimals.
        package var frameRate: Double?
        package var videoRange: VideoRange?
        package var audioGroup: String?
        package var subtitleGroup: String?
        package var closedCaptions: ClosedCaptions
        /// SCORE: the higher the better; written with three decimals.
        package var score: Double?
        package var stableID: String?
        /// PATHWAY-ID; nil is `.`.
        package var pathway: String?
        package var uri: String

        package init(
            bandwidth: Int, averageBandwidth: Int?, codecs: [String], width: Int?, height: Int?,
            frameRate: Double?, videoRange: VideoRange? = nil, audioGroup: String?,
            subtitleGroup: String? = nil, closedCaptions: ClosedCaptions = .absent, score: Double? = nil,
            stableID: String? = nil, pathway: String? = nil, uri: String
        ) {
            self.bandwidth = bandwidth
            self.averageBandwidth = averageBandwidth
            self.codecs = codecs
            self.width = width
            self.height = height
            self.frameRate = frameRate
            self.videoRange = videoRange
            self.audioGroup = audioGroup
            self.subtitleGroup = subtitleGroup
            self.closedCaptions = closedCaptions
            self.score = score
            self.stableID = stableID
            self.pathway = pathway
            self.uri = uri
        }
    }

    /// EXT-X-I-FRAME-STREAM-INF (4.4.6.3).
    package struct IFrameVariant: Hashable, Sendable {
        /// Bits a second.
        package var bandwidth: Int
        package var averageBandwidth: Int?
        package var codecs: [String]
        package var width: Int?
        package var height: Int?
        package var videoRange: VideoRange?
        package var stableID: String?
        package var pathway: String?
        package var uri: String

        package init(
            bandwidth: Int, averageBandwidth: Int?, codecs: [String], width: Int?, height: Int?,
            videoRange: VideoRange? = nil, stableID: String? = nil, pathway: String? = nil, uri: String
        ) {
            self.bandwidth = bandwidth
            self.averageBandwidth = averageBandwidth
            self.codecs = codecs
            self.width = width
            self.height = height
            self.videoRange = videoRange
            self.stableID = stableID
            self.pathway = pathway
            self.uri = uri
        }
    }

    /// EXT-X-CONTENT-STEERING (4.4.6.6).
    package struct Steering: Hashable, Sendable {
        package var uri: String
        /// PATHWAY-ID: where players start; nil is `.`.
        package var pathway: String?

        package init(uri: String, pathway: String?) {
            self.uri = uri
            self.pathway = pathway
        }
    }

    package var hasIndependentSegments: Bool
    package var start: StartPoint?
    package var steering: Steering?
    package var sessionKeys: [Key]
    package var audio: [AudioRendition]
    package var subtitles: [SubtitleRendition]
    /// In the order in which they are written: players start with the first.
    package var variants: [Variant]
    package var iFrameVariants: [IFrameVariant]

    package init(
        hasIndependentSegments: Bool = true, start: StartPoint? = nil, steering: Steering? = nil,
        sessionKeys: [Key] = [], audio: [AudioRendition], subtitles: [SubtitleRendition] = [],
        variants: [Variant], iFrameVariants: [IFrameVariant] = []
    ) {
        self.hasIndependentSegments = hasIndependentSegments
        self.start = start
        self.steering = steering
        self.sessionKeys = sessionKeys
        self.audio = audio
        self.subtitles = subtitles
        self.variants = variants
        self.iFrameVariants = iFrameVariants
    }
}
