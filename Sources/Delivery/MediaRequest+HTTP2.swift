package import NIOHPACK

extension MediaRequest {
    /// The request that a header block of HTTP/2 makes; nil where another part of the server answers.
    package init?(_ headers: HPACKHeaders, countryField: String? = nil) {
        var method = RequestHead.Method.other
        var target: MediaTarget.Reading = .elsewhere
        var token: String?
        var isReplay = false
        var path: String?
        for (name, value, _) in headers {
            if name == ":path" {
                (target, token, isReplay) = MediaRequest.read(value.utf8.span)
                path = value
                if case .elsewhere = target { return nil }
            } else if name == ":method" {
                method =
                    switch value {
                    case "GET": .get
                    case "HEAD": .head
                    case "OPTIONS": .options
                    default: .other
                    }
            }
            // Pseudo-headers come first.
            if !name.hasPrefix(":") { break }
        }
        if case .elsewhere = target { return nil }
        self.init(method: method, target: target)
        credentials.token = token
        self.isReplay = isReplay
        words = path.flatMap { PlayerWords.read($0.utf8.span) }
        for (name, value, _) in headers {
            switch name {
            case "accept-encoding":
                let bytes = value.utf8.span
                acceptsGzip = AcceptEncoding.takesGzip(bytes, 0..<bytes.count)
            case "if-none-match": ifNoneMatch = value
            case "if-range": ifRange = value
            case "range":
                let bytes = value.utf8.span
                range = ByteRange.read(bytes, 0..<bytes.count)
            case "shopcast-edge":
                credentials.edge = value
                credentials.edgeCap = path.flatMap { TokenPath.cap(in: $0.utf8.span) }
            case "cmcd-request", "cmcd-object", "cmcd-status", "cmcd-session":
                PlayerWords.add(value, to: &words)
            default: if name == countryField, credentials.country == nil { credentials.country = value }
            }
        }
    }
}
