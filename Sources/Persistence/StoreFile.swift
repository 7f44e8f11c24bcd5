import Foundation
package import GRDB

#if canImport(Glibc)
    import Glibc
#endif

/// Whole stores as files: copies of one in use, and putting one in place of another.
package enum StoreFile {
    /// Copies what `pool` holds now into one file at `path`, in place of what is there. Writers go on meanwhile. A copy
    /// that is cut short leaves no file under that name.
    package static func copy(_ pool: DatabasePool, to path: String) throws {
        let temporary = path + ".new"
        try removeAll(of: temporary)
        do {
            let copy = try DatabaseQueue(path: temporary)
            try pool.backup(to: copy)
            // One file, without the log of writes that belongs to a store in use.
            try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try copy.close()
            try settle(temporary, at: path)
        } catch {
            try? removeAll(of: temporary)
            throw error
        }
    }

    /// Puts the backup at `backup` in the place of the store at `path`, which no process may have open; what was there is
    /// kept beside it, as `….before-restore`. Throws `StoreFault` where `backup` is none, and nothing is touched.
    package static func restore(_ backup: String, to path: String) throws {
        guard FileManager.default.isReadableFile(atPath: backup) else {
            throw StoreFault.notABackup(backup, "it cannot be read")
        }
        let temporary = path + ".new"
        try removeAll(of: temporary)
        do {
            try FileManager.default.copyItem(atPath: backup, toPath: temporary)
            try check(temporary, named: backup)
            if FileManager.default.fileExists(atPath: path) {
                let old = try DatabasePool(path: path)
                try copy(old, to: path + ".before-restore")
                try old.close()
                try removeAll(of: path)
            }
            try settle(temporary, at: path)
        } catch {
            try? removeAll(of: temporary)
            throw error
        }
    }

    private static func check(_ path: String, named name: String) throws {
        do {
            let queue = try DatabaseQueue(path: path)
            try queue.inDatabase { db in
                guard try db.tableExists("grdb_migrations"), try db.tableExists("person") else {
                    throw StoreFault.notABackup(name, "its tables are missing")
                }
                if try Store.migrator.hasBeenSuperseded(db) { throw StoreFault.newer(name) }
                let verdict = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
                guard verdict == "ok" else {
                    throw StoreFault.notABackup(name, "it is damaged (\(verdict ?? "unreadable"))")
                }
                try db.execute(sql: "PRAGMA journal_mode = DELETE")
            }
            try queue.close()
        } catch let fault as StoreFault {
            throw fault
        } catch {
            throw StoreFault.notABackup(name, "\(error)")
        }
    }

    /// On disk under its last name, or not at all.
    private static func settle(_ temporary: String, at path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: temporary)
        try sync(temporary)
        guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try sync(folder.isEmpty ? "." : folder)
    }

    private static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    private static func removeAll(of path: String) throws {
        for suffix in ["", "-wal", "-shm", "-journal"]
        where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.removeItem(atPath: path + suffix)
        }
    }
}
