package import Media
package import NIOCore

/// A GET request.
package struct HTTPGet: Sendable {
    package var address: WebAddress
    /// Whether the body is handed over; otherwise its bytes are counted and dropped.
    package var keepsBody: Bool
    /// The request fails with `tooLong` where the body has more bytes, as they come over the wire.
    package var bodyLimit: Int

    package init(address: WebAddress, keepsBody: Bool, bodyLimit: Int) {
        self.address = address
        self.keepsBody = keepsBody
        self.bodyLimit = bodyLimit
    }
}

/// What the fields of an answer's head say, as far as a player looks at them.
package struct HTTPHead: Hashable, Sendable {
    package var status: Int
    /// Bytes of content that were promised.
    package var contentLength: Int?
    package var location: String?
    package var isGzip = false
    /// HTTP/1.1: the content comes in chunks; the connection ends with the answer.
    package var isChunked = false
    package var isLast = false

    package init(status: Int) { self.status = status }
}

/// A whole answer.
package struct HTTPAnswer: Sendable {
    package var head: HTTPHead
    /// Empty unless it was asked for.
    package var body: ByteBuffer
    /// Bytes of the body as they came over the wire.
    package var bytes: Int
    /// When the head was there.
    package var began: MonotonicTime

    package init(head: HTTPHead, body: ByteBuffer = ByteBuffer(), bytes: Int, began: MonotonicTime) {
        self.head = head
        self.body = body
        self.bytes = bytes
        self.began = began
    }
}

/// Why there is no whole answer.
package enum HTTPFailure: String, Error, CaseIterable, Sendable {
    /// No connection (refused, unreachable, no such host).
    case connect
    /// TLS could not be agreed on, or the certificate is not trusted.
    case tls
    /// The connection ended before the answer.
    case closed
    /// The body is shorter than promised.
    case cutShort = "cut short"
    /// What came is not HTTP.
    case malformed = "malformed HTTP"
    case tooLong = "too long"
    /// HTTP/2: the server has reset the stream.
    case reset
    /// Too many requests wait already.
    case busy
}

/// What carries a viewer's requests. It belongs to one event loop.
package protocol Transport: AnyObject {
    /// Sends a request; the listener hears of it once, later, unless it is cancelled. `number` is the caller's own.
    func get(_ request: HTTPGet, number: Int)
    /// Drops a request; nothing is heard of it any more.
    func cancel(_ number: Int)
    /// Closes everything; nothing more is heard.
    func close()
}

/// Who hears of answers; on the transport's event loop.
package protocol TransportListener: AnyObject {
    func finished(_ number: Int, _ result: Result<HTTPAnswer, HTTPFailure>)
}
