#if canImport(Glibc)
    import Glibc
#endif

/// The date, for PROGRAM-DATE-TIME and first numbers only: nothing is timed by it.
package enum WallClock {
    package static let unixMilliseconds: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension FileNames {
    /// The start in milliseconds and a random number, in base 36.
    static func freshTag(unixMilliseconds: Int64) -> String {
        String(unixMilliseconds, radix: 36) + String(UInt16.random(in: 0...UInt16.max), radix: 36)
    }
}
