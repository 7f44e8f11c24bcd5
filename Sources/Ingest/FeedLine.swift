/// How the network treats a feed, where its protocol can tell (SRT).
package struct FeedLine: Sendable, Hashable {
    /// Milliseconds.
    package var roundTrip: Double
    /// Packets since the connection began: received, missing at first, sent again, and given up.
    package var received: Int
    package var lost: Int
    package var retransmitted: Int
    package var dropped: Int
    /// Milliseconds of the stream that wait in the receiver's buffer.
    package var buffered: Int

    package init(
        roundTrip: Double, received: Int, lost: Int, retransmitted: Int, dropped: Int, buffered: Int
    ) {
        self.roundTrip = roundTrip
        self.received = received
        self.lost = lost
        self.retransmitted = retransmitted
        self.dropped = dropped
        self.buffered = buffered
    }
}
