import Glibc

/// An IPv4 or IPv6 address as sixteen bytes; IPv4 in its mapped form, so that `::ffff:10.0.0.1` is `10.0.0.1`.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    private static let mappedPrefix: UInt64 = 0xFFFF

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil where the text is no address; zones (`%eth0`) and ports are none.
    package init?(_ text: some StringProtocol) {
        guard (2...45).contains(text.utf8.count) else { return nil }
        let text = String(text)
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(high: 0, low: NetworkAddress.mappedPrefix << 32 | NetworkAddress.number(bytes[0..<4]))
            return
        }
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        self.init(high: NetworkAddress.number(bytes[0..<8]), low: NetworkAddress.number(bytes[8..<16]))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    var isIPv4: Bool { high == 0 && low >> 32 == NetworkAddress.mappedPrefix }

    /// This machine's own: 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

    /// What limits are kept by: the address of IPv4, the /64 of IPv6, which is one customer's.
    package var limitKey: String {
        isIPv4 ? description : "\(NetworkAddress(high: high, low: 0))/64"
    }

    package var description: String {
        if isIPv4 {
            let value = UInt32(truncatingIfNeeded: low)
            return [24, 16, 8, 0].map { "\(value >> UInt32($0) & 0xFF)" }.joined(separator: ".")
        }
        let bytes = [high, low].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) }
        }
        // As long as the longest address and its end.
        var text = [CChar](repeating: 0, count: 46)
        guard inet_ntop(AF_INET6, bytes, &text, 46) != nil else { return "::" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A block of addresses, `10.0.0.0/8` or `2001:db8::/32`; an address alone is a block of one.
package struct NetworkBlock: Hashable, Sendable, CustomStringConvertible {
    private let base: NetworkAddress
    /// Bits, of the IPv6 form.
    private let length: Int

    /// Nil where the text is no block, or has bits set behind its length: that would be a slip.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = parts.first.flatMap({ NetworkAddress($0) }) else { return nil }
        self.base = base
        let widest = base.isIPv4 ? 32 : 128
        guard parts.count == 2 else {
            length = 128
            return
        }
        guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let bits = Int(parts[1]), bits <= widest
        else { return nil }
        length = bits + 128 - widest
        guard NetworkBlock.masked(base, length) == (base.high, base.low) else { return nil }
    }

    package func contains(_ address: NetworkAddress) -> Bool {
        NetworkBlock.masked(address, length) == NetworkBlock.masked(base, length)
    }

    package var description: String {
        "\(base)/\(base.isIPv4 ? length - 96 : length)"
    }

    private static func masked(_ address: NetworkAddress, _ length: Int) -> (UInt64, UInt64) {
        func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits)) }
        return (address.high & mask(length), address.low & mask(length - 64))
    }
}
