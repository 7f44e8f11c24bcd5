/// An http or https address, in the form in which it is requested.
package struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    /// Where connections go.
    package struct Origin: Hashable, Sendable {
        package let isSecure: Bool
        /// Without the brackets of an IPv6 address.
        package let host: String
        package let port: Int
        /// What the Host field says.
        package let authority: String
    }

    package let origin: Origin
    /// Path and query, from the first slash on; printable ASCII without spaces.
    package let target: String

    /// Longer addresses are refused (bytes).
    private static let longest = 8192

    /// Nil where it is no http or https address, has a user's name, or is longer than 8 KiB.
    package init?(_ text: String) {
        let lower = text.prefix(8).lowercased()
        let isSecure = lower.hasPrefix("https://")
        guard isSecure || lower.hasPrefix("http://"), text.utf8.count <= WebAddress.longest else {
            return nil
        }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        guard let origin = Origin(isSecure: isSecure, authority: rest[..<end]) else { return nil }
        let tail = rest[end...].prefix { $0 != "#" }
        self.init(origin, WebAddress.clean(tail.first == "/" ? String(tail) : "/" + tail))
    }

    private init(_ origin: Origin, _ target: String) {
        self.origin = origin
        self.target = target
    }

    package var description: String { (origin.isSecure ? "https://" : "http://") + origin.authority + target }

    /// The path without the query.
    package var path: Substring { target.prefix { $0 != "?" } }

    /// What a reference means in a document of this address (RFC 3986, 5.2); nil where it is no web address.
    package func resolving(_ reference: String) -> WebAddress? {
        guard reference.utf8.count <= WebAddress.longest else { return nil }
        let plain = reference.prefix { $0 != "#" }
        if plain.isEmpty { return self }
        if plain.hasPrefix("//") { return WebAddress((origin.isSecure ? "https:" : "http:") + plain) }
        if plain.first == "/" { return at(String(plain)) }
        if plain.first == "?" { return at(path + plain) }
        let scheme = plain.prefix { $0 != "/" && $0 != "?" }
        if scheme.contains(":") { return WebAddress(String(plain)) }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return at(folder + plain)
    }

    /// With more in the query.
    package func adding(query: String) -> WebAddress {
        WebAddress(origin, target + (target.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + query)
    }

    private func at(_ target: some StringProtocol) -> WebAddress? {
        guard target.utf8.count <= WebAddress.longest else { return nil }
        let text = String(target)
        let hasDots = text.contains("/.")
        return WebAddress(origin, WebAddress.clean(hasDots ? WebAddress.withoutDots(text) : text))
    }

    private static func withoutDots(_ target: String) -> String {
        let path = target.prefix { $0 != "?" }
        var kept: [Substring] = []
        let pieces = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case ".", "..":
                if piece == "..", !kept.isEmpty { kept.removeLast() }
                if index == pieces.count - 1 { kept.append("") }
            default: kept.append(piece)
            }
        }
        return "/" + kept.joined(separator: "/") + target[path.endIndex...]
    }

    /// What may not stand in a request line is written in hexadecimal.
    private static func clean(_ target: String) -> String {
        if target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return target }
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in target.utf8 {
            if byte > 0x20 && byte < 0x7F {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension WebAddress.Origin {
    /// `host`, `host:port`, `[::1]:port`.
    fileprivate init?(isSecure: Bool, authority: Substring) {
        let isPlain = authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") }
        guard isPlain, !authority.isEmpty else { return nil }
        let host: Substring
        var rest: Substring
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = authority[..<close].dropFirst()
            rest = authority[close...].dropFirst()
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority[host.endIndex...]
        }
        var port = isSecure ? 443 : 80
        if rest.first == ":" {
            rest = rest.dropFirst()
            if !rest.isEmpty {
                guard let number = UInt16(rest), number > 0 else { return nil }
                port = Int(number)
            }
        } else if !rest.isEmpty {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(isSecure: isSecure, host: String(host), port: port, authority: String(authority))
    }
}
