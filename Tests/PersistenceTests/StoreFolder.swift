import Foundation

/// A folder of its own for one test, deleted with it.
final class StoreFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var file: String { path + "/shopcast.sqlite" }
}
