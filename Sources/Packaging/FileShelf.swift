import Synchronization

/// What of a rendition lies on disk and may be fetched: one for a track, shared by all its snapshots, so that a long
/// window costs nothing to publish. A name never stands for other bytes, so it does not matter which snapshot asks.
final class FileShelf: Sendable {
    private let objects = Mutex<[String: MediaObject]>([:])

    func put(_ name: String, _ object: MediaObject) {
        objects.withLock { $0[name] = object }
    }

    func remove(_ names: [String]) {
        objects.withLock { objects in
            for name in names { objects[name] = nil }
        }
    }

    func object(_ name: String) -> MediaObject? {
        objects.withLock { $0[name] }
    }
}
