/// Counts on where RTMP's 32-bit milliseconds start again (every 49.7 days, or at once for a host that
/// starts high).
///
/// One serves both audio and video of a connection, so that they stay on one timeline across the step.
package struct TimestampUnwrapper: Sendable {
    private var last: Int64?

    package init() {}

    /// The time nearest to the last one that has these low 32 bits; small steps back stay steps back.
    package mutating func unwrap(_ timestamp: UInt32) -> Int64 {
        guard let last else {
            let first = Int64(timestamp)
            self.last = first
            return first
        }
        let step = Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: last))
        let time = last + Int64(step)
        self.last = time
        return time
    }
}
