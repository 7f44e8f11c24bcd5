package import NIOCore

/// Reads AMF0 values one after another. Depth and number of values are bounded over the decoder's life, and
/// counts that the bytes claim are not believed.
package struct AMF0Decoder {
    package static let depthLimit = 16
    package static let valueLimit = 2048

    private var buffer: ByteBuffer
    private var values = 0

    package init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    package var isAtEnd: Bool { buffer.readableBytes == 0 }

    /// The next value. Throws where the bytes end early, hold an unknown marker, or nest or number too
    /// much.
    package mutating func next() throws(AMF0Fault) -> AMF0Value {
        try value(depth: 0)
    }

    /// All values up to the end, or up to the first that cannot be read.
    package mutating func rest() -> [AMF0Value] {
        var found: [AMF0Value] = []
        while !isAtEnd, let value = try? next() { found.append(value) }
        return found
    }

    private mutating func value(depth: Int) throws(AMF0Fault) -> AMF0Value {
        guard depth < AMF0Decoder.depthLimit else { throw .tooDeep(limit: AMF0Decoder.depthLimit) }
        values += 1
        guard values <= AMF0Decoder.valueLimit else { throw .tooManyValues(limit: AMF0Decoder.valueLimit) }
        let marker = try integer(UInt8.self)
        switch marker {
        case 0x00: return .number(Double(bitPattern: try integer(UInt64.self)))
        case 0x01: return .boolean(try integer(UInt8.self) != 0)
        case 0x02: return .string(try string(Int(try integer(UInt16.self))))
        case 0x03: return .object(try properties(depth: depth))
        case 0x05: return .null
        case 0x06, 0x0D: return .undefined
        case 0x07:
            // A reference to an earlier object: no encoder needs one, and following it would let loops in.
            _ = try integer(UInt16.self)
            return .undefined
        case 0x08:
            _ = try integer(UInt32.self)
            return .ecmaArray(try properties(depth: depth, mayLackEnd: true))
        case 0x0A:
            let count = try integer(UInt32.self)
            guard count <= AMF0Decoder.valueLimit else { throw .tooManyValues(limit: AMF0Decoder.valueLimit) }
            var elements: [AMF0Value] = []
            for _ in 0..<count { elements.append(try value(depth: depth + 1)) }
            return .strictArray(elements)
        case 0x0B:
            let milliseconds = Double(bitPattern: try integer(UInt64.self))
            return .date(milliseconds: milliseconds, zone: try integer(Int16.self))
        case 0x0C, 0x0F: return .string(try string(Int(try integer(UInt32.self))))
        case 0x10:
            _ = try string(Int(try integer(UInt16.self)))
            return .object(try properties(depth: depth))
        default: throw .unknownMarker(marker)
        }
    }

    /// Names and values up to the empty name with marker 9, which some encoders forget after an ECMA array.
    private mutating func properties(depth: Int, mayLackEnd: Bool = false) throws(AMF0Fault) -> [AMF0Property]
    {
        var found: [AMF0Property] = []
        while true {
            if mayLackEnd, isAtEnd { return found }
            let name = try string(Int(try integer(UInt16.self)))
            if name.isEmpty, buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == 0x09 {
                buffer.moveReaderIndex(forwardBy: 1)
                return found
            }
            found.append(AMF0Property(name, try value(depth: depth + 1)))
        }
    }

    private mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(AMF0Fault) -> T {
        guard let value = buffer.readInteger(as: T.self) else { throw .truncated }
        return value
    }

    /// UTF-8; what is none is repaired.
    private mutating func string(_ length: Int) throws(AMF0Fault) -> String {
        guard let text = buffer.readString(length: length) else { throw .truncated }
        return text
    }
}
