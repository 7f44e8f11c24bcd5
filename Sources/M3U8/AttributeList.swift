import Media

/// A tag's attribute list (draft-pantos-hls-rfc8216bis, 4.2): `NAME=value,NAME="quoted value"`.
struct AttributeList {
    private struct Entry {
        var name: String
        var value: ArraySlice<UInt8>
        var isQuoted: Bool
    }

    private let entries: [Entry]
    private let tag: PlaylistLines.Tag
    private let line: Int

    /// Throws `malformed` where a name has no value or a quotation has no end.
    init(_ bytes: ArraySlice<UInt8>, of tag: PlaylistLines.Tag, line: Int) throws(PlaylistFault) {
        self.tag = tag
        self.line = line
        var found: [Entry] = []
        var rest = bytes
        while !rest.isEmpty {
            while rest.first == 0x20 { rest.removeFirst() }
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals > rest.startIndex else {
                throw .malformed(tag: tag.rawValue, line: line)
            }
            let name = String(decoding: rest[..<equals], as: UTF8.self)
            rest = rest[(equals + 1)...]
            let value: ArraySlice<UInt8>
            let isQuoted = rest.first == UInt8(ascii: "\"")
            if isQuoted {
                rest = rest.dropFirst()
                guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else {
                    throw .malformed(tag: tag.rawValue, line: line)
                }
                value = rest[..<end]
                rest = rest[(end + 1)...]
                guard rest.isEmpty || rest.first == UInt8(ascii: ",") else {
                    throw .malformed(tag: tag.rawValue, line: line)
                }
            } else {
                value = rest[..<(rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex)]
                rest = rest[value.endIndex...]
            }
            rest = rest.dropFirst()
            found.append(Entry(name: name, value: value, isQuoted: isQuoted))
        }
        entries = found
    }

    private func bytes(_ name: String) -> ArraySlice<UInt8>? {
        entries.first { $0.name == name }?.value
    }

    /// The value stood between quotation marks.
    func isQuoted(_ name: String) -> Bool {
        entries.first { $0.name == name }?.isQuoted ?? false
    }

    private var malformed: PlaylistFault { .malformed(tag: tag.rawValue, line: line) }

    func text(_ name: String) throws(PlaylistFault) -> String? {
        guard let bytes = bytes(name) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(line: line) }
        return text
    }

    func requiredText(_ name: String) throws(PlaylistFault) -> String {
        guard let text = try text(name) else { throw missing(name) }
        return text
    }

    /// True for YES; anything else is no.
    func flag(_ name: String) -> Bool {
        bytes(name).map { $0.elementsEqual("YES".utf8) } ?? false
    }

    func number(_ name: String) throws(PlaylistFault) -> Double? {
        guard let bytes = bytes(name) else { return nil }
        guard let number = bytes.decimalNumber else { throw malformed }
        return number
    }

    func requiredNumber(_ name: String) throws(PlaylistFault) -> Double {
        guard let number = try number(name) else { throw missing(name) }
        return number
    }

    func integer(_ name: String) throws(PlaylistFault) -> UInt64? {
        guard let bytes = bytes(name) else { return nil }
        guard let integer = bytes.decimalInteger else { throw malformed }
        return integer
    }

    func requiredInteger(_ name: String) throws(PlaylistFault) -> UInt64 {
        guard let integer = try integer(name) else { throw missing(name) }
        return integer
    }

    /// An integer that fits 63 bits.
    func count(_ name: String) throws(PlaylistFault) -> Int? {
        guard let integer = try integer(name) else { return nil }
        guard let count = Int(exactly: integer) else { throw malformed }
        return count
    }

    /// `1280x720`.
    func resolution(_ name: String) throws(PlaylistFault) -> (width: Int, height: Int)? {
        guard let bytes = bytes(name) else { return nil }
        guard let cross = bytes.firstIndex(of: UInt8(ascii: "x")),
            let width = bytes[..<cross].decimalInteger.flatMap(Int.init(exactly:)),
            let height = bytes[(cross + 1)...].decimalInteger.flatMap(Int.init(exactly:))
        else { throw malformed }
        return (width, height)
    }

    /// An instant as Unix milliseconds.
    func date(_ name: String) throws(PlaylistFault) -> Int64? {
        guard let bytes = bytes(name) else { return nil }
        guard let instant = CivilDate.unixMilliseconds(parsing: bytes) else { throw malformed }
        return instant
    }

    /// A decimal number with or without a sign.
    func signedNumber(_ name: String) throws(PlaylistFault) -> Double? {
        guard let bytes = bytes(name) else { return nil }
        let isNegative = bytes.first == UInt8(ascii: "-")
        guard let number = (isNegative ? bytes.dropFirst() : bytes).decimalNumber else { throw malformed }
        return isNegative ? -number : number
    }

    /// `length[@offset]`.
    func range(_ name: String) throws(PlaylistFault) -> ByteRange? {
        guard let bytes = bytes(name) else { return nil }
        guard let range = ByteRange(bytes) else { throw malformed }
        return range
    }

    /// The 16 bytes of an initialization vector; leading zeros may be left out.
    func vector(_ name: String) throws(PlaylistFault) -> [UInt8]? {
        guard let bytes = bytes(name) else { return nil }
        guard let read = bytes.hexadecimalBytes, read.count <= 16 else { throw malformed }
        return Array(repeating: 0, count: 16 - read.count) + read
    }

    /// Texts with tabs between them.
    func texts(_ name: String) throws(PlaylistFault) -> [String]? {
        try text(name).map { $0.split(separator: "\t").map(String.init) }
    }

    /// The attributes that are not among `names`, in order.
    func others(than names: Set<String>) throws(PlaylistFault) -> [DateRange.Attribute] {
        var found: [DateRange.Attribute] = []
        for entry in entries where !names.contains(entry.name) {
            if entry.isQuoted {
                guard let text = String(validating: entry.value, as: UTF8.self) else {
                    throw .notUTF8(line: line)
                }
                found.append(.init(entry.name, .text(text)))
            } else if let bytes = entry.value.hexadecimalBytes {
                found.append(.init(entry.name, .bytes(bytes)))
            } else if let number = entry.value.decimalNumber {
                found.append(.init(entry.name, .number(number)))
            } else {
                throw malformed
            }
        }
        return found
    }

    func missing(_ name: String) -> PlaylistFault {
        .missingAttribute(name, tag: tag.rawValue, line: line)
    }
}

extension ByteRange {
    /// Nil where it is not `length[@offset]`.
    init?(_ text: ArraySlice<UInt8>) {
        let at = text.firstIndex(of: UInt8(ascii: "@"))
        guard let length = text[..<(at ?? text.endIndex)].decimalInteger else { return nil }
        self.init(length: length, offset: nil)
        if let at {
            guard let offset = text[(at + 1)...].decimalInteger else { return nil }
            self.offset = offset
        }
    }
}

extension ArraySlice<UInt8> {
    /// The bytes of a hexadecimal-sequence, `0x` before it; an odd digit stands first. Nil where it is none.
    var hexadecimalBytes: [UInt8]? {
        guard count > 2, first == UInt8(ascii: "0"), self[startIndex + 1] | 0x20 == UInt8(ascii: "x") else {
            return nil
        }
        let digits = dropFirst(2)
        var bytes: [UInt8] = []
        var pending: UInt8 = 0
        for (index, digit) in digits.enumerated() {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            if (digits.count - index) % 2 == 0 {
                pending = value << 4
            } else {
                bytes.append(pending | value)
                pending = 0
            }
        }
        return bytes
    }
}
