/// `srt://HOST:PORT?streamid=…&passphrase=…&latency=MILLISECONDS`. Pure.
package struct SRTAddress: Hashable, Sendable {
    package let host: String
    package let port: Int
    package private(set) var streamID = ""
    package private(set) var passphrase: String?
    /// Milliseconds.
    package private(set) var latency: Int?

    /// Nil where it is no such address. The stream ID may hold a `#` as it is, though a URL proper would escape it.
    package init?(_ text: String) {
        guard text.hasPrefix("srt://") else { return nil }
        // By bytes: a character may be a sign of ours together with an accent that follows it.
        let rest = text.utf8.dropFirst(6)
        let end = rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
        let slash = rest[..<end].last == UInt8(ascii: "/")
        let place = rest[..<end].dropLast(slash ? 1 : 0)
        guard let colon = place.lastIndex(of: UInt8(ascii: ":")),
            let port = Int(Substring(place[place.index(after: colon)...])), (1...65535).contains(port)
        else { return nil }
        var host = Substring(place[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = port
        for field in rest[end...].dropFirst().split(separator: UInt8(ascii: "&")) {
            guard let equals = field.firstIndex(of: UInt8(ascii: "=")),
                let value = SRTAddress.unescaped(Substring(field[field.index(after: equals)...]))
            else { return nil }
            switch Substring(field[..<equals]) {
            case "streamid": streamID = value
            case "passphrase": passphrase = value
            case "latency":
                guard let number = Int(value), (0...60_000).contains(number) else { return nil }
                latency = number
            default: break
            }
        }
    }

    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = ArraySlice(text.utf8)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2,
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                return nil
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
