package import NIOCore

/// The body of an FLV video tag, which is what a video message carries. The payloads are slices: nothing is
/// copied.
package enum FLVVideoTag: Hashable, Sendable {
    /// An AVCDecoderConfigurationRecord.
    case sequenceHeader(ByteBuffer)
    /// Length-prefixed NAL units; presentation follows decoding by `compositionOffset` milliseconds.
    case picture(ByteBuffer, compositionOffset: Int32, isKeyFrame: Bool)
    case endOfSequence
    /// Means nothing to us (a seek command, colour metadata).
    case ignored
    /// A whole sentence's worth of reason, without its capital and full stop.
    case unsupported(reason: String)
    case broken

    /// Reads the body of a video message; both the old form and the enhanced one with `avc1`.
    package init(_ body: ByteBuffer) {
        var body = body
        guard let first: UInt8 = body.readInteger() else {
            // Some encoders send empty messages as a sign of life.
            self = .ignored
            return
        }
        if first & 0x80 != 0 {
            self = FLVVideoTag.enhanced(first, &body)
            return
        }
        guard first >> 4 != 5 else {
            self = .ignored
            return
        }
        guard first & 0x0F == 7 else {
            self = .unsupported(
                reason: "video codec \(FLVVideoTag.name(first & 0x0F)) is not supported, use H.264")
            return
        }
        guard let packet: UInt8 = body.readInteger(), let offset = body.readSigned24() else {
            self = .broken
            return
        }
        switch packet {
        case 0: self = .sequenceHeader(body)
        case 1: self = .picture(body, compositionOffset: offset, isKeyFrame: first >> 4 == 1)
        case 2: self = .endOfSequence
        default: self = .broken
        }
    }

    private static func enhanced(_ first: UInt8, _ body: inout ByteBuffer) -> FLVVideoTag {
        let packet = first & 0x0F
        let frame = first >> 4 & 7
        guard packet != 6, packet != 7 else {
            return .unsupported(
                reason: "multitrack or modified video over enhanced RTMP is not supported yet")
        }
        guard let code = body.readString(length: 4) else { return .broken }
        guard code == "avc1" else {
            return .unsupported(
                reason: "codec \(name(code)) over enhanced RTMP is not supported yet, use H.264")
        }
        guard frame != 5 else { return .ignored }
        switch packet {
        case 0: return .sequenceHeader(body)
        case 1:
            guard let offset = body.readSigned24() else { return .broken }
            return .picture(body, compositionOffset: offset, isKeyFrame: frame == 1)
        case 2: return .endOfSequence
        case 3: return .picture(body, compositionOffset: 0, isKeyFrame: frame == 1)
        case 4: return .ignored
        default: return .broken
        }
    }

    private static func name(_ code: UInt8) -> String {
        switch code {
        case 2: "Sorenson H.263"
        case 3, 6: "Screen Video"
        case 4, 5: "VP6"
        case 12: "HEVC"
        case 13: "AV1"
        default: "number \(code)"
        }
    }

    private static func name(_ code: String) -> String {
        switch code {
        case "hvc1": "HEVC"
        case "av01": "AV1"
        case "vp09": "VP9"
        case "vp08": "VP8"
        case "vvc1": "VVC"
        default: "of another kind"
        }
    }
}

/// The body of an FLV audio tag, which is what an audio message carries.
package enum FLVAudioTag: Hashable, Sendable {
    /// An AudioSpecificConfig.
    case sequenceHeader(ByteBuffer)
    /// One raw AAC frame.
    case frame(ByteBuffer)
    case ignored
    case unsupported(reason: String)
    case broken

    package init(_ body: ByteBuffer) {
        var body = body
        guard let first: UInt8 = body.readInteger() else {
            self = .ignored
            return
        }
        let codec = first >> 4
        if codec == 9 {
            self = FLVAudioTag.enhanced(first & 0x0F, &body)
            return
        }
        guard codec == 10 else {
            self = .unsupported(reason: "audio codec \(FLVAudioTag.name(codec)) is not supported, use AAC")
            return
        }
        switch body.readInteger(as: UInt8.self) {
        case 0: self = .sequenceHeader(body)
        case 1: self = body.readableBytes > 0 ? .frame(body) : .ignored
        default: self = .broken
        }
    }

    private static func enhanced(_ packet: UInt8, _ body: inout ByteBuffer) -> FLVAudioTag {
        guard packet != 5, packet != 7 else {
            return .unsupported(
                reason: "multitrack or modified audio over enhanced RTMP is not supported yet")
        }
        guard let code = body.readString(length: 4) else { return .broken }
        guard code == "mp4a" else {
            return .unsupported(
                reason: "audio codec \(name(code)) over enhanced RTMP is not supported yet, use AAC")
        }
        switch packet {
        case 0: return .sequenceHeader(body)
        case 1: return body.readableBytes > 0 ? .frame(body) : .ignored
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

    private static func name(_ code: String) -> String {
        switch code {
        case "Opus": "Opus"
        case "fLaC": "FLAC"
        case "ac-3": "AC-3"
        case "ec-3": "E-AC-3"
        case ".mp3": "MP3"
        default: "of another kind"
        }
    }
}

extension ByteBuffer {
    /// A big-endian number of 24 bits with a sign.
    fileprivate mutating func readSigned24() -> Int32? {
        guard let high: Int8 = readInteger(), let low: UInt16 = readInteger() else { return nil }
        return Int32(high) << 16 | Int32(low)
    }
}
