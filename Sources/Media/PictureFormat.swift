/// How a host's picture is coded.
package enum VideoCodec: Hashable, Sendable {
    case avc
    case hevc
    case av1

    /// The name that hosts know it by.
    package var name: String {
        switch self {
        case .avc: "H.264"
        case .hevc: "HEVC"
        case .av1: "AV1"
        }
    }
}

/// What a decoder of a host's picture must know. Viewers are sent H.264 only: the rest is decoded and encoded anew.
package enum PictureFormat: Hashable, Sendable {
    case avc(AVCFormat)
    case hevc(HEVCFormat)
    case av1(AV1Format)

    package var codec: VideoCodec {
        switch self {
        case .avc: .avc
        case .hevc: .hevc
        case .av1: .av1
        }
    }

    package var parameters: SequenceParameters {
        switch self {
        case .avc(let format): format.parameters
        case .hevc(let format): format.parameters
        case .av1(let format): format.parameters
        }
    }

    /// The decoder's configuration record: `avcC`, `hvcC` or `av1C`.
    package var record: [UInt8] {
        switch self {
        case .avc(let format): format.record
        case .hevc(let format): format.record
        case .av1(let format): format.record
        }
    }

    /// The string of RFC 6381.
    package var codecs: String {
        switch self {
        case .avc(let format): format.codecs
        case .hevc(let format): format.codecs
        case .av1(let format): format.codecs
        }
    }

    /// As a rendition's, where the picture may be one as it is.
    package var track: TrackFormat? {
        if case .avc(let format) = self { .avc(format) } else { nil }
    }
}
