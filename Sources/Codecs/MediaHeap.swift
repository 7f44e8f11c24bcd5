import CMediaShims

/// How the C library's heap is kept by a process that runs for weeks with dozens of threads.
package enum MediaHeap {
    /// To be called once, at the start. Media is made on encoder threads and freed where viewers are answered; left alone,
    /// glibc gives nearly every thread an arena of its own, and each keeps the room of its busiest moment. (Mapping media
    /// blocks on their own gives room back too, and costs a fifth more CPU in page faults where nothing is encoded.)
    package static func limit() {
        shim_limit_heaps(4)
    }
}
