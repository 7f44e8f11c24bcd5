package import Media
package import NIOCore

/// What a coded unit holds, read without copying it.
package struct NALUnits: Hashable, Sendable {
    /// A picture is inside that a decoder may start at: an IDR picture of H.264, any IRAP of HEVC, a key frame of AV1.
    package var hasIDR = false
    /// A slice of any picture is inside.
    package var hasPicture = false
    /// The lengths add up to the whole unit.
    package var isWhole = false

    /// Walks the lengths; stops at the first that does not fit.
    package init(_ payload: ByteBuffer, _ codec: VideoCodec = .avc) {
        if codec == .av1 {
            readAV1(payload)
            return
        }
        var reader = payload.readerIndex
        let end = payload.writerIndex
        while reader + 4 < end {
            guard let length = payload.getInteger(at: reader, as: UInt32.self), length > 0,
                reader + 4 + Int(length) <= end,
                let header = payload.getInteger(at: reader + 4, as: UInt8.self)
            else { return }
            if codec == .avc {
                let type = header & 0x1F
                if type == 5 { hasIDR = true }
                if (1...5).contains(type) { hasPicture = true }
            } else {
                let type = header >> 1 & 0x3F
                if (16...21).contains(type) { hasIDR = true }
                if type <= 21 { hasPicture = true }
            }
            reader += 4 + Int(length)
        }
        isWhole = reader == end && end > payload.readerIndex
    }

    private mutating func readAV1(_ payload: ByteBuffer) {
        var isKey: Bool?
        isWhole = AV1Units.each(payload.readableBytesView) { kind, unit in
            guard kind == AV1Units.frame || kind == AV1Units.frameHeader, isKey == nil,
                let first = unit.first
            else { return }
            // show_existing_frame, frame_type (2 bits; 0 is a key frame), show_frame.
            isKey = first & 0xF0 == 0x10
        }
        hasPicture = isKey != nil
        hasIDR = isKey ?? false
    }
}
