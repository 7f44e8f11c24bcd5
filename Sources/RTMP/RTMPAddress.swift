/// Where to publish: `rtmp://HOST[:PORT]/APP[/…]/KEY[?QUERY]`, or the same with `rtmps:`.
package struct RTMPAddress: Hashable, Sendable {
    package var host: String
    package var port: Int
    /// Over TLS.
    package var isSecure: Bool
    /// Everything between the host and the last path element.
    package var application: String
    /// The last path element, with its query. A secret.
    package var key: String

    /// Nil where the text is no such address.
    package init?(_ text: String) {
        let start = text.prefix(8).lowercased()
        guard let scheme = ["rtmp://", "rtmps://"].first(where: start.hasPrefix) else { return nil }
        isSecure = scheme == "rtmps://"
        let rest = text.dropFirst(scheme.count)
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        let authority = rest[..<slash]
        let path = rest[rest.index(after: slash)...]
        let end = path.firstIndex(of: "?") ?? path.endIndex
        guard let cut = path[..<end].lastIndex(of: "/") else { return nil }
        application = String(path[..<cut])
        key = String(path[path.index(after: cut)...])

        var host = authority
        // 443 is what services take, and encoders assume.
        var port: Int? = isSecure ? 443 : 1935
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<close]
            let after = authority[authority.index(after: close)...]
            if !after.isEmpty { port = after.hasPrefix(":") ? Int(after.dropFirst()) : nil }
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = Int(authority[authority.index(after: colon)...])
        }
        guard let port, (1...65535).contains(port), !host.isEmpty, !application.isEmpty, !key.isEmpty else {
            return nil
        }
        self.host = String(host)
        self.port = port
    }

    /// The address without the key, as clients send it in `connect`.
    package var connectURL: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "rtmps" : "rtmp")://\(name):\(port)/\(application)"
    }
}
