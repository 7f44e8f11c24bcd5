/// The head of an HTTP/1.1 request, read strictly: what is not well-formed is refused, never guessed at.
///
/// Strictness is what makes it safe to forward the bytes: a head that passes here means the same to every parser.
package struct RequestHead: Hashable, Sendable {
    package enum Method: Hashable, Sendable { case get, head, options, other }

    package struct Limits: Hashable, Sendable {
        /// Bytes of the request line; beyond it 414.
        package var line = 8 * 1024
        /// Bytes of the whole head; beyond it 431.
        package var total = 32 * 1024
        /// Field lines; beyond it 431.
        package var fields = 100

        package init() {}
    }

    package enum Reading: Hashable, Sendable {
        case incomplete
        case head(RequestHead)
        /// The connection is to be answered so and closed.
        case refused(Status, String)
    }

    package var method = Method.other
    /// Where the target stands in the bytes read; likewise the field values below.
    package var target = 0..<0
    package var keepsAlive = true
    package var bodyLength = 0
    package var isChunked = false
    /// The client would go on in another protocol, or through a tunnel.
    package var wantsUpgrade = false
    package var acceptsGzip = false
    package var ifNoneMatch: Range<Int>?
    package var ifRange: Range<Int>?
    package var range: Range<Int>?
    package var userAgent: Range<Int>?
    /// `Shopcast-Edge`.
    package var edge: Range<Int>?
    /// `CMCD-Request`, `CMCD-Object`, `CMCD-Status` and `CMCD-Session`, as they came.
    package var playerWords: [Range<Int>] = []
    /// Bytes of the head, the empty line included.
    package var length = 0

    /// The request's end cannot be found by counting bytes.
    package var isOpenEnded: Bool { isChunked || wantsUpgrade }

    /// It speaks HTTP/1.0.
    private(set) var isOld = false
    private var hosts = 0
    private var hasLength = false

    /// Reads one head from the front of `bytes`.
    package static func read(_ bytes: Span<UInt8>, limits: Limits = Limits()) -> Reading {
        var head = RequestHead()
        var at = 0
        // Empty lines before a request are forgiven (RFC 9112, 2.2).
        while at + 1 < bytes.count, at < 8, bytes[at] == 0x0d, bytes[at + 1] == 0x0a { at += 2 }
        guard let line = end(ofLine: at, bytes, limit: limits.line) else {
            if bytes.count - at > limits.line { return .refused(.uriTooLong, "The address is too long.") }
            return .incomplete
        }
        if line < 0 { return .refused(.badRequest, "The request line is malformed.") }
        if line - at > limits.line { return .refused(.uriTooLong, "The address is too long.") }
        if let refusal = head.readLine(bytes, at..<line) { return refusal }
        at = line + 2
        var fields = 0
        while true {
            guard let next = end(ofLine: at, bytes, limit: limits.total) else {
                if bytes.count > limits.total { return .refused(.fieldsTooLarge, "The header is too large.") }
                return .incomplete
            }
            if next < 0 { return .refused(.badRequest, "A header line is malformed.") }
            if next > limits.total { return .refused(.fieldsTooLarge, "The header is too large.") }
            if next == at {
                head.length = at + 2
                return head.checked()
            }
            fields += 1
            if fields > limits.fields { return .refused(.fieldsTooLarge, "The header has too many fields.") }
            if let refusal = head.readField(bytes, at..<next) { return refusal }
            at = next + 2
        }
    }

    /// The index of the CR that ends the line from `start`; nil where the line is not complete, -1 where a lone
    /// CR, a lone LF or another control character stands in it.
    private static func end(ofLine start: Int, _ bytes: Span<UInt8>, limit: Int) -> Int? {
        var at = start
        let stop = min(bytes.count, start + limit + 2)
        while at < stop {
            let byte = bytes[at]
            if byte < 0x20 && byte != 0x09 || byte == 0x7f {
                guard byte == 0x0d else { return -1 }
                guard at + 1 < bytes.count else { return nil }
                return bytes[at + 1] == 0x0a ? at : -1
            }
            at += 1
        }
        return nil
    }

    private mutating func readLine(_ bytes: Span<UInt8>, _ line: Range<Int>) -> Reading? {
        var space = line.lowerBound
        while space < line.upperBound, bytes[space].isTokenCharacter { space += 1 }
        guard space > line.lowerBound, space < line.upperBound, bytes[space] == 0x20 else {
            return .refused(.badRequest, "The request line is malformed.")
        }
        let name = line.lowerBound..<space
        if bytes.matches(name, "GET") {
            method = .get
        } else if bytes.matches(name, "HEAD") {
            method = .head
        } else if bytes.matches(name, "OPTIONS") {
            method = .options
        } else if bytes.matches(name, "CONNECT") {
            wantsUpgrade = true
        }
        var end = space + 1
        while end < line.upperBound, bytes[end] > 0x20, bytes[end] < 0x7f { end += 1 }
        target = space + 1..<end
        guard !target.isEmpty, end < line.upperBound, bytes[end] == 0x20 else {
            return .refused(.badRequest, "The request line is malformed.")
        }
        let version = end + 1..<line.upperBound
        if bytes.matches(version, "HTTP/1.1") { return nil }
        if bytes.matches(version, "HTTP/1.0") {
            keepsAlive = false
            isOld = true
            return nil
        }
        if version.count == 8, bytes.matches(version.lowerBound..<version.lowerBound + 5, "HTTP/") {
            return .refused(.versionNotSupported, "Only HTTP/1.1 is spoken here.")
        }
        return .refused(.badRequest, "The request line is malformed.")
    }

    private mutating func readField(_ bytes: Span<UInt8>, _ line: Range<Int>) -> Reading? {
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon].isTokenCharacter { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            return .refused(.badRequest, "A header line is malformed.")
        }
        let name = line.lowerBound..<colon
        let value = bytes.trimmed(colon + 1..<line.upperBound)
        // Names of other lengths are not looked at.
        switch name.count {
        case 4 where bytes.matchesIgnoringCase(name, "host"): hosts += 1
        case 5 where bytes.matchesIgnoringCase(name, "range"): range = value
        case 7 where bytes.matchesIgnoringCase(name, "upgrade"): wantsUpgrade = true
        case 8 where bytes.matchesIgnoringCase(name, "if-range"): ifRange = value
        case 10 where bytes.matchesIgnoringCase(name, "connection"): readConnection(bytes, value)
        case 10 where bytes.matchesIgnoringCase(name, "user-agent"): userAgent = value
        case 11 where bytes.matchesIgnoringCase(name, "cmcd-object"): hear(value)
        case 11 where bytes.matchesIgnoringCase(name, "cmcd-status"): hear(value)
        case 12 where bytes.matchesIgnoringCase(name, "cmcd-request"): hear(value)
        case 12 where bytes.matchesIgnoringCase(name, "cmcd-session"): hear(value)
        case 13 where bytes.matchesIgnoringCase(name, "if-none-match"): ifNoneMatch = value
        case 13 where bytes.matchesIgnoringCase(name, "shopcast-edge"): edge = value
        case 14 where bytes.matchesIgnoringCase(name, "content-length"):
            guard !hasLength, let length = bytes.decimal(value), length <= UInt64(Int64.max >> 8) else {
                return .refused(.badRequest, "Content-Length is malformed.")
            }
            hasLength = true
            bodyLength = Int(length)
        case 15 where bytes.matchesIgnoringCase(name, "accept-encoding"):
            acceptsGzip = AcceptEncoding.takesGzip(bytes, value)
        case 17 where bytes.matchesIgnoringCase(name, "transfer-encoding"):
            guard !isChunked, bytes.matchesIgnoringCase(value, "chunked") else {
                return .refused(.notImplemented, "Only the transfer coding chunked is understood.")
            }
            isChunked = true
        default: break
        }
        return nil
    }

    private mutating func hear(_ value: Range<Int>) {
        // Each field once: who repeats one says nothing that could be read.
        if playerWords.count < 4 { playerWords.append(value) }
    }

    private mutating func readConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        bytes.eachListItem(value) { item in
            if bytes.matchesIgnoringCase(item, "close") { keepsAlive = false }
            if bytes.matchesIgnoringCase(item, "keep-alive") { keepsAlive = true }
            return true
        }
    }

    /// The value of the first field called `name` (in lower case) in the bytes that this head was read from; for names
    /// that are known only from the settings.
    package func field(_ name: String, in bytes: Span<UInt8>) -> Range<Int>? {
        let wanted = name.utf8.span
        var at = target.upperBound
        while at + 1 < length {
            var end = at
            while end + 1 < length, bytes[end] != 0x0d { end += 1 }
            if end - at > wanted.count, bytes[at + wanted.count] == UInt8(ascii: ":") {
                var offset = 0
                while offset < wanted.count, bytes[at + offset].lowercased == wanted[offset] { offset += 1 }
                if offset == wanted.count { return bytes.trimmed(at + wanted.count + 1..<end) }
            }
            at = end + 2
        }
        return nil
    }

    /// The values of all fields called `name` (in lower case), joined by commas; nil where there is none.
    func joinedFields(_ name: String, in bytes: Span<UInt8>) -> String? {
        let wanted = name.utf8.span
        var joined: String?
        var at = target.upperBound
        while at + 1 < length {
            var end = at
            while end + 1 < length, bytes[end] != 0x0d { end += 1 }
            if end - at > wanted.count, bytes[at + wanted.count] == UInt8(ascii: ":") {
                var offset = 0
                while offset < wanted.count, bytes[at + offset].lowercased == wanted[offset] { offset += 1 }
                if offset == wanted.count {
                    let value = bytes.text(bytes.trimmed(at + wanted.count + 1..<end))
                    joined = joined.map { "\($0),\(value)" } ?? value
                }
            }
            at = end + 2
        }
        return joined
    }

    private func checked() -> Reading {
        if hosts > 1 || hosts == 0 && !isOld {
            return .refused(.badRequest, "Exactly one Host is required.")
        }
        if isChunked && (hasLength || isOld) {
            return .refused(.badRequest, "Transfer-Encoding does not go with Content-Length or HTTP/1.0.")
        }
        return .head(self)
    }
}
