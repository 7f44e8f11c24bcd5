import Foundation
import GRDB
import Hooks
import Persistence

/// The stores that every test of the rules runs on.
enum Stores: String, CaseIterable, Sendable {
    case memory, sqlite

    func make() throws -> any HookStore {
        switch self {
        case .memory: return MemoryHookStore()
        case .sqlite:
            let database = try DatabaseQueue()
            try Store.migrator.migrate(database)
            return SQLiteHookStore(database: database)
        }
    }

    /// A store on disk, as it is after a start on this file.
    static func open(_ path: String) throws -> SQLiteHookStore {
        SQLiteHookStore(database: try Store(path: path, logger: Dispatch.quiet).pool)
    }
}

extension HookStore {
    func keep(_ hook: Webhook) throws -> Bool { try keep(hook, noting: nil) }
    func removeHook(_ id: HookID) throws -> Bool { try removeHook(id, noting: nil) }
    func revive(_ id: DeliveryID, at now: Date) throws -> Bool { try revive(id, at: now, noting: nil) }
}

/// A folder that is gone after the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("shopcast-hooks-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
