package import Media
package import People

/// Who stands in a room: reads, and perhaps writes.
package struct ChatVisitor: Hashable, Sendable {
    /// Nil: reads only, until a name is chosen.
    package var author: ChatAuthor?
    /// As which acts of moderation are noted; nil: there are none.
    package var actor: Actor?
    /// May moderate this room.
    package var isStaff: Bool
    package var isSignedIn: Bool
    /// Of the host's link by which a guest came; see `GuestPass`.
    package var linkMark: String?
    /// As limits are kept by it.
    package var address: String
    /// What they read, as far as it is known: what they write is likely in it.
    package var language: LanguageTag?

    package init(
        author: ChatAuthor? = nil, actor: Actor? = nil, isStaff: Bool = false, isSignedIn: Bool = false,
        linkMark: String? = nil, address: String, language: LanguageTag? = nil
    ) {
        self.author = author
        self.actor = actor
        self.isStaff = isStaff
        self.isSignedIn = isSignedIn
        self.linkMark = linkMark
        self.address = address
        self.language = language
    }
}
