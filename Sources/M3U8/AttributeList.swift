/// A tag's attribute list (draft-pantos-hls-rfc8216bis, 4.2): `NAME=value,NAME="quoted value"`.
struct AttributeList {
    private let entries: [(name: String, value: ArraySlice<UInt8>)]
    private let tag: PlaylistLines.Tag
    private let line: Int

    /// Throws `malformed` where a name has no value or a quotation has no end.
    init(_ bytes: ArraySlice<UInt8>, of tag: PlaylistLines.Tag, line: Int) throws(PlaylistFault) {
        self.tag = tag
        self.line = line
        var found: [(name: String, value: ArraySlice<UInt8>)] = []
        var rest = bytes
        while !rest.isEmpty {
            while rest.first == 0x20 { rest.removeFirst() }
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals > rest.startIndex else {
                throw .malformed(tag: tag.rawValue, line: line)
            }
            let name = String(decoding: rest[..<equals], as: UTF8.self)
            rest = rest[(equals + 1)...]
            let value: ArraySlice<UInt8>
            if rest.first == UInt8(ascii: "\"") {
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
            found.append((name, value))
        }
        entries = found
    }

    private func bytes(_ name: String) -> ArraySlice<UInt8>? {
        entries.first { $0.name == name }?.value
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

    func missing(_ name: String) -> PlaylistFault {
        .missingAttribute(name, tag: tag.rawValue, line: line)
    }
}
