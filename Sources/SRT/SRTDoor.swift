package import NIOCore

/// Who may connect, and where their bytes go. Called on libsrt's threads and on the listener's own; never blocks.
package protocol SRTDoor: Sendable {
    /// During the handshake: whether a caller with this stream ID may come in at all. Must answer at once.
    func verdict(on streamID: SRTStreamID, peer: String) -> SRTVerdict
    /// A stream ID that could not be read was turned away.
    func turnedAway(peer: String, reason: String)
    /// A caller is connected. `disconnect` ends the connection from outside; safe from any thread.
    func connected(
        _ streamID: SRTStreamID, peer: String, disconnect: @escaping @Sendable (_ reason: String) -> Void
    ) -> any SRTReceiver
}

package enum SRTVerdict: Sendable, Hashable {
    /// With a passphrase both ends must have the same (10 to 79 bytes); nil means without encryption.
    case welcome(passphrase: String?)
    /// The key is unknown, or the show takes no feed.
    case forbidden
}

/// Takes one connection's bytes, in order, from the listener's thread. It never blocks.
package protocol SRTReceiver: Sendable {
    /// Whole messages of the sender, one after another.
    func receive(_ bytes: ByteBuffer)
    /// About once a second.
    func measured(_ statistics: SRTStatistics)
    /// Exactly once; nothing follows.
    func ended(reason: String)
}

/// The connection's health, as libsrt measures it.
package struct SRTStatistics: Sendable, Hashable {
    /// Milliseconds.
    package var roundTrip: Double
    /// Packets since the connection began: received (again or not), missing at first, sent again by the other end, and
    /// given up because they came too late.
    package var received: Int
    package var lost: Int
    package var retransmitted: Int
    package var dropped: Int
    /// What waits in the receiver's buffer, milliseconds of the stream.
    package var buffered: Int
    package var megabitsPerSecond: Double

    package init(
        roundTrip: Double = 0, received: Int = 0, lost: Int = 0, retransmitted: Int = 0, dropped: Int = 0,
        buffered: Int = 0, megabitsPerSecond: Double = 0
    ) {
        self.roundTrip = roundTrip
        self.received = received
        self.lost = lost
        self.retransmitted = retransmitted
        self.dropped = dropped
        self.buffered = buffered
        self.megabitsPerSecond = megabitsPerSecond
    }
}
