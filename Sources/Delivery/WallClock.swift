import Glibc

/// The wall clock, for `Date` fields only.
enum WallClock {
    /// Whole seconds since 1970.
    static var seconds: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec)
    }
}
