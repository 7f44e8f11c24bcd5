package import Foundation
package import Media
package import People
package import ShowTimeline
package import Translation

/// Where rooms are kept. Every call waits for the disk, so it is not for the cooperative pool, nor for an event loop.
package protocol ChatStore: Sendable {
    /// A room as it was last acknowledged; one that is made anew where there is none. `keep`: so many of its newest events
    /// and messages. Nil where there is no such show.
    func openRoom(_ show: ShowID, keep: Int) throws -> KeptRoom?
    /// All of it in one transaction, in this order; on disk when it returns. What belongs to a show that is gone is left out:
    /// the answer says which were kept.
    func commit(_ deeds: [ChatDeed]) throws -> [Bool]

    func message(_ id: MessageID, of show: ShowID) throws -> ChatMessage?
    /// In the order of their sequences, or for `held` of their arrival.
    func messages(of show: ShowID, _ query: ChatQuery) throws -> [ChatMessage]
    /// Newest first; `isInForce`: only those that hold at `now`.
    func sanctions(of show: ShowID, isInForce: Bool, at now: Date, limit: Int) throws -> [Sanction]
    /// Of the sanctions and of the messages in whatever state, oldest first, from row `after` on.
    func exported(of show: ShowID, after: Int, limit: Int) throws -> [ExportedMessage]
    /// Of this author, in every show and state, oldest first.
    func messages(by author: AuthorID, limit: Int) throws -> [ChatMessage]
    /// Shows in which something of this author is kept.
    func shows(writtenInBy author: AuthorID) throws -> [ShowID]

    /// The secret that passes of guests are signed with; made at its first use.
    func guestKey() throws -> [UInt8]
    /// Messages and sanctions that ended before; returns how many.
    @discardableResult
    func forgetChat(before: Date) throws -> Int

    /// The show's words that no translation touches, with the revision; 0 where none were set.
    func glossary(of show: ShowID) throws -> (glossary: Glossary, revision: Int)
    /// Throws `DomainFault.stale` where it is another revision than `ifRevision`. Returns the new one.
    func setGlossary(
        _ glossary: Glossary, of show: ShowID, ifRevision: Int?, by actor: Actor, at now: Date
    ) throws -> Int
}

/// What a room begins with.
package struct KeptRoom: Sendable {
    /// Made once for the room: names its row of sequences.
    package var tag: String
    /// Of the last event that there ever was.
    package var sequence: Int
    /// Nil where nobody has set one.
    package var mode: RoomMode?
    package var pinned: ChatMessage?
    package var glossary = Glossary.empty
    /// Oldest first.
    package var events: [RoomEvent]
    /// Those that are shown or shadowed, the newest; and all that are held. In the order of arrival.
    package var messages: [KeptMessage]
    /// Those in force.
    package var sanctions: [Sanction]

    package init(
        tag: String, sequence: Int = 0, mode: RoomMode? = nil, pinned: ChatMessage? = nil,
        events: [RoomEvent] = [], messages: [KeptMessage] = [], sanctions: [Sanction] = []
    ) {
        self.tag = tag
        self.sequence = sequence
        self.mode = mode
        self.pinned = pinned
        self.events = events
        self.messages = messages
        self.sanctions = sanctions
    }
}

/// A message with what only the room needs to know of it.
package struct KeptMessage: Hashable, Sendable {
    package var message: ChatMessage
    package var clientID: String?

    package init(_ message: ChatMessage, clientID: String? = nil) {
        self.message = message
        self.clientID = clientID
    }
}

/// A message and its place among all of the show.
package struct ExportedMessage: Hashable, Sendable {
    package var row: Int
    package var message: ChatMessage

    package init(row: Int, message: ChatMessage) {
        self.row = row
        self.message = message
    }
}

/// Which messages are wanted.
package struct ChatQuery: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// What everybody sees.
        case shown
        case held
        /// Questions that everybody sees; nil: answered or not.
        case questions(isAnswered: Bool?)
    }

    package var kind: Kind
    /// Sequences above, and below.
    package var after: Int?
    package var before: Int?
    /// Show times from, and up to but without.
    package var from: Date?
    package var to: Date?
    package var limit: Int

    package init(
        _ kind: Kind = .shown, after: Int? = nil, before: Int? = nil, from: Date? = nil, to: Date? = nil,
        limit: Int = 50
    ) {
        self.kind = kind
        self.after = after
        self.before = before
        self.from = from
        self.to = to
        self.limit = limit
    }
}

/// What one command does to what is kept: all of it or nothing.
package struct ChatDeed: Sendable {
    package enum Change: Hashable, Sendable {
        case insert(KeptMessage)
        /// Text, state, answers: whatever may change of a message.
        case update(ChatMessage)
        case event(RoomEvent)
        /// What is shown, up to this sequence, is deleted.
        case clear(upTo: Int)
        case mode(RoomMode)
        case pin(MessageID?)
        case impose(Sanction)
        case lift(SanctionID, at: Date)
        case erase(AuthorID)
    }

    /// One entry of the audit log.
    package struct Note: Hashable, Sendable {
        package var action: String
        package var details: JSONValue
        package var actor: Actor

        package init(_ action: String, _ details: JSONValue = [:], by actor: Actor) {
            self.action = action
            self.details = details
            self.actor = actor
        }
    }

    package var show: ShowID
    package var at: Date
    /// In order.
    package var changes: [Change]
    package var note: Note?
    package var timeline: TimelineDraft?

    package init(
        show: ShowID, at: Date, changes: [Change] = [], note: Note? = nil, timeline: TimelineDraft? = nil
    ) {
        self.show = show
        self.at = at
        self.changes = changes
        self.note = note
        self.timeline = timeline
    }

    /// What readers hear of it once it is on disk.
    package var events: [RoomEvent] {
        changes.compactMap { if case .event(let event) = $0 { event } else { nil } }
    }
}
