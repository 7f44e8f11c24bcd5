import CMediaShims

/// How the C library's heap is kept by a process that runs for weeks with dozens of threads.
package enum MediaHeap {
    /// To be called once, at the start. Media is made on encoder threads and freed where viewers are answered; left alone,
    /// glibc gives nearly every thread an arena of its own, and each keeps the room of its busiest moment. (Mapping media
    /// blocks on their own gives room back too, and costs a fifth more CPU in page faults where nothing is encoded.)
    ///
    /// Parts of a few hundred kilobytes come and go at the heap's end all the time: with glibc's own thresholds, which
    /// follow the largest block that was freed, these pages go back and are faulted in anew for each part.
    package static func limit() {
        shim_limit_heaps(4, 8 << 20, 4 << 20)
    }
}
