/// Whether bytes that come in pieces are UTF-8, told at the first that cannot be (RFC 3629: no surrogates, nothing beyond
/// U+10FFFF, no longer form than needed).
package struct TextCheck: Sendable {
    /// Bytes that the character begun still needs.
    private var missing = 0
    /// Between which the next of them lies.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    package init() {}

    /// No character is begun and not ended.
    package var isComplete: Bool { missing == 0 }

    /// False where these bytes cannot come next; what is told after that means nothing.
    package mutating func takes(_ bytes: Span<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if missing > 0 {
                guard byte >= low, byte <= high else { return false }
                missing -= 1
                (low, high) = (0x80, 0xBF)
            } else if byte >= 0x80 {
                guard begins(byte) else { return false }
            }
        }
        return true
    }

    private mutating func begins(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF:
            missing = 2
            if byte == 0xE0 { low = 0xA0 }
            if byte == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            missing = 3
            if byte == 0xF0 { low = 0x90 }
            if byte == 0xF4 { high = 0x8F }
        default: return false
        }
        return true
    }
}
