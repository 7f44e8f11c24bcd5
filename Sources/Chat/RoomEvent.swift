package import Foundation

/// Something that happened in a room, in the order in which all readers hear of it.
package struct RoomEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case message(ChatMessage)
        case edited(ChatMessage)
        case deleted(MessageID)
        case pinned(ChatMessage)
        case unpinned
        /// Everything with a sequence up to `upTo` is gone.
        case cleared(upTo: Int)
        case mode(ChatMode)
        /// A question was answered; `by` is the message with the answer, where it was written.
        case question(MessageID, by: MessageID?)
    }

    /// Who hears of it.
    package enum Audience: Hashable, Sendable {
        case everybody
        /// A shadow-banned author's own message.
        case only(AuthorID)
    }

    /// Rises by one with every event of the room, from 1, and is never used again, across restarts too. Who hears only
    /// some of them sees some numbers left out.
    package var sequence: Int
    package var at: Date
    package var kind: Kind
    package var audience: Audience

    package init(sequence: Int, at: Date, kind: Kind, audience: Audience = .everybody) {
        self.sequence = sequence
        self.at = at
        self.kind = kind
        self.audience = audience
    }

    package func isFor(_ author: AuthorID?) -> Bool {
        switch audience {
        case .everybody: true
        case .only(let own): own == author
        }
    }
}

/// What a reader begins with.
package struct RoomSnapshot: Sendable {
    /// Names the row of sequences: one that was kept under another tag says nothing here.
    package var tag: String
    /// Of the newest event that is in here.
    package var sequence: Int
    package var mode: ChatMode
    package var pinned: ChatMessage?
    /// The newest, oldest first; empty where `missed` says what there is to say.
    package var messages: [ChatMessage]
    /// What the reader missed since the event that it named, where all of that is still known.
    package var missed: [RoomEvent]?

    package init(
        tag: String, sequence: Int, mode: ChatMode, pinned: ChatMessage?, messages: [ChatMessage],
        missed: [RoomEvent]?
    ) {
        self.tag = tag
        self.sequence = sequence
        self.mode = mode
        self.pinned = pinned
        self.messages = messages
        self.missed = missed
    }
}
