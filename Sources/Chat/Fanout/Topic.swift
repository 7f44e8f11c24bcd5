/// Something that readers of a room hear of who asked for it, whatever the language in which they read the chat.
package struct Topic: Hashable, Sendable {
    package let name: String

    package init(_ name: String) { self.name = name }

    /// Messages that wait for a moderator: for those who run the room.
    package static let held = Topic("held")
}
