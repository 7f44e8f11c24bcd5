/// How fast the network has been: two moving averages, of which the more careful counts.
package struct Throughput: Hashable, Sendable {
    private struct Average: Hashable {
        let halfLife: Double
        var sum = 0.0
        var weight = 0.0

        mutating func note(_ value: Double, seconds: Double) {
            let keep = 1 / exp2(seconds / halfLife)
            sum = sum * keep + value * (1 - keep)
            weight = weight * keep + 1 - keep
        }

        var value: Double? { weight > 0 ? sum / weight : nil }

        /// 2 to the power of `x`, without a C library, by halving.
        private func exp2(_ x: Double) -> Double {
            if x > 60 { return 1e18 }
            if x > 0.01 {
                let half = exp2(x / 2)
                return half * half
            }
            let y = x * 0.6931471805599453
            return 1 + y + y * y / 2
        }
    }

    private var fast = Average(halfLife: 3)
    private var slow = Average(halfLife: 9)

    package init() {}

    /// Bits a second; nil as long as nothing is known.
    package var bitsPerSecond: Double? {
        guard let fast = fast.value, let slow = slow.value else { return nil }
        return min(fast, slow)
    }

    /// Notes a download. Shorter ones than 50 ms count as that: they say little, and too much of a fast network.
    package mutating func note(bytes: Int, seconds: Double) {
        let seconds = max(0.05, seconds)
        guard bytes > 0 else { return }
        fast.note(Double(bytes) * 8 / seconds, seconds: seconds)
        slow.note(Double(bytes) * 8 / seconds, seconds: seconds)
    }
}
