/// A `Range` field with one range of bytes (RFC 9110, 14.2).
package enum ByteRange: Hashable, Sendable {
    case from(UInt64, through: UInt64?)
    /// The last bytes, so many.
    case suffix(UInt64)

    /// Nil for what is to be ignored: other units, several ranges, and what is malformed.
    package static func read(_ bytes: Span<UInt8>, _ value: Range<Int>) -> ByteRange? {
        guard value.count > 6, value.count < 64,
            bytes.matchesIgnoringCase(value.lowerBound..<value.lowerBound + 6, "bytes=")
        else { return nil }
        let spec = bytes.trimmed(value.lowerBound + 6..<value.upperBound)
        var dash = spec.lowerBound
        while dash < spec.upperBound, bytes[dash] != UInt8(ascii: "-") { dash += 1 }
        guard dash < spec.upperBound else { return nil }
        let last = dash + 1..<spec.upperBound
        if dash == spec.lowerBound { return bytes.decimal(last).map { .suffix($0) } }
        guard let start = bytes.decimal(spec.lowerBound..<dash) else { return nil }
        if last.isEmpty { return .from(start, through: nil) }
        guard let end = bytes.decimal(last), end >= start else { return nil }
        return .from(start, through: end)
    }

    /// The bytes meant of `length`; nil where there are none (416).
    package func resolved(length: Int) -> Range<Int>? {
        switch self {
        case .from(let first, let last):
            guard first < UInt64(length) else { return nil }
            let end = last.map { min($0, UInt64(length) - 1) } ?? UInt64(length) - 1
            return Int(first)..<Int(end) + 1
        case .suffix(let count):
            guard count > 0, length > 0 else { return nil }
            return length - Int(min(count, UInt64(length)))..<length
        }
    }
}
