import API
import Chat
import NIOPosix
import People
import Persistence

/// What rooms keep of a guest: what they wrote, and what was held against them. Guests are known by the name that they were
/// given with their pass (`g_…`).
struct ChatRecords: ViewerRecords {
    let hall: ChatHall
    let store: Store

    var part: String { "chat" }

    func export(_ viewer: ViewerName) async throws -> JSONValue? {
        guard let author = AuthorID(viewer.text) else { return nil }
        return try await NIOThreadPool.singleton.runIfActive { [store] in try store.exportAuthor(author) }
    }

    /// Through the rooms, so that who reads sees it go.
    func erase(_ viewer: ViewerName) async throws -> Bool {
        guard let author = AuthorID(viewer.text) else { return false }
        return try await hall.erase(author, by: .server)
    }
}
