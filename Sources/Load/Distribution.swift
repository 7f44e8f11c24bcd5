/// How values are spread, to the nearest `step`; values beyond 100,000 steps count as that.
package struct Distribution: Hashable, Sendable {
    private static let highest = 100_000

    package let step: Double
    private var bins: [UInt32] = []
    package private(set) var count = 0

    package init(step: Double) { self.step = step }

    package mutating func note(_ value: Double) {
        let bin = Int((min(max(value / step, 0), Double(Distribution.highest))).rounded())
        if bin >= bins.count { bins += [UInt32](repeating: 0, count: bin + 1 - bins.count) }
        bins[bin] &+= 1
        count += 1
    }

    package mutating func add(_ other: Distribution) {
        if other.bins.count > bins.count {
            bins += [UInt32](repeating: 0, count: other.bins.count - bins.count)
        }
        for (bin, number) in other.bins.enumerated() { bins[bin] &+= number }
        count += other.count
    }

    /// Without what binary fractions add.
    private func value(of bin: Int) -> Double {
        (Double(bin) * step * 1e6).rounded() / 1e6
    }

    /// The least value that `share` (0 to 1) of all values do not exceed; nil where there are none.
    package func percentile(_ share: Double) -> Double? {
        guard count > 0 else { return nil }
        let wanted = max(1, Int((share * Double(count)).rounded(.up)))
        var seen = 0
        for (bin, number) in bins.enumerated() {
            seen += Int(number)
            if seen >= wanted { return value(of: bin) }
        }
        return value(of: bins.count - 1)
    }
}
