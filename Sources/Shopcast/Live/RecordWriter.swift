import Foundation
import Logging
import Media
import Synchronization

/// Stores show records one after another on a queue of its own: a slow disk never holds up media.
///
/// Bound: one pending record a show (the newest wins); nothing is lost that matters, since records only move forward.
final class RecordWriter: Sendable {
    private let folder: DataFolder
    private let logger: Logger
    private let queue = DispatchQueue(label: "shopcast.records")
    private let pending = Mutex<[ShowID: ShowRecord]>([:])

    init(folder: DataFolder, logger: Logger) {
        self.folder = folder
        self.logger = logger
    }

    func write(_ record: ShowRecord, of show: ShowID) {
        let isFirst = pending.withLock { pending in
            pending.updateValue(record, forKey: show) == nil
        }
        guard isFirst else { return }
        queue.async { [self] in
            guard let newest = pending.withLock({ $0.removeValue(forKey: show) }) else { return }
            do {
                try folder.store(newest, of: show)
            } catch {
                logger.error(
                    "a show's record cannot be stored: check the disk",
                    metadata: ["show": "\(show)", "error": "\(error)"])
            }
        }
    }

    /// Waits until everything is stored; for the end of the process.
    func drain() {
        queue.sync {}
    }
}
