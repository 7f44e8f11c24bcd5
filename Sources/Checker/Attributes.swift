/// A tag's attribute list (4.2), read as far as it can be, with what is wrong about it.
struct Attributes: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let name: String
        /// Without its quotation marks.
        let value: String
        let isQuoted: Bool
    }

    private(set) var entries: [Entry] = []
    private(set) var faults: [String] = []

    init(_ text: String) {
        var rest = text.utf8[...]
        while !rest.isEmpty {
            let name = rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",") }
            rest = rest.dropFirst(name.count)
            let key = String(decoding: name, as: UTF8.self)
            guard rest.first == UInt8(ascii: "=") else {
                faults.append("'\(key)' has no value")
                rest = rest.dropFirst()
                continue
            }
            rest = rest.dropFirst()
            var value: Substring.UTF8View.SubSequence
            let isQuoted = rest.first == UInt8(ascii: "\"")
            if isQuoted {
                rest = rest.dropFirst()
                value = rest.prefix { $0 != UInt8(ascii: "\"") }
                rest = rest.dropFirst(value.count)
                if rest.isEmpty { faults.append("the quotation of \(key) has no end") }
                rest = rest.dropFirst()
                if let next = rest.first, next != UInt8(ascii: ",") {
                    faults.append("text after the quotation of \(key)")
                    rest = rest.drop { $0 != UInt8(ascii: ",") }
                }
            } else {
                value = rest.prefix { $0 != UInt8(ascii: ",") }
                rest = rest.dropFirst(value.count)
                if value.isEmpty { faults.append("\(key) is empty") }
            }
            rest = rest.dropFirst()
            if key.isEmpty || !key.utf8.allSatisfy(Attributes.isNamed) {
                faults.append("'\(key)' is no attribute name")
            }
            if entries.contains(where: { $0.name == key }) { faults.append("\(key) stands twice") }
            entries.append(
                Entry(name: key, value: String(decoding: value, as: UTF8.self), isQuoted: isQuoted))
        }
    }

    subscript(name: String) -> String? { entry(name)?.value }

    func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }

    /// A-Z, 0-9 and the hyphen.
    private static func isNamed(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
    }
}
