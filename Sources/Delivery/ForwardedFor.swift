/// What proxies say of whom they ask for: `Forwarded` (RFC 7239), or the `X-Forwarded-…` fields. Pure, and read strictly:
/// an element that is malformed says nothing, and nothing before it is believed.
package struct ForwardedFor: Hashable, Sendable {
    /// Whom one proxy was asked by.
    package struct Hop: Hashable, Sendable {
        /// Nil where the proxy does not say (`unknown`, a name of its own), or says it badly.
        package var address: NetworkAddress?
        package var scheme: String?
        package var host: String?

        package init(address: NetworkAddress? = nil, scheme: String? = nil, host: String? = nil) {
            self.address = address
            self.scheme = scheme
            self.host = host
        }
    }

    /// The nearest proxy's last, as in the fields.
    package private(set) var hops: [Hop]

    private static let bytesAtMost = 4096
    private static let hopsAtMost = 32

    /// The values of all `Forwarded` fields of a request, joined by commas in their order.
    package init(forwarded text: String) {
        let elements = ForwardedFor.elements(text, separator: UInt8(ascii: ","))
        hops = elements.suffix(ForwardedFor.hopsAtMost).map { ForwardedFor.hop($0) ?? Hop() }
    }

    /// The values of the `X-Forwarded-For`, `-Proto` and `-Host` fields, joined likewise. Protocol and host are the
    /// nearest proxy's: the last of each list.
    package init(addresses: String, scheme: String?, host: String?) {
        hops = ForwardedFor.elements(addresses, separator: UInt8(ascii: ",")).suffix(ForwardedFor.hopsAtMost)
            .map { Hop(address: ForwardedFor.node($0)) }
        guard !hops.isEmpty else { return }
        let last = hops.count - 1
        hops[last].scheme = scheme.flatMap { ForwardedFor.scheme(ForwardedFor.lastElement($0)) }
        hops[last].host = host.flatMap { ForwardedFor.host(ForwardedFor.lastElement($0)) }
    }

    private static func lastElement(_ text: String) -> String {
        elements(text, separator: UInt8(ascii: ",")).last ?? ""
    }

    /// Splits a list at separators that are not inside of quotation marks. Too long a text has none.
    private static func elements(_ text: String, separator: UInt8) -> [String] {
        guard !text.isEmpty, text.utf8.count <= bytesAtMost else { return [] }
        var elements: [String] = []
        var (current, isQuoted, isEscaped): ([UInt8], Bool, Bool) = ([], false, false)
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                elements.append(trimmed(current))
                current = []
                continue
            }
            current.append(byte)
        }
        elements.append(trimmed(current))
        return elements
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let front = bytes.drop(while: isSpace)
        let back = front.reversed().drop(while: isSpace).count
        return String(decoding: front.prefix(back), as: UTF8.self)
    }

    /// `for=…;proto=…;host=…;by=…`, each once.
    private static func hop(_ element: String) -> Hop? {
        var hop = Hop()
        var seen: Set<String> = []
        for pair in elements(element, separator: UInt8(ascii: ";")) {
            guard let equals = pair.firstIndex(of: "=") else { return nil }
            let name = pair[..<equals].lowercased()
            guard !name.isEmpty, seen.insert(name).inserted,
                let value = unquoted(String(pair[pair.index(after: equals)...]))
            else { return nil }
            switch name {
            case "for": hop.address = node(value)
            case "proto": hop.scheme = scheme(value)
            case "host": hop.host = host(value)
            default: break
            }
        }
        return hop
    }

    /// A token as it is, or a quoted string without its marks and escapes.
    private static func unquoted(_ text: String) -> String? {
        guard text.utf8.first == UInt8(ascii: "\"") else {
            return text.utf8.contains(UInt8(ascii: "\"")) || text.isEmpty ? nil : text
        }
        guard text.utf8.count >= 2, text.utf8.last == UInt8(ascii: "\"") else { return nil }
        var value: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8.dropFirst().dropLast() {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            }
            if !isEscaped, byte == UInt8(ascii: "\"") { return nil }
            isEscaped = false
            value.append(byte)
        }
        return isEscaped ? nil : String(decoding: value, as: UTF8.self)
    }

    /// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`.
    static func node(_ text: String) -> NetworkAddress? {
        if text.utf8.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: "]"), isPort(text[text.index(after: end)...]) else {
                return nil
            }
            return NetworkAddress(text[text.index(after: text.startIndex)..<end])
        }
        if let whole = NetworkAddress(text) { return whole }
        guard let colon = text.lastIndex(of: ":"), isPort(text[colon...]) else { return nil }
        guard let address = NetworkAddress(text[..<colon]), address.isIPv4 else { return nil }
        return address
    }

    /// Nothing, or a colon and a number, or a name that hides the number (`_x`).
    private static func isPort(_ text: Substring) -> Bool {
        guard let first = text.utf8.first else { return true }
        guard first == UInt8(ascii: ":") else { return false }
        let port = text.utf8.dropFirst()
        if port.first == UInt8(ascii: "_") { return port.count <= 64 }
        return (1...5).contains(port.count) && port.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func scheme(_ text: String) -> String? {
        let name = text.lowercased()
        return name == "https" || name == "http" ? name : nil
    }

    /// A name or address with or without a port: what may stand between `//` and `/` without being anything else.
    static func host(_ text: String) -> String? {
        guard (1...260).contains(text.utf8.count) else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".-:[]".utf8.contains(byte)
            }
        }
        return isPlain ? text.lowercased() : nil
    }
}
