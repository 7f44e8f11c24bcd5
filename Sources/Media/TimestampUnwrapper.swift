/// Counts on where a protocol's counter starts again: RTMP's 32-bit milliseconds every 49.7 days, a transport stream's
/// 33 bits of 90 kHz every 26.5 hours, or at once for a host that starts high.
///
/// One serves both audio and video of a connection, so that they stay on one timeline across the step.
package struct TimestampUnwrapper: Sendable {
    private let bits: Int64
    private var last: Int64?

    /// `bits` is the counter's width.
    package init(bits: Int) {
        self.bits = Int64(bits)
    }

    /// The count nearest to the last one that has the same low bits; small steps back stay steps back.
    package mutating func unwrap(_ timestamp: Int64) -> Int64 {
        let period = Int64(1) << bits
        let wrapped = timestamp & (period - 1)
        guard let last else {
            self.last = wrapped
            return wrapped
        }
        var step = (wrapped - last) & (period - 1)
        if step >= period / 2 { step -= period }
        let time = last + step
        self.last = time
        return time
    }
}
