import NIOCore

/// Reading text out of a request's bytes, which may be anything: every index is checked by `Span`.
extension Span where Element == UInt8 {
    /// The index of the first `byte`, or the count.
    func prefix(before byte: UInt8) -> Int {
        var at = 0
        while at < count, self[at] != byte { at += 1 }
        return at
    }

    func starts(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && matches(0..<text.utf8CodeUnitCount, text)
    }

    /// Whether the bytes of `range` are exactly `text`.
    func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { expected in
            var offset = 0
            while offset < expected.count {
                if self[range.lowerBound + offset] != expected[offset] { return false }
                offset += 1
            }
            return true
        }
    }

    /// Whether the bytes of `range` are `text` in any case; `text` is in lower case.
    func matchesIgnoringCase(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { expected in
            var offset = 0
            while offset < expected.count {
                if self[range.lowerBound + offset].lowercased != expected[offset] { return false }
                offset += 1
            }
            return true
        }
    }

    /// The text of `range`; bytes that are not UTF-8 become U+FFFD.
    func text(_ range: Range<Int>) -> String {
        extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// A whole number without sign; nil where it is empty, not decimal or above 64 bits.
    func decimal(_ range: Range<Int>) -> UInt64? {
        guard !range.isEmpty else { return nil }
        var value: UInt64 = 0
        for at in range {
            let digit = self[at] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !over, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// `range` without spaces and tabs at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high, self[low] == 0x20 || self[low] == 0x09 { low += 1 }
        while high > low, self[high - 1] == 0x20 || self[high - 1] == 0x09 { high -= 1 }
        return low..<high
    }

    /// Calls `body` with each element of a comma-separated list, trimmed, until it returns false.
    func eachListItem(_ range: Range<Int>, _ body: (Range<Int>) -> Bool) {
        var at = range.lowerBound
        while at < range.upperBound {
            var end = at
            while end < range.upperBound, self[end] != UInt8(ascii: ",") { end += 1 }
            if !body(trimmed(at..<end)) { return }
            at = end + 1
        }
    }
}

extension UInt8 {
    var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }

    /// Whether the byte may stand in a method or field name (RFC 9110, 5.6.2).
    var isTokenCharacter: Bool {
        // One bit for each of the 128 ASCII characters.
        let low: UInt64 = 0x03ff_6cfa_0000_0000
        let high: UInt64 = 0x57ff_ffff_c7ff_fffe
        return self < 64 ? low >> UInt64(self) & 1 == 1 : self < 128 && high >> UInt64(self - 64) & 1 == 1
    }
}
