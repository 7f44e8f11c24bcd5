/// A box's four-character type (ISO/IEC 14496-12, 4.2), as the big-endian number that it is on the wire.
package struct BoxType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

extension BoxType: ExpressibleByStringLiteral {
    /// Four ASCII characters; what is missing counts as space, what is too much is left out.
    package init(stringLiteral text: String) {
        var value: UInt32 = 0
        var count = 0
        for byte in text.utf8 where count < 4 {
            value = value << 8 | UInt32(byte)
            count += 1
        }
        while count < 4 {
            value = value << 8 | 0x20
            count += 1
        }
        self.init(rawValue: value)
    }
}

extension BoxType: CustomStringConvertible {
    package var description: String {
        let bytes = [rawValue >> 24, rawValue >> 16, rawValue >> 8, rawValue].map { UInt8($0 & 0xFF) }
        return String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }
}
