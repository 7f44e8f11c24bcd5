import Glibc

/// The wall clock, for `Date` fields only.
enum WallClock {
    /// Whole seconds since 1970.
    static var seconds: Int64 { Int64(time(nil)) }
}
