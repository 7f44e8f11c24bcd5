import Media
import NIOCore

/// Writes elements and attributes into a buffer, escaped and indented.
struct XMLWriter {
    private(set) var buffer: ByteBuffer
    private var depth = 0

    init(_ buffer: ByteBuffer) {
        self.buffer = buffer
        self.buffer.writeStaticString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    }

    /// An element; without `content` an empty one. Attributes without a value are left out.
    mutating func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?>,
        _ content: ((inout XMLWriter) -> Void)? = nil
    ) {
        indent()
        buffer.writeInteger(UInt8(ascii: "<"))
        buffer.writeStaticString(name)
        for (key, value) in attributes {
            guard let value else { continue }
            buffer.writeInteger(UInt8(ascii: " "))
            buffer.writeStaticString(key)
            buffer.writeStaticString("=\"")
            write(escaped: value)
            buffer.writeInteger(UInt8(ascii: "\""))
        }
        guard let content else {
            buffer.writeStaticString("/>\n")
            return
        }
        buffer.writeStaticString(">\n")
        depth += 1
        content(&self)
        depth -= 1
        indent()
        buffer.writeStaticString("</")
        buffer.writeStaticString(name)
        buffer.writeStaticString(">\n")
    }

    private mutating func indent() {
        buffer.writeRepeatingByte(UInt8(ascii: " "), count: depth * 2)
    }

    /// Characters that XML has no place for (control characters) become spaces.
    private mutating func write(escaped text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): buffer.writeStaticString("&amp;")
            case UInt8(ascii: "<"): buffer.writeStaticString("&lt;")
            case UInt8(ascii: ">"): buffer.writeStaticString("&gt;")
            case UInt8(ascii: "\""): buffer.writeStaticString("&quot;")
            case 0..<0x20, 0x7F: buffer.writeInteger(UInt8(ascii: " "))
            default: buffer.writeInteger(byte)
            }
        }
    }
}

/// The forms of time that XML Schema has.
enum XMLTime {
    /// `xs:duration` in seconds, to the millisecond; what is negative becomes zero.
    static func duration(_ time: MediaTime) -> String {
        let milliseconds = max(0, time.milliseconds)
        return "PT\(milliseconds / 1000)" + fraction(Int(milliseconds % 1000)) + "S"
    }

    /// `xs:dateTime` in UTC, to the millisecond.
    static func date(unixMilliseconds: Int64) -> String {
        let date = CivilDate(unixMilliseconds: unixMilliseconds)
        let second = date.millisecondOfDay / 1000
        return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T"
            + padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) + ":" + padded(second % 60, 2)
            + fraction(date.millisecondOfDay % 1000) + "Z"
    }

    private static func fraction(_ milliseconds: Int) -> String {
        milliseconds == 0 ? "" : "." + padded(milliseconds, 3)
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
