package import Media
package import NIOCore

/// Writes the bodies of FLV tags, as audio and video messages carry them: H.264 and AAC in the old form, which everyone
/// reads, the rest in the enhanced one.
package enum FLVTagWriter {
    private static func code(_ codec: VideoCodec) -> String.UTF8View {
        switch codec {
        case .avc: "avc1".utf8
        case .hevc: "hvc1".utf8
        case .av1: "av01".utf8
        }
    }

    package static func videoSequenceHeader(_ record: [UInt8], _ codec: VideoCodec = .avc) -> ByteBuffer {
        var body = ByteBuffer()
        if codec == .avc {
            body.writeBytes([0x17, 0, 0, 0, 0])
        } else {
            body.writeInteger(0x90 as UInt8)
            body.writeBytes(code(codec))
        }
        body.writeBytes(record)
        return body
    }

    /// `payload` is a coded picture; `compositionOffset` milliseconds, kept within 24 bits (AV1 has none).
    package static func picture(
        _ payload: ByteBuffer, _ codec: VideoCodec = .avc, compositionOffset: Int32, isKeyFrame: Bool
    ) -> ByteBuffer {
        let offset = min(max(compositionOffset, -0x80_0000), 0x7F_FFFF)
        var body = ByteBufferAllocator().buffer(capacity: payload.readableBytes + 8)
        if codec == .avc {
            body.writeBytes([isKeyFrame ? 0x17 : 0x27, 1])
        } else {
            body.writeInteger((isKeyFrame ? 0x90 : 0xA0) | 1 as UInt8)
            body.writeBytes(code(codec))
        }
        if codec != .av1 {
            body.writeBytes([
                UInt8(truncatingIfNeeded: offset >> 16), UInt8(truncatingIfNeeded: offset >> 8),
                UInt8(truncatingIfNeeded: offset),
            ])
        }
        body.writeImmutableBuffer(payload)
        return body
    }

    package static func videoEndOfSequence() -> ByteBuffer {
        ByteBuffer(bytes: [0x17, 2, 0, 0, 0])
    }

    /// AAC says its rate and channels in its own config; the tag's flags are always "44 kHz, 16 bit,
    /// stereo".
    package static func audioSequenceHeader(_ config: [UInt8], _ codec: SoundCodec = .aac) -> ByteBuffer {
        ByteBuffer(bytes: (codec == .aac ? [0xAF, 0] : [0x90] + Array("Opus".utf8)) + config)
    }

    package static func audioFrame(_ payload: ByteBuffer, _ codec: SoundCodec = .aac) -> ByteBuffer {
        var body = ByteBufferAllocator().buffer(capacity: payload.readableBytes + 5)
        body.writeBytes(codec == .aac ? [0xAF, 1] : [0x91] + Array("Opus".utf8))
        body.writeImmutableBuffer(payload)
        return body
    }
}
