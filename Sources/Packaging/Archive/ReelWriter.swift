// In: journal lines and files, from any thread, in order. Out: both on disk, by one thread of its own.
// Nobody waits for the disk. Bound: `Limits.memory` bytes and `Limits.patience` for what is not written yet; policy: the
// oldest is given up (a gap in the recording, told to its window); counter: shopcast_recording_lost_segments_total.
// A full disk is tried again every second.

import DequeModule
import Foundation
package import Logging
import Media
import Metrics
import NIOCore
import Synchronization

/// Writes reels to disk.
package final class ReelWriter: Sendable {
    package struct Limits: Sendable {
        /// Media that waits to be written (bytes).
        package var memory = 64 << 20
        /// How long it waits at most.
        package var patience = Duration.seconds(60)
        /// What must stay free on the disk (bytes): below it nothing is recorded.
        package var floor = 500 << 20

        package init() {}
    }

    /// Some lines of a journal, with the file that they tell of: written before them.
    struct Ticket: Sendable {
        var show: ShowID
        var journal: String
        var lines: String
        var file: String?
        var buffers: [ByteBuffer]
        /// What is written where the file cannot be.
        var instead: String?
        /// Told whether the file is on disk.
        var done: (@Sendable (Bool) -> Void)?

        var bytes: Int { buffers.reduce(0) { $0 + $1.readableBytes } }
    }

    private enum Job: Sendable {
        case write(Ticket, since: MonotonicTime)
        case remove([String])
        case call(@Sendable () -> Void)
    }

    private struct Queue {
        var jobs: Deque<Job> = []
        var bytes = 0
        /// The first ticket is being written: too late to give it up.
        var isWriting = false
        var isStopping = false
        /// Given up for want of memory; their windows are told by the thread.
        var lost: [Ticket] = []
    }

    private let limits: Limits
    private let logger: Logger
    private let queue = Mutex(Queue())
    private let work = DispatchSemaphore(value: 0)
    private let lost = Counter(label: "shopcast_recording_lost_segments_total")
    private let written = Counter(label: "shopcast_recording_written_bytes_total")
    private let waiting = Gauge(label: "shopcast_recording_waiting_bytes")
    private let trouble = Gauge(label: "shopcast_recording_disk_trouble")

    package init(limits: Limits = Limits(), logger: Logger) {
        self.limits = limits
        self.logger = logger
        let thread = Thread { [weak self, work] in
            var desk = WriterDesk()
            while true {
                // Woken for each job, and twice a second for what waits for the disk.
                _ = work.wait(timeout: .now() + .milliseconds(500))
                guard let self, self.turn(&desk) else { return }
            }
        }
        thread.name = "reel-writer"
        thread.start()
    }

    /// Queues a ticket; never blocks. Old tickets are given up where there is no room.
    func write(_ ticket: Ticket) {
        queue.withLock { queue in
            queue.jobs.append(.write(ticket, since: .now))
            queue.bytes += ticket.bytes
            // The window's lock is held here: it is told from the writer's thread.
            while queue.bytes > limits.memory, let oldest = ReelWriter.giveUp(&queue) {
                queue.lost.append(oldest)
            }
        }
        work.signal()
    }

    func remove(_ paths: [String]) { push(.remove(paths)) }

    /// Calls `done` on the writer's thread after everything that is queued now.
    package func afterAll(_ done: @escaping @Sendable () -> Void) { push(.call(done)) }

    private func push(_ job: Job) {
        queue.withLock { $0.jobs.append(job) }
        work.signal()
    }

    /// Writes what is queued, for at most `limit`, and ends the thread. Blocks.
    package func finish(atMost limit: Duration = .seconds(5)) {
        let end = DispatchSemaphore(value: 0)
        afterAll { end.signal() }
        _ = end.wait(timeout: .now() + limit.inSeconds)
        queue.withLock { $0.isStopping = true }
        work.signal()
    }

    /// Makes a gap of the oldest segment that is not written, where it waits since `limit` or longer.
    private static func giveUp(_ queue: inout Queue, before limit: MonotonicTime? = nil) -> Ticket? {
        for index in queue.jobs.indices where index > 0 || !queue.isWriting {
            guard case .write(var ticket, let since) = queue.jobs[index], ticket.done != nil else { continue }
            if let limit, since > limit { return nil }
            var given = ticket
            given.buffers = []
            queue.bytes -= ticket.bytes
            (ticket.lines, ticket.file, ticket.buffers, ticket.done) = (ticket.instead ?? "", nil, [], nil)
            queue.jobs[index] = .write(ticket, since: since)
            return given
        }
        return nil
    }

    private func tellLost(_ ticket: Ticket) {
        lost.increment()
        logger.error(
            "a segment could not be written: the recording has a gap",
            metadata: ["show": "\(ticket.show)", "file": "\(ticket.file ?? "")"])
        ticket.done?(false)
    }

    // MARK: The thread

    /// Does what can be done now; false at the end.
    private func turn(_ desk: inout WriterDesk) -> Bool {
        while true {
            let lost = queue.withLock { queue in
                defer { queue.lost = [] }
                return queue.lost
            }
            for ticket in lost { tellLost(ticket) }
            let (job, isStopping) = queue.withLock { queue -> (Job?, Bool) in
                queue.isWriting = true
                return (queue.jobs.first, queue.isStopping)
            }
            guard let job, !isStopping else {
                queue.withLock { $0.isWriting = false }
                return !isStopping
            }
            switch job {
            case .call(let call):
                drop()
                call()
            case .remove(let paths):
                drop()
                for path in paths { unlink(path) }
            case .write(let ticket, let since):
                do {
                    if ticket.done != nil { try desk.checkRoom(at: ticket.journal, floor: limits.floor) }
                    try desk.write(ticket)
                } catch {
                    say(error, of: ticket, &desk)
                    expire(ticket, since: since)
                    return true
                }
                drop()
                if ticket.file != nil, desk.isInTrouble {
                    desk.isInTrouble = false
                    trouble.record(0)
                    logger.notice("the recording goes on: the disk takes segments again")
                }
                written.increment(by: Int64(ticket.bytes))
                ticket.done?(true)
            }
        }
    }

    /// The first job is done.
    private func drop() {
        let left = queue.withLock { queue in
            if case .write(let ticket, _)? = queue.jobs.popFirst() { queue.bytes -= ticket.bytes }
            queue.isWriting = false
            return queue.bytes
        }
        waiting.record(left)
    }

    /// The first ticket could not be written. Segments that have waited too long are given up; lines, which take next
    /// to nothing, wait ten times as long.
    private func expire(_ ticket: Ticket, since: MonotonicTime) {
        let limit = MonotonicTime.now + (.zero - limits.patience)
        let given = queue.withLock { queue -> [Ticket] in
            queue.isWriting = false
            var given: [Ticket] = []
            while let oldest = ReelWriter.giveUp(&queue, before: limit) { given.append(oldest) }
            return given
        }
        for ticket in given { tellLost(ticket) }
        if ticket.done == nil, MonotonicTime.now - since > limits.patience * 10 { drop() }
    }

    private func say(_ fault: DiskFault, of ticket: Ticket, _ desk: inout WriterDesk) {
        guard !desk.isInTrouble else { return }
        desk.isInTrouble = true
        trouble.record(1)
        logger.error(
            "segments cannot be written: live goes on, the recording will have gaps; free some disk space",
            metadata: ["show": "\(ticket.show)", "reason": "\(fault)"])
    }
}

/// Why something is not on disk.
package enum DiskFault: Error, CustomStringConvertible {
    case call(String, path: String, code: Int32)
    /// Less is free than must stay free.
    case noRoom(free: Int)

    package var description: String {
        switch self {
        case .call(let name, let path, let code): "\(name) \(path): \(String(cString: strerror(code)))"
        case .noRoom(let free): "only \(free >> 20) MiB are free"
        }
    }
}

/// The writer's thread's own things: journals that are open, and when it last looked at the disk.
private struct WriterDesk {
    var isInTrouble = false
    private var journals: [String: (descriptor: Int32, length: off_t)] = [:]
    private var looked: (at: MonotonicTime, free: Int)?

    mutating func checkRoom(at path: String, floor: Int) throws(DiskFault) {
        if looked.map({ MonotonicTime.now - $0.at > .seconds(1) }) ?? true {
            looked = DiskRoom.free(at: path).map { (.now, $0) }
        }
        if let looked, looked.free < floor { throw .noRoom(free: looked.free) }
    }

    mutating func write(_ ticket: ReelWriter.Ticket) throws(DiskFault) {
        if let file = ticket.file { try write(ticket.buffers, to: file) }
        if !ticket.lines.isEmpty { try append(ticket.lines, to: ticket.journal) }
    }

    private func write(_ buffers: [ByteBuffer], to path: String) throws(DiskFault) {
        let descriptor = try opened(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC)
        var fault: DiskFault?
        for buffer in buffers where fault == nil {
            do throws(DiskFault) {
                try buffer.withUnsafeReadableBytes { bytes throws(DiskFault) in
                    try WriterDesk.writeAll(bytes, descriptor, path)
                }
            } catch {
                fault = error
            }
        }
        if close(descriptor) != 0, fault == nil { fault = .call("close", path: path, code: errno) }
        if let fault {
            unlink(path)
            throw fault
        }
    }

    private mutating func append(_ lines: String, to path: String) throws(DiskFault) {
        if journals[path] == nil {
            // A few shows are live at once; journals of those that are over are closed.
            if journals.count >= 64 { closeAll() }
            let descriptor = try opened(path, O_WRONLY | O_CREAT | O_CLOEXEC)
            journals[path] = (descriptor, max(0, lseek(descriptor, 0, SEEK_END)))
        }
        guard let journal = journals[path] else { return }
        do throws(DiskFault) {
            try ByteBuffer(string: lines).withUnsafeReadableBytes { bytes throws(DiskFault) in
                try WriterDesk.writeAll(bytes, journal.descriptor, path)
            }
            journals[path]?.length += off_t(lines.utf8.count)
        } catch {
            // Half a line would spoil the next.
            ftruncate(journal.descriptor, journal.length)
            lseek(journal.descriptor, journal.length, SEEK_SET)
            throw error
        }
    }

    private mutating func closeAll() {
        for journal in journals.values { close(journal.descriptor) }
        journals = [:]
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32, _ path: String)
        throws(DiskFault)
    {
        var done = 0
        while done < bytes.count {
            let count = Foundation.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .call("write", path: path, code: count < 0 ? errno : ENOSPC) }
            done += count
        }
    }

    /// Opens for writing; makes the folders where they are missing.
    private func opened(_ path: String, _ flags: Int32) throws(DiskFault) -> Int32 {
        var descriptor = open(path, flags, 0o600)
        if descriptor < 0, errno == ENOENT {
            let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            try? FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            descriptor = open(path, flags, 0o600)
        }
        guard descriptor >= 0 else { throw .call("open", path: path, code: errno) }
        return descriptor
    }
}

/// How much a disk has left.
package enum DiskRoom {
    /// Bytes that may still be written where `path` lies, or its nearest folder that exists; nil where nobody can tell.
    package static func free(at path: String) -> Int? {
        var path = Substring(path)
        while true {
            var facts = statvfs()
            if statvfs(String(path.isEmpty ? "/" : path), &facts) == 0 {
                return Int(clamping: UInt64(facts.f_bavail) * UInt64(facts.f_frsize))
            }
            guard let slash = path.lastIndex(of: "/") else { return nil }
            path = path[..<slash]
        }
    }
}
