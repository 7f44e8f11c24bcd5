package import People

/// How a room is run.
package struct ChatMode: Hashable, Sendable, Codable {
    /// Who may write, besides those who run the room.
    package enum Writing: String, Hashable, Sendable, Codable, CaseIterable {
        /// Whoever has a display name.
        case anyone
        case signedIn
        /// Whoever came by the link that the host has given out, and whoever is signed in.
        case link
        case nobody
    }

    package enum Links: String, Hashable, Sendable, Codable, CaseIterable {
        case allow
        /// A moderator looks first.
        case hold
        case refuse
    }

    /// Seconds between two messages of one author; 0: as the other limits are.
    package var slowSeconds: Int
    package var writing: Writing
    package var links: Links
    /// Every message waits for a moderator.
    package var hold: Bool

    package static let fields: Set<String> = ["slowSeconds", "writing", "links", "hold"]
    package static let slowest = 3600

    package init(
        slowSeconds: Int = 0, writing: Writing = .anyone, links: Links = .hold, hold: Bool = false
    ) {
        self.slowSeconds = slowSeconds
        self.writing = writing
        self.links = links
        self.hold = hold
    }

    /// Every fault at once.
    package func validate() -> [FieldFault] {
        (0...ChatMode.slowest).contains(slowSeconds)
            ? [] : [FieldFault("slowSeconds", "0 to \(ChatMode.slowest) seconds are possible")]
    }
}
