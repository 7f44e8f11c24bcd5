package import NIOCore

/// What a unit of length-prefixed NAL units holds, read without copying it.
package struct NALUnits: Hashable, Sendable {
    /// A slice of an IDR picture is inside (type 5).
    package var hasIDR = false
    /// A slice of any picture is inside (types 1 to 5).
    package var hasPicture = false
    /// The lengths add up to the whole unit.
    package var isWhole = false

    /// Walks the lengths; stops at the first that does not fit.
    package init(_ payload: ByteBuffer) {
        var reader = payload.readerIndex
        let end = payload.writerIndex
        while reader + 4 < end {
            guard let length = payload.getInteger(at: reader, as: UInt32.self), length > 0,
                reader + 4 + Int(length) <= end,
                let header = payload.getInteger(at: reader + 4, as: UInt8.self)
            else { return }
            let type = header & 0x1F
            if type == 5 { hasIDR = true }
            if (1...5).contains(type) { hasPicture = true }
            reader += 4 + Int(length)
        }
        isWhole = reader == end && end > payload.readerIndex
    }
}
