import Foundation
package import GRDB
package import Logging
package import Media
import People
package import ShowTimeline
import Synchronization

/// Everything that is not media, in one SQLite file: people, shows, keys, timelines, the audit log.
///
/// In: calls of the rooms' store protocols, each one transaction. Out: what is on disk when they return: WAL with
/// `synchronous = FULL`, so what was acknowledged survives a killed process and a power cut. Writers wait for each other,
/// readers for nobody. Calls block; they are made off the cooperative pool and never from the media path.
package final class Store: Sendable {
    package let path: String
    package let pool: DatabasePool
    private let witness = Mutex<Witness?>(nil)
    private let listeners = Mutex<[@Sendable ([TimelineEvent]) -> Void]>([])
    private let watchers = Mutex<[@Sendable (Set<ShowID>) -> Void]>([])

    /// Opens the file at `path`, makes it where there is none, and brings an older one up to date, after a copy of it as
    /// it was (`….before-NAME`). Throws `StoreFault`: of a newer version nothing is touched.
    package init(path: String, logger: Logger) throws(StoreFault) {
        self.path = path
        let isNew = !FileManager.default.fileExists(atPath: path)
        do {
            if isNew { try Store.makePrivate(path) } else { try Store.refuseNewer(path) }
            pool = try DatabasePool(path: path, configuration: Store.configuration)
            // Where a pool begins to write ahead, it makes this NORMAL, whatever `prepareDatabase` says.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch let fault as StoreFault {
            throw fault
        } catch {
            throw .unusable(path, "\(error)")
        }
        try Store.migrate(pool, path: path, isNew: isNew, logger: logger)
    }

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "shopcast.store"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// Looks before anything is opened for writing: a pool writes as soon as it is there.
    private static func refuseNewer(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let file = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? file.close() }
        if try file.read({ try Store.migrator.hasBeenSuperseded($0) }) { throw StoreFault.newer(path) }
    }

    /// Hashes are in it: nobody else on the machine needs to read them.
    private static func makePrivate(_ path: String) throws {
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
    }

    private static func migrate(_ pool: DatabasePool, path: String, isNew: Bool, logger: Logger)
        throws(StoreFault)
    {
        let migrator = Store.migrator
        do {
            let missing = try pool.read { db in
                let done = try migrator.appliedIdentifiers(db)
                return migrator.migrations.filter { !done.contains($0) }
            }
            guard let first = missing.first else { return }
            if !isNew, missing.count < migrator.migrations.count {
                let copy = "\(path).before-\(first.replacing(" ", with: "-"))"
                try StoreFile.copy(pool, to: copy)
                logger.notice(
                    "the store is brought up to date; a copy of it as it was is kept",
                    metadata: ["copy": "\(copy)", "steps": "\(missing.joined(separator: ", "))"])
            }
            try migrator.migrate(pool)
        } catch {
            throw .unusable(path, "\(error)")
        }
    }

    private struct Witness: Sendable {
        var write: @Sendable (Database, Tidings) throws -> Void
        var afterwards: @Sendable () -> Void
    }

    /// Called inside each transaction that has something to tell: what it writes is kept if and only if that is.
    /// `afterwards` is called once it is on disk, on the thread of whoever made it: it must not wait.
    package func setWitness(
        _ write: @escaping @Sendable (Database, Tidings) throws -> Void,
        afterwards: @escaping @Sendable () -> Void = {}
    ) {
        witness.withLock { $0 = Witness(write: write, afterwards: afterwards) }
    }

    /// Called with every timeline event once it is on disk, on the thread of whoever made it: it must not wait. Where
    /// several write at once, the sequences tell the order.
    package func onEvents(_ body: @escaping @Sendable ([TimelineEvent]) -> Void) {
        listeners.withLock { $0.append(body) }
    }

    /// Called with every show that has changed, or whose keys have, once that is on disk, on the thread of whoever did it.
    package func onShows(_ body: @escaping @Sendable (Set<ShowID>) -> Void) {
        watchers.withLock { $0.append(body) }
    }

    /// One transaction. What it tells timelines is heard by the listeners after it is on disk.
    func write<Value>(_ body: (Transaction) throws -> Value) throws -> Value {
        let witness = witness.withLock { $0 }
        let (value, tidings, touched) = try pool.write { db in
            let transaction = Transaction(db: db)
            let value = try body(transaction)
            let tidings = transaction.tidings
            if !tidings.isEmpty { try witness?.write(db, tidings) }
            return (value, tidings, transaction.touched)
        }
        if !touched.isEmpty { for watcher in watchers.withLock({ $0 }) { watcher(touched) } }
        if !tidings.events.isEmpty { for listener in listeners.withLock({ $0 }) { listener(tidings.events) } }
        if !tidings.isEmpty { witness?.afterwards() }
        return value
    }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value { try pool.read(body) }

    /// For the end of the process; everything is on disk already.
    package func close() throws { try pool.close() }
}

/// What stands against using a store's file.
package enum StoreFault: Error, Hashable, Sendable, CustomStringConvertible {
    case newer(String)
    case unusable(String, String)
    case notABackup(String, String)

    package var description: String {
        switch self {
        case .newer(let path):
            "the store '\(path)' was written by a newer shopcast: run that version, or restore an older backup"
        case .unusable(let path, let reason):
            "the store '\(path)' cannot be used (\(reason)): check the disk, or restore a backup"
        case .notABackup(let path, let reason):
            "'\(path)' is no backup of a shopcast store: \(reason)"
        }
    }
}
