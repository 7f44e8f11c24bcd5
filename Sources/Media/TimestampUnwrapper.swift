/// Counts on where a protocol's counter starts again: RTMP's 32-bit milliseconds every 49.7 days, a transport stream's
/// 33 bits of 90 kHz every 26.5 hours, or at once for a host that starts high.
///
/// One serves both audio and video of a connection, so that they stay on one timeline across the step.
package struct TimestampUnwrapper: Sendable {
    /// No connection lasts that long; a host that counts on by half a period with each unit would get out of every unit
    /// of time that its counts are converted to.
    private static let most = Int64(1) << 46

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
        var time = last + step
        if time.magnitude > TimestampUnwrapper.most { time = wrapped }
        self.last = time
        return time
    }
}
