import CMediaShims

/// How the C library's heap is kept by a process that runs for weeks with a dozen threads.
package enum MediaHeap {
    /// To be called once, at the start. Media is made on encoder threads and freed where viewers are answered. Left alone,
    /// glibc gives nearly every thread an arena of its own and raises its bound for mapped blocks to the largest that was
    /// ever freed: segments of megabytes then lie between small long-lived things, and their room is not given back.
    package static func settle() {
        shim_settle_heap(4, 256 * 1024)
    }
}
