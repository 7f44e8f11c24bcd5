/// How often values of each size came: of fixed size, so that a long show takes no more than a short one.
///
/// From 16 ms to 131 s there are sixteen steps to each doubling, so a quantile is right to about three percent; what is
/// smaller or larger counts at the ends.
package struct LogHistogram: Hashable, Sendable {
    private static let firstExponent = 4
    private static let lastExponent = 16
    private static let steps = 16
    package static let size = (lastExponent - firstExponent + 1) * steps + 2

    /// Empty until there is something to count.
    private var counts: [UInt32] = []
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    /// Notes a value in milliseconds.
    package mutating func record(_ value: Int) {
        if counts.isEmpty { counts = [UInt32](repeating: 0, count: LogHistogram.size) }
        let index = LogHistogram.index(of: value)
        guard counts[index] < .max else { return }
        counts[index] += 1
        count += 1
    }

    package mutating func add(_ other: LogHistogram) {
        guard !other.isEmpty else { return }
        if counts.isEmpty {
            self = other
            return
        }
        count = 0
        for index in counts.indices {
            let (sum, isOver) = counts[index].addingReportingOverflow(other.counts[index])
            counts[index] = isOver ? .max : sum
            count += Int(counts[index])
        }
    }

    /// The value (milliseconds) that the share `q` of all does not exceed; nil where there is none.
    package func quantile(_ q: Double) -> Double? {
        guard count > 0 else { return nil }
        let wanted = max(1, (min(max(q, 0), 1) * Double(count)).rounded(.up))
        var below = 0.0
        for (index, count) in counts.enumerated() where count > 0 {
            let next = below + Double(count)
            if next >= wanted {
                let bounds = LogHistogram.bounds(of: index)
                return bounds.lowerBound
                    + (bounds.upperBound - bounds.lowerBound) * ((wanted - below - 0.5) / Double(count))
            }
            below = next
        }
        return nil
    }

    package static func index(of value: Int) -> Int {
        guard value >= 1 << firstExponent else { return 0 }
        guard value < 1 << (lastExponent + 1) else { return size - 1 }
        let exponent = Int.bitWidth - 1 - value.leadingZeroBitCount
        return 1 + (exponent - firstExponent) * steps + (((value - (1 << exponent)) * steps) >> exponent)
    }

    package static func bounds(of index: Int) -> ClosedRange<Double> {
        if index <= 0 { return 0...Double(1 << firstExponent) }
        if index >= size - 1 { return Double(1 << (lastExponent + 1))...Double(1 << (lastExponent + 1)) }
        let (octave, step) = (index - 1).quotientAndRemainder(dividingBy: steps)
        let base = Double(1 << (octave + firstExponent))
        return base + base * Double(step) / Double(steps)...base + base * Double(step + 1) / Double(steps)
    }
}

extension LogHistogram {
    /// What a store keeps: steps passed over and counts, as variable-length numbers. Empty for an empty one.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        var last = -1
        for (index, count) in counts.enumerated() where count > 0 {
            bytes.appendVariable(UInt64(index - last - 1))
            bytes.appendVariable(UInt64(count))
            last = index
        }
        return bytes
    }

    /// Nil where the bytes are not what `encoded` gives.
    package init?(encoded bytes: some Sequence<UInt8>) {
        var numbers: [UInt64] = []
        var (value, shift) = (UInt64(0), UInt64(0))
        for byte in bytes {
            guard shift < 35 else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            shift += 7
            guard byte & 0x80 == 0 else { continue }
            numbers.append(value)
            (value, shift) = (0, 0)
        }
        guard shift == 0, numbers.count.isMultiple(of: 2) else { return nil }
        guard !numbers.isEmpty else { return }
        counts = [UInt32](repeating: 0, count: LogHistogram.size)
        var index = -1
        for place in stride(from: 0, to: numbers.count, by: 2) {
            index += Int(numbers[place]) + 1
            guard index < LogHistogram.size, let number = UInt32(exactly: numbers[place + 1]) else {
                return nil
            }
            counts[index] = number
            count += Int(number)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendVariable(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        append(UInt8(value))
    }
}
