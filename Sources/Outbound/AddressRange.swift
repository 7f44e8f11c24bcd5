/// A block of addresses that share their first bits: `10.0.0.0/8`, `fd00::/8`, or one address.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    package let base: IPAddress
    package let bits: Int

    /// Nil where the text is no address, or the number after the slash is more than the address has bits. Bits of the
    /// address behind the block's own are dropped: `10.1.2.3/8` is `10.0.0.0/8`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let address = IPAddress(first) else { return nil }
        let width = AddressRange.width(of: address)
        var bits = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1]),
                number <= width
            else { return nil }
            bits = number
        }
        self.init(address, bits: bits)
    }

    /// The block of `bits` bits around `address`.
    package init(_ address: IPAddress, bits: Int) {
        self.bits = min(max(bits, 0), AddressRange.width(of: address))
        base = AddressRange.masked(address, bits: self.bits)
    }

    /// The block that starts at these four numbers.
    package static func v4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, bits: Int) -> AddressRange {
        AddressRange(.v4(UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)), bits: bits)
    }

    /// The block that starts at these upper 64 bits.
    package static func v6(_ high: UInt64, bits: Int) -> AddressRange {
        AddressRange(.v6(high: high, low: 0), bits: bits)
    }

    package func contains(_ address: IPAddress) -> Bool {
        AddressRange.width(of: address) == AddressRange.width(of: base)
            && AddressRange.masked(address, bits: bits) == base
    }

    package var description: String {
        bits == AddressRange.width(of: base) ? "\(base)" : "\(base)/\(bits)"
    }

    private static func width(of address: IPAddress) -> Int {
        switch address {
        case .v4: 32
        case .v6: 128
        }
    }

    private static func masked(_ address: IPAddress, bits: Int) -> IPAddress {
        // A shift by the whole width gives zero.
        switch address {
        case .v4(let value): .v4(value & UInt32.max << UInt32(32 - bits))
        case .v6(let high, let low):
            .v6(
                high: high & UInt64.max << UInt64(64 - min(bits, 64)),
                low: low & UInt64.max << UInt64(128 - max(bits, 64)))
        }
    }
}
