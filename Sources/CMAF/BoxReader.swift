package import NIOCore

/// Walks the boxes that stand one after the other in a buffer; bodies are slices, nothing is copied.
package struct BoxReader: Sendable {
    package struct Box: Sendable {
        package let type: BoxType
        /// What follows the header.
        package let body: ByteBuffer
        /// Of the header, in bytes from where the reader began.
        package let offset: Int
        package let headerSize: Int

        package var bodyOffset: Int { offset + headerSize }
        package var endOffset: Int { bodyOffset + body.readableBytes }
    }

    private var rest: ByteBuffer
    private let length: Int
    private let container: BoxType

    /// Faults name `container`, the box whose body this is.
    package init(_ bytes: ByteBuffer, in container: BoxType = "file") {
        rest = bytes
        length = bytes.readableBytes
        self.container = container
    }

    /// The next box; nil at the end. Throws where its size is impossible.
    package mutating func next() throws(CMAFFault) -> Box? {
        guard rest.readableBytes > 0 else { return nil }
        let offset = length - rest.readableBytes
        guard let (size32, code) = rest.readMultipleIntegers(as: (UInt32, UInt32).self) else {
            throw .truncated(container)
        }
        let type = BoxType(rawValue: code)
        var headerSize = 8
        var size = UInt64(size32)
        if size32 == 1 {
            guard let large = rest.readInteger(as: UInt64.self) else { throw .truncated(type) }
            headerSize = 16
            size = large
        } else if size32 == 0 {
            // To the end of the file.
            size = UInt64(length - offset)
        }
        guard size >= UInt64(headerSize), let whole = Int(exactly: size) else { throw .malformed(type) }
        guard let body = rest.readSlice(length: whole - headerSize) else { throw .truncated(type) }
        return Box(type: type, body: body, offset: offset, headerSize: headerSize)
    }

    /// The next box of this type; the reader then stands behind it. Nil where there is none.
    package mutating func first(_ type: BoxType) throws(CMAFFault) -> Box? {
        while let box = try next() { if box.type == type { return box } }
        return nil
    }

    /// The next box of this type; the reader then stands behind it. Throws `missing` where there is none.
    package mutating func required(_ type: BoxType) throws(CMAFFault) -> Box {
        guard let box = try first(type) else { throw .missing(type) }
        return box
    }
}

extension BoxReader.Box {
    /// The boxes in it.
    package var children: BoxReader { BoxReader(body, in: type) }

    /// The first box of this type in it. Throws `missing` where there is none.
    package func child(_ type: BoxType) throws(CMAFFault) -> BoxReader.Box {
        var boxes = children
        return try boxes.required(type)
    }

    /// The boxes in it after a version, flags and `fields` more bytes.
    func children(afterFullHeaderAnd fields: Int) throws(CMAFFault) -> BoxReader {
        var body = body
        guard body.readableBytes >= 4 + fields else { throw .truncated(type) }
        body.moveReaderIndex(forwardBy: 4 + fields)
        return BoxReader(body, in: type)
    }

    /// Version, flags, and what follows them.
    func fullBody() throws(CMAFFault) -> (version: UInt8, flags: UInt32, fields: ByteBuffer) {
        var fields = body
        guard let head = fields.readInteger(as: UInt32.self) else { throw .truncated(type) }
        return (UInt8(head >> 24), head & 0xFFFFFF, fields)
    }
}

extension ByteBuffer {
    /// The next big-endian number of a box. Throws `truncated` naming the box.
    mutating func take<T: FixedWidthInteger>(_ type: T.Type, of box: BoxType) throws(CMAFFault) -> T {
        guard let value = readInteger(as: T.self) else { throw .truncated(box) }
        return value
    }
}
