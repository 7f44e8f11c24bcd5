/// Addresses of people, as far as they need be known.
package enum ClientAddress {
    /// For logs: too short to name somebody, long enough to tell networks apart. IPv4 by its first 24 bits, IPv6 by its
    /// first 48; addresses of this machine as they are, and what is no address as nothing.
    package static func short(_ address: String) -> String {
        if address == "::1" || address.hasPrefix("127.") { return address }
        if let words = words(address) {
            if let four = embedded(words) { return short(four) }
            return words.prefix(3).map { String($0, radix: 16) }.joined(separator: ":") + "::/48"
        }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) else { return "unknown" }
        return parts.prefix(3).joined(separator: ".") + ".0/24"
    }

    /// The same of `HOST:PORT`; the port stays.
    package static func short(peer: String) -> String {
        guard let colon = peer.lastIndex(of: ":") else { return short(peer) }
        let host = peer[..<colon].filter { $0 != "[" && $0 != "]" }
        return short(host) + peer[colon...]
    }

    /// The eight words of an IPv6 address; nil where it is none.
    private static func words(_ address: String) -> [UInt16]? {
        // A zone, as in fe80::1%eth0, is this machine's business.
        guard address.contains(":"), let plain = address.split(separator: "%").first else { return nil }
        var text = String(plain)
        if let four = text.split(separator: ":").last, four.contains(".") {
            let bytes = four.split(separator: ".").compactMap { UInt8($0) }
            guard bytes.count == 4 else { return nil }
            let (high, low) = (Int(bytes[0]) << 8 | Int(bytes[1]), Int(bytes[2]) << 8 | Int(bytes[3]))
            text = text.dropLast(four.count) + "\(String(high, radix: 16)):\(String(low, radix: 16))"
        }
        func parse(_ part: Substring) -> [UInt16]? {
            let words = part.split(separator: ":", omittingEmptySubsequences: false)
            if words == [""] { return [] }
            let numbers = words.compactMap { $0.utf8.count <= 4 ? UInt16($0, radix: 16) : nil }
            return numbers.count == words.count ? numbers : nil
        }
        guard let gap = text.firstRange(of: "::") else {
            let all = parse(text[...])
            return all?.count == 8 ? all : nil
        }
        guard let before = parse(text[..<gap.lowerBound]), let after = parse(text[gap.upperBound...]),
            before.count + after.count < 8
        else { return nil }
        return before + [UInt16](repeating: 0, count: 8 - before.count - after.count) + after
    }

    /// The IPv4 address in `::ffff:192.0.2.1`.
    private static func embedded(_ words: [UInt16]) -> String? {
        guard words.prefix(5).allSatisfy({ $0 == 0 }), words[5] == 0xFFFF else { return nil }
        return [words[6] >> 8, words[6] & 255, words[7] >> 8, words[7] & 255].map(String.init)
            .joined(separator: ".")
    }
}
