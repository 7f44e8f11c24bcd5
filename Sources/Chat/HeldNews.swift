/// What becomes of messages that wait for a moderator: for those who run the room.
package enum HeldNews: Hashable, Sendable {
    case held(ChatMessage)
    /// It waits no more: somebody has approved or rejected it, or it was taken back.
    case released(MessageID)
}

extension ChatRoom {
    /// What waits here and did not, and what waits no more.
    func heldNews(since before: Set<MessageID>) -> [HeldNews] {
        guard held != before else { return [] }
        return held.subtracting(before).compactMap { messages[$0].map(HeldNews.held) }
            + before.subtracting(held).map(HeldNews.released)
    }
}
