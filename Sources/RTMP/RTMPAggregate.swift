import NIOCore

/// The FLV tags inside an aggregate message, one after another. A tag that does not fit ends it.
struct RTMPAggregate: Sendable {
    private var rest: ByteBuffer
    private let streamID: UInt32
    private let start: UInt32
    private var first: UInt32?

    init(_ message: RTMPMessage) {
        rest = message.payload
        streamID = message.streamID
        start = message.timestamp
    }

    /// The next tag as a message of its own; the first tag's time is the aggregate's, and the others keep
    /// their distance.
    mutating func next() -> RTMPMessage? {
        guard let type: UInt8 = rest.readInteger(), let size = readThreeBytes(), let low = readThreeBytes(),
            let high: UInt8 = rest.readInteger(), readThreeBytes() != nil,
            let slice = rest.readSlice(length: Int(size))
        else { return nil }
        rest.moveReaderIndex(forwardBy: min(4, rest.readableBytes))  // the tag's own size again
        // A copy: a frame that waits somewhere would keep the whole aggregate, which may be a thousand times its size.
        let payload = ByteBuffer(bytes: slice.readableBytesView)
        let timestamp = UInt32(high) << 24 | low
        let origin = first ?? timestamp
        first = origin
        return RTMPMessage(
            type: RTMPMessageType(rawValue: type), streamID: streamID,
            timestamp: start &+ (timestamp &- origin),
            payload: payload)
    }

    private mutating func readThreeBytes() -> UInt32? {
        guard let high: UInt8 = rest.readInteger(), let low: UInt16 = rest.readInteger() else { return nil }
        return UInt32(high) << 16 | UInt32(low)
    }
}
