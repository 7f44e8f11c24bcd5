import NIOCore

extension ByteBuffer {
    /// Appends a box: its size, its type, and whatever `body` appends.
    mutating func writeBox(_ type: BoxType, _ body: (inout ByteBuffer) -> Void) {
        let start = writerIndex
        writeInteger(UInt32(0))
        writeInteger(type.rawValue)
        body(&self)
        setInteger(UInt32(writerIndex - start), at: start)
    }

    /// Appends a box that begins with a version and flags (ISO/IEC 14496-12, 4.2.2).
    mutating func writeFullBox(
        _ type: BoxType, version: UInt8 = 0, flags: UInt32 = 0, _ body: (inout ByteBuffer) -> Void = { _ in }
    ) {
        writeBox(type) { buffer in
            buffer.writeInteger(UInt32(version) << 24 | flags & 0xFFFFFF)
            body(&buffer)
        }
    }

    /// Appends an MPEG-4 descriptor (ISO/IEC 14496-1, 8.3.3) with its length in four bytes, as most writers do.
    mutating func writeDescriptor(_ tag: UInt8, _ body: (inout ByteBuffer) -> Void) {
        writeInteger(tag)
        let start = writerIndex
        writeInteger(UInt32(0))
        body(&self)
        let length = UInt32(writerIndex - start - 4)
        let coded =
            0x8080_8000 | (length >> 21 & 0x7F) << 24 | (length >> 14 & 0x7F) << 16 | (length >> 7 & 0x7F)
            << 8
            | length & 0x7F
        setInteger(coded, at: start)
    }
}
