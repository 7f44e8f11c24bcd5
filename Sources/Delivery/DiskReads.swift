// In: requests for a slice of a file, from event loops. Out: its bytes, back on the loop. Blocks: threads of its own.
// Bound: `atMost` reads at once; policy: an answer that has not begun is refused (503), one that has is read on, since
// each viewer has one slice on its way at most; counter: shopcast_disk_reads_refused_total.

import Glibc
import Metrics
import NIOCore
import NIOPosix
import Packaging
import Synchronization

/// Reads media files for the event loops.
final class DiskReads: Sendable {
    /// Bytes of one read: what a viewer costs while its next bytes come from the disk.
    static let slice = 128 * 1024
    /// Answers that may be begun while so many reads are under way.
    private static let atMost = 256

    enum Fault: Error { case busy, missing, failed }

    private let pool = NIOThreadPool(numberOfThreads: 4)
    private let underway = Atomic<Int>(0)
    private let refused = Counter(label: "shopcast_disk_reads_refused_total")
    private let failed = Counter(label: "shopcast_disk_reads_failed_total")

    /// To be called before anything is read.
    func start() {
        pool.start()
    }

    /// Whether an answer may begin that comes from the disk.
    var hasRoom: Bool { underway.load(ordering: .relaxed) < DiskReads.atMost }

    /// Reads `range` of a file, at most a slice; what comes is never shorter than that.
    func read(_ path: String, _ range: Range<Int>, isFirst: Bool, on loop: any EventLoop)
        -> EventLoopFuture<ByteBuffer>
    {
        if isFirst, !hasRoom {
            refused.increment()
            return loop.makeFailedFuture(Fault.busy)
        }
        underway.wrappingAdd(1, ordering: .relaxed)
        let count = min(range.count, DiskReads.slice)
        return pool.runIfActive(eventLoop: loop) { [self] in
            defer { underway.wrappingSubtract(1, ordering: .relaxed) }
            do {
                return try DiskReads.bytes(of: path, at: range.lowerBound, count: count)
            } catch {
                failed.increment()
                throw error
            }
        }
    }

    /// Opened for each slice: thousands of viewers of old segments hold no file open.
    private static func bytes(of path: String, at offset: Int, count: Int) throws(Fault) -> ByteBuffer {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw errno == ENOENT ? .missing : .failed }
        defer { close(descriptor) }
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        while buffer.readableBytes < count {
            let done = buffer.readableBytes
            let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count - done) { target in
                max(0, pread(descriptor, target.baseAddress, count - done, off_t(offset + done)))
            }
            guard got > 0 else { throw .failed }
        }
        return buffer
    }

    func stop() async {
        try? await pool.shutdownGracefully()
    }
}
