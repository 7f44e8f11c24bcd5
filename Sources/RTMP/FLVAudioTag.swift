package import Media
package import NIOCore

/// The body of an FLV audio tag, which is what an audio message carries.
package enum FLVAudioTag: Hashable, Sendable {
    /// An AudioSpecificConfig, or Opus's identification header.
    case sequenceHeader(ByteBuffer, SoundCodec = .aac)
    /// One raw frame.
    case frame(ByteBuffer, SoundCodec = .aac)
    case ignored
    case unsupported(reason: String)
    case broken

    /// Reads the body of an audio message, in the old form or the enhanced one; of several tracks the first.
    package init(_ body: ByteBuffer) {
        self = FLVAudioTag.read(body, track: nil).tag
    }

    /// Reads the body of an audio message; of several tracks, the one with that number, or the first for nil.
    package static func read(_ body: ByteBuffer, track: UInt8?) -> (tag: FLVAudioTag, extras: FLVExtras) {
        var body = body
        guard let first: UInt8 = body.readInteger() else { return (.ignored, FLVExtras()) }
        guard first >> 4 == 9 else {
            if let track, track != 0 { return (.ignored, FLVExtras(others: 1)) }
            return (plain(first >> 4, &body), FLVExtras())
        }
        switch FLVExHeader.read(packet: first & 0x0F, of: .audio, &body, track: track) {
        case .nothing(let extras): return (.ignored, extras)
        case .broken: return (.broken, FLVExtras())
        case .body(let header, let extras): return (enhanced(header), extras)
        }
    }

    private static func plain(_ codec: UInt8, _ body: inout ByteBuffer) -> FLVAudioTag {
        guard codec == 10 else {
            return .unsupported(reason: "audio codec \(name(codec)) is not supported, use AAC")
        }
        switch body.readInteger(as: UInt8.self) {
        case 0: return .sequenceHeader(body)
        case 1: return body.readableBytes > 0 ? .frame(body) : .ignored
        default: return .broken
        }
    }

    private static func enhanced(_ header: FLVExHeader) -> FLVAudioTag {
        let codec: SoundCodec
        switch header.code {
        case "mp4a": codec = .aac
        case "Opus": codec = .opus
        default:
            return .unsupported(
                reason: "audio codec \(name(header.code)) is not supported, use AAC (or Opus)")
        }
        switch header.packet {
        case 0: return .sequenceHeader(header.body, codec)
        case 1: return header.body.readableBytes > 0 ? .frame(header.body, codec) : .ignored
        // The end of a sequence, and a list of speakers: the codec says its own.
        case 2, 4: return .ignored
        default: return .broken
        }
    }

    private static func name(_ code: UInt8) -> String {
        switch code {
        case 0, 3: "PCM"
        case 1: "ADPCM"
        case 2, 14: "MP3"
        case 4, 5, 6: "Nellymoser"
        case 7, 8: "G.711"
        case 11: "Speex"
        default: "number \(code)"
        }
    }

    private static func name(_ code: FourCC) -> String {
        switch code {
        case "fLaC": "FLAC"
        case "ac-3": "AC-3"
        case "ec-3": "E-AC-3"
        case ".mp3": "MP3"
        default: "\(code)"
        }
    }
}
