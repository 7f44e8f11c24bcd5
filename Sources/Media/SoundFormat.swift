/// How a host's sound is coded.
package enum SoundCodec: Hashable, Sendable {
    case aac
    case opus
}

/// What a decoder of a host's sound must know. Viewers are sent AAC only: the rest is decoded and encoded anew.
package enum SoundFormat: Hashable, Sendable {
    case aac(AACFormat)
    case opus(OpusFormat)

    package var codec: SoundCodec {
        switch self {
        case .aac: .aac
        case .opus: .opus
        }
    }

    /// What the decoder is given: an AudioSpecificConfig, or Opus's identification header.
    package var config: [UInt8] {
        switch self {
        case .aac(let format): format.config
        case .opus(let format): format.header
        }
    }

    /// As RFC 6381 names it.
    package var codecs: String {
        switch self {
        case .aac(let format): format.codecs
        case .opus: "opus"
        }
    }

    package var sampleRate: Int {
        switch self {
        case .aac(let format): format.sampleRate
        case .opus: OpusFormat.sampleRate
        }
    }

    package var channels: Int {
        switch self {
        case .aac(let format): format.channels
        case .opus(let format): format.channels
        }
    }

    /// Where it may be copied.
    package var aac: AACFormat? {
        if case .aac(let format) = self { format } else { nil }
    }
}

/// What an Opus decoder must know: the identification header of RFC 7845, section 5.1, read and kept.
package struct OpusFormat: Hashable, Sendable {
    /// Opus is always decoded at this rate.
    package static let sampleRate = 48_000

    package let header: [UInt8]
    package let channels: Int

    /// Nil where it is no header, or of a version that does not exist yet.
    package init?(header: [UInt8]) {
        guard header.count >= 19, header.count <= 512, header.starts(with: "OpusHead".utf8),
            header[8] >> 4 == 0,
            (1...8).contains(header[9])
        else { return nil }
        // Family 0 is mono or stereo; others say which stream holds which channel.
        guard header[18] == 0 ? header[9] <= 2 : header.count >= 21 + Int(header[9]) else { return nil }
        self.header = header
        channels = Int(header[9])
    }
}
