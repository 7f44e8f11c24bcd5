import NIOCore

/// One answer for everybody who waited for the same: put into bytes once, then only written.
///
/// Lives on one event loop, for one pass over those who wait there.
final class SharedAnswer {
    let plan: ResponsePlan
    private var http1: ByteBuffer?

    init(_ plan: ResponsePlan) {
        self.plan = plan
    }

    /// Content up to here (bytes) goes into one buffer with the head: one write, one TLS record.
    static let joined = 12 * 1024

    /// Head and joined content for HTTP/1.1; a longer content follows in slices.
    func http1(date: String, keepsAlive: Bool, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        if keepsAlive, let http1 { return http1 }
        var content: ByteBuffer?
        if case .bytes(let buffer) = plan.body, buffer.readableBytes <= SharedAnswer.joined {
            content = buffer
        }
        var bytes = allocator.buffer(capacity: 600 + (content?.readableBytes ?? 0))
        plan.writeHead(into: &bytes, date: date, keepsAlive: keepsAlive)
        if var content { bytes.writeBuffer(&content) }
        if keepsAlive { http1 = bytes }
        return bytes
    }

    /// Whether `http1` gives the content too.
    var isJoined: Bool {
        switch plan.body {
        case .none: true
        case .bytes(let buffer): buffer.readableBytes <= SharedAnswer.joined
        case .media: false
        }
    }
}
