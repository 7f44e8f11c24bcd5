/// The bounds of chats.
package struct ChatSettings: Sendable, Hashable {
    /// So much at once, then so much a second.
    package struct Pace: Sendable, Hashable {
        package var burst: Double
        package var perSecond: Double

        package init(burst: Double, perSecond: Double) {
            self.burst = burst
            self.perSecond = perSecond
        }
    }

    /// Graphemes.
    package var longestText = 500
    package var longestName = 40
    /// Messages, and events, that a room holds in memory.
    package var history = 500
    /// Messages that wait for a moderator in one room.
    package var heldLimit = 1000
    /// Rooms in memory.
    package var rooms = 1000
    package var perAuthor = Pace(burst: 5, perSecond: 0.5)
    package var perAddress = Pace(burst: 20, perSecond: 4)
    package var perRoom = Pace(burst: 200, perSecond: 100)
    /// New guests of one address.
    package var guests = Pace(burst: 20, perSecond: 0.1)
    /// What a new room is run like.
    package var mode = ChatMode()
    /// Days for which messages are kept; 0: for ever.
    package var keepDays = 90
    /// Commands that wait for the disk, of all rooms together.
    package var waiting = 4096

    package init() {}

    /// What readers may send.
    package static let reactions = ["❤️", "👍", "😂", "😮", "🔥", "👏"]
}
