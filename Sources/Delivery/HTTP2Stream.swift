import NIOCore
import NIOHTTP2

/// One media request of an HTTP/2 connection; no channel is made for it.
final class HTTP2Stream {
    enum Phase {
        case held(Waiter)
        /// Content is being sent, or has been; it stays until the peer has read it and the stream closes.
        case answered
    }

    let id: HTTP2StreamID
    var phase = Phase.answered
    var cursor = BodyCursor(.none)
    /// Bytes handed down and not yet with the kernel.
    var inFlight = 0
    /// The request has content still to come, which is not read.
    var hasInput: Bool

    init(id: HTTP2StreamID, hasInput: Bool) {
        self.id = id
        self.hasInput = hasInput
    }
}
