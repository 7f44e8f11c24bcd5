package import NIOCore

/// A header field.
package struct OutboundField: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One request to another server.
package struct OutboundRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// What becomes of an answer that is larger than the limit.
    package enum Excess: Sendable {
        /// The request fails.
        case fail
        /// The rest is not read; the connection is closed.
        case cut
    }

    /// What it is for, as a metric's label: a word of few.
    package var purpose: String
    package var method: Method
    package var target: WebTarget
    package var fields: [OutboundField]
    package var body: ByteBuffer?
    /// For everything together: resolving, connecting, redirects, and reading the answer.
    package var deadline = Duration.seconds(10)
    /// The largest answer that is taken, in bytes.
    package var answerLimit = 1 << 20
    package var excess = Excess.fail
    /// How many redirects are followed; only those of GET and HEAD are, and each is checked as the target was.
    package var redirects = 0
    /// The connection serves this one request only.
    package var closesConnection = false

    package init(
        _ method: Method, _ target: WebTarget, purpose: String, fields: [OutboundField] = [],
        body: ByteBuffer? = nil
    ) {
        self.purpose = purpose
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }
}

/// What the other server said.
package struct OutboundResponse: Sendable {
    package var status: Int
    package var fields: [OutboundField]
    package var body: ByteBuffer
    /// The body was longer than the limit, and this is its beginning.
    package var isCut: Bool

    /// The first field of this name, whatever its case.
    package func field(_ name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    /// How long the other side asks to be left alone: a Retry-After of seconds.
    package var retryAfter: Duration? {
        guard let text = field("retry-after"), let seconds = Int(text), seconds >= 0 else { return nil }
        return .seconds(min(seconds, 365 * 86_400))
    }
}
