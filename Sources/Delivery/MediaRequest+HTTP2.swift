package import NIOHPACK

extension MediaRequest {
    /// The request that a header block of HTTP/2 makes; nil where another part of the server answers.
    package init?(_ headers: HPACKHeaders) {
        var method = RequestHead.Method.other
        var target: MediaTarget.Reading = .elsewhere
        var isReplay = false
        for (name, value, _) in headers {
            if name == ":path" {
                (target, isReplay) = MediaTarget.readWithReplay(value.utf8.span)
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
        self.isReplay = isReplay
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
            default: break
            }
        }
    }
}
