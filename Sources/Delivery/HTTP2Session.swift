package import NIOCore
package import NIOHPACK

/// The server's side of an HTTP/2 connection (RFC 9113), without I/O: bytes in, events out, and what may be sent.
///
/// There is no push. Whatever the peer sends either is an event, or is ignored, or fails the
/// connection; what it may make us remember is bounded by `Limits`.
package struct HTTP2Session {
    package struct Limits: Sendable {
        /// Streams at once; more are refused.
        package var streams = 100
        /// Bytes of a decoded header list, and of a header block as it comes.
        package var headerList = 32 * 1024
        /// Resets by the peer in `span` seconds.
        package var resets = 200
        /// PING, SETTINGS, PRIORITY, PRIORITY_UPDATE and empty frames in `span` seconds.
        package var controls = 1000
        /// Requests that had to be reset, in `span` seconds.
        package var faults = 100
        package var span: Int64 = 30

        package init() {}
    }

    package enum Event {
        case request(UInt32, HPACKHeaders, ends: Bool)
        /// Content of a request; its credit is given back with `consumed`.
        case data(UInt32, ByteBuffer, ends: Bool)
        /// The request ends (with trailers, which are dropped).
        case inputEnded(UInt32)
        /// The peer has reset a stream, which is gone.
        case reset(UInt32)
        /// The peer wants a stream's answer sooner or later than it said.
        case precedence(UInt32, Precedence)
        /// More may be sent than before.
        case windowOpened
        /// To be acknowledged.
        case settings
        /// To be sent back.
        case ping(UInt64)
        /// RST_STREAM is to be sent; the stream is gone.
        case refuse(UInt32, HTTP2Code)
        /// GOAWAY is to be sent and the connection closed.
        case failed(HTTP2Code)
        case ignored
    }

    struct Stream {
        var sendWindow: Int
        var receiveWindow = HTTP2Wire.firstWindow
        /// Bytes received that nobody has consumed.
        var unconsumed = 0
        var isRemoteClosed: Bool
        var isLocalClosed = false
    }

    package let limits: Limits
    /// The newest stream that the peer has opened.
    package internal(set) var lastStream: UInt32 = 0
    /// The peer's limit for the table of our header encoder (bytes).
    package internal(set) var peerTableSize = 4096
    package internal(set) var isGoingAway = false
    var streams: [UInt32: Stream] = [:]
    var sendWindow = HTTP2Wire.firstWindow
    var receiveWindow = HTTP2Wire.firstWindow
    /// Bytes consumed since the last WINDOW_UPDATE of the connection.
    var credit = 0
    var peerFirstWindow = HTTP2Wire.firstWindow
    var peerFrameSize = HTTP2Wire.frame
    var hasPreface = false
    var hasSettings = false
    var decoder: HPACKDecoder
    /// A header block that goes on in CONTINUATION frames.
    var block: (stream: UInt32, ends: Bool, bytes: ByteBuffer, frames: Int)?
    var resets = RateLimit()
    var controls = RateLimit()
    var faults = RateLimit()

    package init(limits: Limits = Limits()) {
        self.limits = limits
        decoder = HPACKDecoder(
            allocator: ByteBufferAllocator(), maxDynamicTableSize: 4096, maxHeaderListSize: limits.headerList)
    }

    /// Streams that are open in either direction.
    package var count: Int { streams.count }

    package func isOpen(_ id: UInt32) -> Bool { streams[id] != nil }

    /// Bytes that may be sent on a stream now.
    package func window(_ id: UInt32) -> Int {
        streams[id].map { max(0, min(sendWindow, $0.sendWindow)) } ?? 0
    }

    /// Those of them that fit one DATA frame.
    package func room(_ id: UInt32) -> Int { min(window(id), peerFrameSize, HTTP2Wire.frame) }

    /// Notes what has been sent on a stream: DATA of so many bytes, or HEADERS (0 bytes).
    package mutating func sent(_ id: UInt32, bytes: Int, ends: Bool) {
        guard let index = streams.index(forKey: id) else { return }
        sendWindow -= bytes
        if ends && streams.values[index].isRemoteClosed {
            credit += streams.values[index].unconsumed
            streams.remove(at: index)
        } else {
            streams.values[index].sendWindow -= bytes
            if ends { streams.values[index].isLocalClosed = true }
        }
    }

    /// Forgets a stream whose answer is complete, or that the peer has reset.
    package mutating func close(_ id: UInt32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        credit += stream.unconsumed
    }

    /// Forgets a stream that we reset. False where that was so often that the connection is to end: a reset frees the
    /// stream's place at once, however much work its request has made.
    package mutating func reset(_ id: UInt32, second: Int64) -> Bool {
        close(id)
        return faults.note(at: second, span: limits.span, atMost: limits.faults)
    }

    /// Nothing that the peer opens from here on is answered.
    package mutating func goAway() { isGoingAway = true }

    /// Notes that content has been taken in.
    package mutating func consumed(_ id: UInt32, bytes: Int) {
        guard let index = streams.index(forKey: id) else { return }
        let taken = min(bytes, streams.values[index].unconsumed)
        streams.values[index].unconsumed -= taken
        credit += taken
    }

    /// The WINDOW_UPDATE of the connection that is due (bytes); 0 where none is. Streams that are gone give theirs back
    /// too, so it is to be asked for after each frame and each end of a stream.
    package mutating func connectionUpdateDue() -> Int {
        guard credit >= HTTP2Wire.firstWindow / 2 else { return 0 }
        defer { credit = 0 }
        receiveWindow += credit
        return credit
    }

    /// The WINDOW_UPDATE of a stream that is due (bytes); 0 where none is.
    package mutating func updateDue(_ id: UInt32) -> Int {
        guard let index = streams.index(forKey: id), !streams.values[index].isRemoteClosed else { return 0 }
        let stream = streams.values[index]
        let free = HTTP2Wire.firstWindow - stream.unconsumed - stream.receiveWindow
        guard free >= HTTP2Wire.firstWindow / 2 else { return 0 }
        streams.values[index].receiveWindow += free
        return free
    }
}

/// Counts events in spans of time; a span begins with the first event after the last span.
struct RateLimit {
    private var begun: Int64 = 0
    private var count = 0

    /// False where there have been more than `atMost` in the span.
    mutating func note(at second: Int64, span: Int64, atMost: Int) -> Bool {
        if second - begun >= span {
            begun = second
            count = 0
        }
        count += 1
        return count <= atMost
    }
}
