package import Media
package import NIOCore

/// The body of an FLV video tag, which is what a video message carries. The payloads are slices: nothing is
/// copied.
package enum FLVVideoTag: Hashable, Sendable {
    /// A decoder's configuration record: `avcC`, `hvcC` or `av1C`.
    case sequenceHeader(ByteBuffer, VideoCodec = .avc)
    /// Length-prefixed NAL units, or AV1's units; presentation follows decoding by `compositionOffset` milliseconds.
    case picture(ByteBuffer, VideoCodec = .avc, compositionOffset: Int32, isKeyFrame: Bool)
    case endOfSequence
    /// Means nothing to us (a seek command, colour metadata, another track).
    case ignored
    /// A whole sentence's worth of reason, without its capital and full stop.
    case unsupported(reason: String)
    case broken

    /// Reads the body of a video message, in the old form or the enhanced one; of several tracks the first.
    package init(_ body: ByteBuffer) {
        self = FLVVideoTag.read(body, track: nil).tag
    }

    /// Reads the body of a video message; of several tracks, the one with that number, or the first for nil.
    package static func read(_ body: ByteBuffer, track: UInt8?) -> (tag: FLVVideoTag, extras: FLVExtras) {
        var body = body
        guard let first: UInt8 = body.readInteger() else {
            // Some encoders send empty messages as a sign of life.
            return (.ignored, FLVExtras())
        }
        guard first & 0x80 != 0 else {
            if let track, track != 0 { return (.ignored, FLVExtras(others: 1)) }
            return (plain(first, &body), FLVExtras())
        }
        let frame = first >> 4 & 7
        switch FLVExHeader.read(packet: first & 0x0F, of: .video(isCommand: frame == 5), &body, track: track)
        {
        case .nothing(let extras): return (.ignored, extras)
        case .broken: return (.broken, FLVExtras())
        case .body(let header, let extras): return (enhanced(header, frame), extras)
        }
    }

    private static func plain(_ first: UInt8, _ body: inout ByteBuffer) -> FLVVideoTag {
        guard first >> 4 != 5 else { return .ignored }
        let codec: VideoCodec
        switch first & 0x0F {
        case 7: codec = .avc
        // Never standardised, and sent by many encoders from before the enhanced form.
        case 12: codec = .hevc
        default:
            return .unsupported(reason: refusal("video codec \(name(first & 0x0F))"))
        }
        guard let packet: UInt8 = body.readInteger(), let offset = body.readSigned24() else { return .broken }
        switch packet {
        case 0: return .sequenceHeader(body, codec)
        case 1: return .picture(body, codec, compositionOffset: offset, isKeyFrame: first >> 4 == 1)
        case 2: return .endOfSequence
        default: return .broken
        }
    }

    private static func enhanced(_ header: FLVExHeader, _ frame: UInt8) -> FLVVideoTag {
        // Colour metadata: what counts is in the pictures themselves.
        if header.packet == 4 { return .ignored }
        let codec: VideoCodec
        switch header.code {
        case "avc1": codec = .avc
        case "hvc1": codec = .hevc
        case "av01": codec = .av1
        default: return .unsupported(reason: refusal("video codec \(name(header.code))"))
        }
        var body = header.body
        switch header.packet {
        case 0: return .sequenceHeader(body, codec)
        case 1:
            guard codec != .av1 else {
                return .picture(body, codec, compositionOffset: 0, isKeyFrame: frame == 1)
            }
            guard let offset = body.readSigned24() else { return .broken }
            return .picture(body, codec, compositionOffset: offset, isKeyFrame: frame == 1)
        case 2: return .endOfSequence
        case 3: return .picture(body, codec, compositionOffset: 0, isKeyFrame: frame == 1)
        // A transport stream's descriptor; the stream says the same itself.
        case 5: return .ignored
        default: return .broken
        }
    }

    private static func refusal(_ what: String) -> String {
        "\(what) is not supported, use H.264 (or HEVC or AV1)"
    }

    private static func name(_ code: UInt8) -> String {
        switch code {
        case 2: "Sorenson H.263"
        case 3, 6: "Screen Video"
        case 4, 5: "VP6"
        case 13: "AV1 in a form that is not standard"
        default: "number \(code)"
        }
    }

    private static func name(_ code: FourCC) -> String {
        switch code {
        case "vp09": "VP9"
        case "vp08": "VP8"
        case "vvc1": "VVC"
        default: "\(code)"
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
