import Media
import NIOCore

/// A request that is under way, and what has come of its answer.
struct Exchange {
    let number: Int
    let get: HTTPGet
    private(set) var head: HTTPHead?
    private(set) var body = ByteBuffer()
    private(set) var bytes = 0
    /// Bytes of the budget that the body holds.
    private(set) var kept = 0
    private(set) var began = MonotonicTime(nanoseconds: 0)
    /// HTTP/2: bytes of the stream's window that were not given back.
    var credit = 0

    init(number: Int, get: HTTPGet) {
        self.number = number
        self.get = get
    }

    mutating func take(_ head: HTTPHead, at now: MonotonicTime) throws(HTTPFailure) {
        guard self.head == nil else { throw .malformed }
        self.head = head
        began = now
        if let length = head.contentLength, length > get.bodyLimit { throw .tooLong }
    }

    /// Counts content, and keeps it where it was asked for.
    mutating func take(_ content: ByteBuffer, budget: BodyBudget) throws(HTTPFailure) {
        guard head != nil else { throw .malformed }
        bytes += content.readableBytes
        guard bytes <= get.bodyLimit else { throw .tooLong }
        guard get.keepsBody else { return }
        guard budget.take(content.readableBytes) else { throw .tooLong }
        kept += content.readableBytes
        // A copy: a slice would hold the whole buffer that the connection reads into.
        var content = content
        body.writeBuffer(&content)
    }

    /// A body that is not as long as promised; nil where it is.
    var failureOfLength: HTTPFailure? {
        guard let head, let length = head.contentLength, length != bytes, head.status != 304 else {
            return nil
        }
        return bytes < length ? .cutShort : .malformed
    }
}
