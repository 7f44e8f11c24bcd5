/// What somebody wants to say.
package struct ChatDraft: Hashable, Sendable {
    /// Chosen by the client, 1 to 64 visible ASCII characters: the same once more is the same message. Nil: always new.
    package var clientID: String?
    package var text: String
    package var replyTo: MessageID?

    package init(clientID: String? = nil, text: String, replyTo: MessageID? = nil) {
        self.clientID = clientID
        self.text = text
        self.replyTo = replyTo
    }
}

/// What somebody asks of a room.
package enum ChatCommand: Hashable, Sendable {
    case send(ChatDraft)
    /// One's own.
    case edit(MessageID, text: String)
    /// One's own, or anybody's for who moderates.
    case delete(MessageID)
    case react(String)

    // For who moderates
    case approve(MessageID)
    case reject(MessageID)
    case pin(MessageID)
    case unpin
    /// With `text` a message is written, as a reply; without, it was spoken.
    case answer(MessageID, text: String?)
    case clear
    /// Nil: whatever the revision is.
    case setMode(ChatMode, ifRevision: Int?)
    /// A new link by which guests may write: the old one lets nobody in any more.
    case renewLink
    case impose(SanctionDraft)
    case lift(SanctionID)
    /// Everything that this author has written, for good.
    case erase(AuthorID)
}

/// How a command came out; what readers see of it comes as events.
package enum ChatAnswer: Hashable, Sendable {
    case done
    /// A message that is held (its state says so) is seen by nobody yet.
    case message(ChatMessage)
    case mode(RoomMode)
    case sanction(Sanction)
}

/// How a room is run, and which edit of that this is.
package struct RoomMode: Hashable, Sendable {
    package var mode: ChatMode
    package var revision: Int
    /// By which guests may write; nil until there is one.
    package var link: String?

    package init(mode: ChatMode = ChatMode(), revision: Int = 1, link: String? = nil) {
        self.mode = mode
        self.revision = revision
        self.link = link
    }
}

extension ChatCommand {
    /// The message that it is about.
    package var message: MessageID? {
        switch self {
        case .edit(let id, _), .delete(let id), .approve(let id), .reject(let id), .pin(let id),
            .answer(let id, _):
            id
        default: nil
        }
    }

    /// What it wants to have said.
    package var text: String? {
        switch self {
        case .send(let draft): draft.text
        case .edit(_, let text): text
        case .answer(_, let text): text
        default: nil
        }
    }
}
