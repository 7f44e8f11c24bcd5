package import NIOCore

/// Writes JSON straight into bytes, member by member; who holds it sees to the order. Nothing it writes has a line end.
package struct JSONPen: Sendable {
    package private(set) var bytes: ByteBuffer
    private var needsComma = false

    package init(capacity: Int = 256) {
        bytes = ByteBufferAllocator().buffer(capacity: capacity)
    }

    package mutating func beginObject() {
        comma()
        bytes.writeInteger(UInt8(ascii: "{"))
        needsComma = false
    }

    package mutating func endObject() {
        bytes.writeInteger(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func beginArray() {
        comma()
        bytes.writeInteger(UInt8(ascii: "["))
        needsComma = false
    }

    package mutating func endArray() {
        bytes.writeInteger(UInt8(ascii: "]"))
        needsComma = true
    }

    /// The name of the member that is written next.
    package mutating func name(_ name: StaticString) {
        comma()
        bytes.writeInteger(UInt8(ascii: "\""))
        bytes.writeStaticString(name)
        bytes.writeStaticString("\":")
        needsComma = false
    }

    package mutating func member(_ name: StaticString, _ text: String) {
        self.name(name)
        value(text)
    }

    package mutating func member(_ name: StaticString, _ number: Int) {
        self.name(name)
        bytes.writeString(String(number))
        needsComma = true
    }

    package mutating func member(_ name: StaticString, _ flag: Bool) {
        self.name(name)
        bytes.writeString(flag ? "true" : "false")
        needsComma = true
    }

    /// Left out where there is none.
    package mutating func member(_ name: StaticString, _ text: String?) {
        if let text { member(name, text) }
    }

    /// A name that is not known beforehand, and its number.
    package mutating func member(named name: String, _ number: Int) {
        value(name)
        bytes.writeInteger(UInt8(ascii: ":"))
        bytes.writeString(String(number))
        needsComma = true
    }

    package mutating func value(_ text: String) {
        comma()
        bytes.writeInteger(UInt8(ascii: "\""))
        bytes.writeEscaped(text)
        bytes.writeInteger(UInt8(ascii: "\""))
        needsComma = true
    }

    /// JSON that was written before.
    package mutating func raw(_ json: ByteBuffer) {
        comma()
        bytes.writeImmutableBuffer(json)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.writeInteger(UInt8(ascii: ",")) }
        needsComma = false
    }
}

extension ByteBuffer {
    /// The inside of a JSON string (RFC 8259, 7). What stands between two characters to be escaped goes over in one piece.
    fileprivate mutating func writeEscaped(_ text: String) {
        let source = text.utf8.span
        var from = 0
        var at = 0
        while at < source.count {
            let byte = source[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C {
                writeSpan(source.extracting(from..<at))
                writeEscape(byte)
                from = at + 1
            }
            at += 1
        }
        writeSpan(source.extracting(from..<source.count))
    }

    private mutating func writeSpan(_ span: Span<UInt8>) {
        span.withUnsafeBytes { _ = writeBytes($0) }
    }

    private mutating func writeEscape(_ byte: UInt8) {
        switch byte {
        case 0x22: writeStaticString("\\\"")
        case 0x5C: writeStaticString("\\\\")
        case 0x0A: writeStaticString("\\n")
        case 0x0D: writeStaticString("\\r")
        case 0x09: writeStaticString("\\t")
        default:
            let digits = Array("0123456789abcdef".utf8)
            writeStaticString("\\u00")
            writeInteger(digits[Int(byte >> 4)])
            writeInteger(digits[Int(byte & 15)])
        }
    }
}
