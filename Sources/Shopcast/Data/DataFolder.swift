import Foundation
import Media

#if canImport(Glibc)
    import Glibc
#endif

/// The folder in which one process keeps everything that must outlive it; locked for as long as that process lives.
package final class DataFolder: Sendable {
    package let path: String
    private let lock: Int32

    /// Makes the folder where it is missing and locks it.
    /// Throws `SettingsFault` where it cannot be written, or another process has it.
    package init(path: String) throws(SettingsFault) {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path + "/shows", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw SettingsFault("the data folder '\(path)' cannot be made: \(error.localizedDescription)")
        }
        let descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SettingsFault(
                "the data folder '\(path)' cannot be written: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw SettingsFault(
                "the data folder '\(path)' is in use by another shopcast process: stop it, or set 'data'")
        }
        lock = descriptor
    }

    deinit {
        close(lock)
    }

    /// The socket on which the running server takes commands.
    package static func controlSocket(in path: String) -> String { path + "/control.sock" }

    /// People, shows, keys, timelines and the audit log.
    package static func store(in path: String) -> String { path + "/shopcast.sqlite" }

    /// What was kept of a show; nil where nothing was. A file that cannot be read is set aside, not trusted.
    func record(of show: ShowID) -> ShowRecord? {
        let file = recordFile(show)
        guard let data = FileManager.default.contents(atPath: file) else { return nil }
        if let record = try? JSONDecoder().decode(ShowRecord.self, from: data) { return record }
        try? FileManager.default.removeItem(atPath: file + ".broken")
        try? FileManager.default.moveItem(atPath: file, toPath: file + ".broken")
        return nil
    }

    /// Stores atomically: after a kill the file is the old one or the new one. Blocks for one small write and sync.
    func store(_ record: ShowRecord, of show: ShowID) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let temporary = recordFile(show) + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: encoder.encode(record))
        try handle.synchronize()
        guard rename(temporary, recordFile(show)) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    private func recordFile(_ show: ShowID) -> String { "\(path)/shows/\(show).json" }
}
