import NIOCore

/// A tag with its attribute list (4.2), as it is written; what is nil or false is left out.
struct AttributeLine {
    private var buffer: ByteBuffer
    private var isFirst = true

    /// Appends one line to `buffer`; `tag` has no colon.
    static func write(_ tag: StaticString, into buffer: inout ByteBuffer, _ body: (inout Self) -> Void) {
        buffer.writeInteger(UInt8(ascii: "#"))
        buffer.writeStaticString(tag)
        buffer.writeInteger(UInt8(ascii: ":"))
        // Moved in and out, so that nothing is copied.
        var line = AttributeLine(buffer: buffer)
        buffer = ByteBuffer()
        body(&line)
        buffer = line.buffer
        buffer.writeLineEnd()
    }

    private init(buffer: ByteBuffer) {
        self.buffer = buffer
    }

    private mutating func open(_ name: String) {
        if !isFirst { buffer.writeInteger(UInt8(ascii: ",")) }
        isFirst = false
        buffer.writePlainName(name)
        buffer.writeInteger(UInt8(ascii: "="))
    }

    mutating func quoted(_ name: String, _ value: String?) {
        guard let value else { return }
        open(name)
        buffer.writeQuoted(value)
    }

    /// An enumerated string: no quotes, so neither commas nor spaces.
    mutating func word(_ name: String, _ value: String?) {
        guard let value else { return }
        open(name)
        buffer.writePlain(String(value.filter { $0 != "," && $0 != " " }))
    }

    mutating func flag(_ name: String, _ value: Bool) {
        if value { word(name, "YES") }
    }

    mutating func whole(_ name: String, _ value: UInt64?) {
        guard let value else { return }
        open(name)
        buffer.writeDigits(value)
    }

    mutating func whole(_ name: String, _ value: Int?) {
        whole(name, value.map { UInt64(max(0, $0)) })
    }

    mutating func seconds(_ name: String, _ value: Double?) {
        guard let value else { return }
        open(name)
        buffer.writeSeconds(value)
    }

    mutating func signedSeconds(_ name: String, _ value: Double?) {
        guard let value else { return }
        open(name)
        if value < 0 { buffer.writeInteger(UInt8(ascii: "-")) }
        buffer.writeSeconds(value.magnitude)
    }

    mutating func thousandths(_ name: String, _ value: Double?) {
        guard let value else { return }
        open(name)
        buffer.writeThousandths(value)
    }

    mutating func date(_ name: String, _ unixMilliseconds: Int64?) {
        guard let unixMilliseconds else { return }
        open(name)
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeDate(unixMilliseconds: unixMilliseconds)
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    mutating func hexadecimal(_ name: String, _ bytes: [UInt8]?) {
        guard let bytes else { return }
        open(name)
        buffer.writeStaticString("0x")
        for byte in bytes {
            for digit in [byte >> 4, byte & 15] {
                buffer.writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
            }
        }
    }

    /// Texts with tabs between them, in quotes.
    mutating func list(_ name: String, _ texts: [String]?) {
        guard let texts else { return }
        open(name)
        buffer.writeInteger(UInt8(ascii: "\""))
        for (index, text) in texts.enumerated() {
            if index > 0 { buffer.writeInteger(UInt8(ascii: "\t")) }
            buffer.writePlain(text)
        }
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    mutating func size(_ name: String, width: Int?, height: Int?) {
        guard let width, let height else { return }
        open(name)
        buffer.writeDigits(width)
        buffer.writeStaticString("x")
        buffer.writeDigits(height)
    }

    mutating func range(_ name: String, _ range: ByteRange?) {
        guard let range else { return }
        open(name)
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeRange(range)
        buffer.writeInteger(UInt8(ascii: "\""))
    }
}

extension ByteBuffer {
    /// `length[@offset]`.
    mutating func writeRange(_ range: ByteRange) {
        writeDigits(range.length)
        if let offset = range.offset {
            writeInteger(UInt8(ascii: "@"))
            writeDigits(offset)
        }
    }

    /// An attribute's name: capitals, digits and hyphens; anything else is left out.
    fileprivate mutating func writePlainName(_ name: String) {
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"):
                writeInteger(byte)
            default: continue
            }
        }
    }
}
