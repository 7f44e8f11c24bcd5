package import NIOCore

/// Writes the bodies of FLV tags for H.264 and AAC, as audio and video messages carry them.
package enum FLVTagWriter {
    package static func videoSequenceHeader(_ record: [UInt8]) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeBytes([0x17, 0, 0, 0, 0])
        body.writeBytes(record)
        return body
    }

    /// `payload` is length-prefixed NAL units; `compositionOffset` milliseconds, kept within 24 bits.
    package static func picture(_ payload: ByteBuffer, compositionOffset: Int32, isKeyFrame: Bool)
        -> ByteBuffer
    {
        let offset = min(max(compositionOffset, -0x80_0000), 0x7F_FFFF)
        var body = ByteBufferAllocator().buffer(capacity: payload.readableBytes + 5)
        body.writeBytes([
            isKeyFrame ? 0x17 : 0x27, 1, UInt8(truncatingIfNeeded: offset >> 16),
            UInt8(truncatingIfNeeded: offset >> 8), UInt8(truncatingIfNeeded: offset),
        ])
        body.writeImmutableBuffer(payload)
        return body
    }

    package static func videoEndOfSequence() -> ByteBuffer {
        ByteBuffer(bytes: [0x17, 2, 0, 0, 0])
    }

    /// AAC says its rate and channels in its own config; the tag's flags are always "44 kHz, 16 bit,
    /// stereo".
    package static func audioSequenceHeader(_ config: [UInt8]) -> ByteBuffer {
        ByteBuffer(bytes: [0xAF, 0] + config)
    }

    package static func audioFrame(_ payload: ByteBuffer) -> ByteBuffer {
        var body = ByteBufferAllocator().buffer(capacity: payload.readableBytes + 2)
        body.writeBytes([0xAF, 1])
        body.writeImmutableBuffer(payload)
        return body
    }
}
