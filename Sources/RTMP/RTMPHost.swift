package import Media
package import NIOCore

/// One audio, video or data message of an accepted feed.
package enum RTMPMedia: Hashable, Sendable {
    /// The body of an FLV video tag, and its time in milliseconds modulo 2^32.
    case video(ByteBuffer, timestamp: UInt32)
    /// The body of an FLV audio tag.
    case audio(ByteBuffer, timestamp: UInt32)
    /// The properties of `onMetaData`.
    case metadata([AMF0Property])
}

/// Why a feed cannot be taken after all; the host sees the sentence.
package struct RTMPRejection: Error, Hashable, Sendable {
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

/// Whom the server's handler works for. Every call comes on the connection's event loop.
package protocol RTMPHost: AnyObject, SendableMetatype {
    /// A client asks to publish; `reply` is called once, from any thread.
    func publish(_ request: RTMPPublishRequest, reply: @escaping @Sendable (RTMPDecision) -> Void)
    /// Only between an accepted publish and `ended`. Throwing ends the feed with that reason.
    func receive(_ media: RTMPMedia, arrival: MonotonicTime) throws(RTMPRejection)
    /// An accepted publish is over: exactly once for each.
    func ended(reason: String)
    /// The bytes of one read have been handled.
    func read(bytes: Int)
    /// The last call: the connection is gone, or is only waiting for the other end to hang up.
    func closed(reason: String)
}

/// Sent to a server channel as an outbound event, from any thread: ends the connection, and the host sees
/// the reason.
package struct RTMPDisconnect: Sendable {
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }
}
