import CMediaShims
import Synchronization

/// How the C library's heap is kept by a process that runs for weeks with dozens of threads.
package enum MediaHeap {
    /// What may lie free at a heap's end.
    private static let slack: Int32 = 8 << 20

    /// To be called once, at the start. Media is made on encoder threads and freed where viewers are answered; left alone,
    /// glibc gives nearly every thread an arena of its own, and each keeps the room of its busiest moment. (Mapping media
    /// blocks on their own gives room back too, and costs a fifth more CPU in page faults where nothing is encoded.)
    ///
    /// Parts of a few hundred kilobytes come and go at the heap's end all the time: with glibc's own thresholds, which
    /// follow the largest block that was freed, these pages go back and are faulted in anew for each part.
    package static func limit() {
        shim_limit_heaps(4, slack, 4 << 20)
    }

    private static let closings = Atomic(0)

    /// Encoders and decoders of pictures that were closed since the process began. Each leaves megabytes of free room between
    /// blocks that last, where glibc never gives it back by itself; and the next one, on another thread, rarely finds it.
    package static var closed: Int { closings.load(ordering: .relaxed) }

    static func codecWasClosed() {
        closings.wrappingAdd(1, ordering: .relaxed)
    }

    /// Gives free pages back to the system. Takes some milliseconds, in which whoever needs the heap may wait: for a thread
    /// that nobody waits for, and now and then.
    package static func giveBack() {
        shim_trim_heaps(slack)
    }
}

/// When it is worth while to give memory back. Pure: asked from time to time, it says so once for what was closed before it
/// was asked last. What went with a codec is gone by then, too.
package struct HeapTrim {
    private var seen = 0
    private var given = 0

    package init() {}

    package mutating func isDue(closed: Int) -> Bool {
        defer { seen = closed }
        guard seen != given else { return false }
        given = seen
        return true
    }
}
