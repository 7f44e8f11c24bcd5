import Foundation

/// Where a request goes: an http or https address, read strictly, so that no two programs read it differently.
package struct WebTarget: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http, https

        package var port: Int { self == .http ? 80 : 443 }
    }

    package enum Host: Hashable, Sendable {
        /// In lower case.
        case name(String)
        case address(IPAddress)
    }

    package let scheme: Scheme
    package let host: Host
    package let port: Int
    /// Path and query as they are sent.
    package let path: String

    package static let longest = 2048

    /// Throws where the text is not such an address. A fragment is dropped.
    package init(_ text: String) throws(WebTargetFault) {
        guard text.utf8.count <= WebTarget.longest else { throw .tooLong }
        guard text.utf8.allSatisfy(WebTarget.isAllowed) else { throw .characters }
        guard let mark = text.range(of: "://"),
            let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased())
        else { throw .scheme }
        let rest = text[mark.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { throw .credentials }
        let (host, port) = WebTarget.split(authority)
        guard let host = Host(host) else { throw .host }
        self.scheme = scheme
        self.host = host
        if let port {
            guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy(WebTarget.isDigit),
                let number = Int(port), (1...65535).contains(number)
            else { throw .port }
            self.port = number
        } else {
            self.port = scheme.port
        }
        let tail = rest[authority.endIndex...]
        path = tail.hasPrefix("/") ? String(tail) : "/" + tail
        guard WebTarget.isEscapedWell(path) else { throw .characters }
    }

    /// Where a redirect leads that answered this target.
    package func following(_ location: String) throws(WebTargetFault) -> WebTarget {
        guard location.utf8.count <= WebTarget.longest else { throw .tooLong }
        guard let base = URL(string: text), let url = URL(string: location, relativeTo: base) else {
            throw .characters
        }
        return try WebTarget(url.absoluteString)
    }

    /// The whole address, written out from what was read.
    package var text: String { "\(scheme.rawValue)://\(authority)\(path)" }

    /// Host, and port where it is not the scheme's own: what may be logged (a path may hold secrets).
    package var authority: String { port == scheme.port ? "\(host)" : "\(host):\(port)" }

    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
        // The last colon parts the port off, unless it stands within the brackets of an IPv6 address.
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else {
            return (authority, nil)
        }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    /// What RFC 3986 lets stand in an address without escaping.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
        }
    }

    private static func isEscapedWell(_ path: String) -> Bool {
        var hexadecimals = 0
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "]"): return false
            case UInt8(ascii: "%"):
                guard hexadecimals == 0 else { return false }
                hexadecimals = 2
            default:
                guard hexadecimals > 0 else { continue }
                guard Character(UnicodeScalar(byte)).isHexDigit else { return false }
                hexadecimals -= 1
            }
        }
        return hexadecimals == 0
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension WebTarget.Host: CustomStringConvertible {
    /// A host name of letters, digits, `-` and `_` in labels, a dotted quad, or IPv6 in brackets. Names that old C
    /// libraries take for numbers (`127.1`, `0x7f.1`) are refused.
    package init?(_ text: some StringProtocol) {
        if text.hasPrefix("["), text.hasSuffix("]") {
            guard let address = IPAddress(text.dropFirst().dropLast()), case .v6 = address else { return nil }
            self = .address(address)
            return
        }
        if let address = IPAddress(text), case .v4 = address {
            self = .address(address)
            return
        }
        let name = text.lowercased()
        guard (1...253).contains(name.utf8.count) else { return nil }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.utf8.count), !label.hasPrefix("-"), !label.hasSuffix("-"),
                label.utf8.allSatisfy(WebTarget.Host.isNameByte)
            else { return nil }
        }
        guard let last = labels.last, !WebTarget.Host.isNumeric(last) else { return nil }
        self = .name(name)
    }

    package var description: String {
        switch self {
        case .name(let name): name
        case .address(let address):
            if case .v6 = address { "[\(address)]" } else { "\(address)" }
        }
    }

    private static func isNumeric(_ label: Substring) -> Bool {
        label.utf8.allSatisfy { (0x30...0x39).contains($0) }
            || label.hasPrefix("0x") && label.dropFirst(2).allSatisfy(\.isHexDigit)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Why a text is no address that the server may be sent to.
package enum WebTargetFault: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong, characters, scheme, credentials, host, port

    package var description: String {
        switch self {
        case .tooLong: "the address is longer than \(WebTarget.longest) bytes"
        case .characters: "the address has characters that must be escaped as % and two hexadecimal digits"
        case .scheme: "the address must start with https:// or http://"
        case .credentials: "the address must not hold a user name or password"
        case .host:
            "the address needs a host: a name in ASCII (xn-- for others), an IPv4 address, or IPv6 in brackets"
        case .port: "the port must be a number from 1 to 65535"
        }
    }
}
