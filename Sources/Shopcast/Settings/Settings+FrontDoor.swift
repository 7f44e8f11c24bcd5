import Delivery
import Foundation

// Reading what stands in front of the server, what is counted of those who watch, and how long is kept who changed what.

extension Settings {
    private static let proxiesAtMost = 256

    mutating func readFrontDoor(_ reader: inout SettingsReader) throws(SettingsFault) {
        if let text = try reader.text("http.publicURL") {
            guard let base = Settings.base(text) else {
                throw .bad(
                    "http.publicURL", read: text,
                    allowed: "http:// or https://, a host, and perhaps :PORT; nothing behind it")
            }
            http.publicURL = base
        }
        let proxies = try reader.texts("http.trustedProxies") ?? []
        guard proxies.count <= Settings.proxiesAtMost else {
            throw .bad(
                "http.trustedProxies", read: "\(proxies.count) blocks",
                allowed: "at most \(Settings.proxiesAtMost)")
        }
        http.trustedProxies = []
        for text in proxies {
            guard let block = NetworkBlock(text) else {
                throw .bad(
                    "http.trustedProxies", read: text,
                    allowed:
                        "addresses and blocks such as 10.0.0.0/8 or 2001:db8::/32, without bits behind the length"
                )
            }
            http.trustedProxies.append(block)
        }
        http.forwardedField =
            try reader.choice("http.forwardedField", FrontDoor.Field.self) ?? http.forwardedField
        http.drainSeconds = try reader.whole("http.drainSeconds", 0...300) ?? http.drainSeconds
        audience.beatsPerAddress =
            try reader.whole("audience.beatsPerAddress", 1...100_000) ?? audience.beatsPerAddress
        audience.keepDays = try reader.whole("audience.keepDays", 1...3650) ?? audience.keepDays
        audit.keepDays = try reader.whole("audit.keepDays", 1...3650) ?? audit.keepDays
    }

    /// A base address without its last slash; nil where it is none.
    private static func base(_ text: String) -> String? {
        guard text.utf8.count <= 300, let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil,
            parts.query == nil, parts.fragment == nil, parts.path.isEmpty || parts.path == "/",
            parts.port.map({ (1...65535).contains($0) }) ?? true
        else { return nil }
        let name = text.dropFirst(scheme.count + 3).prefix { $0 != "/" }
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}@".utf8.contains($0) }) else {
            return nil
        }
        return "\(scheme)://\(name.lowercased())"
    }
}

extension FrontDoor.Rules {
    init(_ settings: Settings) {
        self.init(
            trusted: settings.http.trustedProxies, field: settings.http.forwardedField,
            publicURL: settings.http.publicURL)
    }
}
