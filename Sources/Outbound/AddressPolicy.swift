/// Which addresses the server may connect to on behalf of what people typed in. Only public ones, so that nobody can
/// make this machine talk to itself, to its neighbours or to the platform that it runs on; the operator can allow more.
package struct AddressPolicy: Sendable, Hashable {
    /// What an address is that is not public, in words for the operator.
    package enum Kind: String, Sendable, CaseIterable {
        case loopback = "this machine"
        case local = "this network"
        case privateUse = "a private network"
        case carrier = "a carrier's inner network"
        case linkLocal = "the local link or the cloud platform's own service"
        case multicast = "a group of machines"
        case documentation = "an example of documentation"
        case tunnel = "a tunnel to another address"
        case reserved = "a reserved block"
    }

    /// One line of the allow-list.
    package enum Entry: Sendable, Hashable {
        /// This very host name, whatever it resolves to.
        case host(String)
        case range(AddressRange)

        /// Nil where the text is neither a host name, nor an address, nor a block such as `10.0.0.0/8`.
        package init?(_ text: String) {
            if let range = AddressRange(text) {
                self = .range(range)
            } else if case .name(let name)? = WebTarget.Host(text) {
                self = .host(name)
            } else {
                return nil
            }
        }
    }

    private let hosts: Set<String>
    private let ranges: [AddressRange]

    package init(allow: [Entry] = []) {
        var hosts: Set<String> = []
        var ranges: [AddressRange] = []
        for entry in allow {
            switch entry {
            case .host(let name): hosts.insert(name)
            case .range(let range): ranges.append(range)
            }
        }
        self.hosts = hosts
        self.ranges = ranges
    }

    /// Why `address` must not be connected to; nil where it may be. `host`: the name that led to it, nil where the
    /// address itself was written.
    package func refusal(of address: IPAddress, host: String?) -> Kind? {
        guard let kind = AddressPolicy.kind(of: address) else { return nil }
        if let host, hosts.contains(host) { return nil }
        let names = [address] + [address.inner].compactMap { $0 }
        return ranges.contains { range in names.contains { range.contains($0) } } ? nil : kind
    }

    /// What an address is by itself; nil: public. (The IANA special-purpose registries of both families, and what the
    /// large clouds put at fixed addresses.)
    package static func kind(of address: IPAddress) -> Kind? {
        if let inner = address.inner { return kind(of: inner) }
        if let known = special.first(where: { $0.0.contains(address) }) { return known.1 }
        switch address {
        case .v4: return nil
        // Outside of it nothing global has been given out.
        case .v6: return globalUnicast.contains(address) ? nil : .reserved
        }
    }

    private static let globalUnicast = AddressRange.v6(0x2000_0000_0000_0000, bits: 3)

    private static let special: [(AddressRange, Kind)] = [
        (.v4(0, 0, 0, 0, bits: 8), .local),
        (.v4(10, 0, 0, 0, bits: 8), .privateUse),
        (.v4(100, 64, 0, 0, bits: 10), .carrier),
        (.v4(127, 0, 0, 0, bits: 8), .loopback),
        (.v4(168, 63, 129, 16, bits: 32), .linkLocal),
        (.v4(169, 254, 0, 0, bits: 16), .linkLocal),
        (.v4(172, 16, 0, 0, bits: 12), .privateUse),
        (.v4(192, 0, 0, 0, bits: 24), .reserved),
        (.v4(192, 0, 2, 0, bits: 24), .documentation),
        (.v4(192, 88, 99, 0, bits: 24), .tunnel),
        (.v4(192, 168, 0, 0, bits: 16), .privateUse),
        (.v4(198, 18, 0, 0, bits: 15), .reserved),
        (.v4(198, 51, 100, 0, bits: 24), .documentation),
        (.v4(203, 0, 113, 0, bits: 24), .documentation),
        (.v4(224, 0, 0, 0, bits: 4), .multicast),
        (.v4(240, 0, 0, 0, bits: 4), .reserved),

        (AddressRange(.v6(high: 0, low: 0), bits: 128), .local),
        (AddressRange(.v6(high: 0, low: 1), bits: 128), .loopback),
        // IPv4-compatible: the form before mapped addresses.
        (.v6(0, bits: 96), .tunnel),
        (.v6(0x0064_FF9B_0001_0000, bits: 48), .privateUse),
        (.v6(0x0100_0000_0000_0000, bits: 64), .reserved),
        // Teredo (2001::/32), benchmarks, identities that are no places.
        (.v6(0x2001_0000_0000_0000, bits: 32), .tunnel),
        (.v6(0x2001_0000_0000_0000, bits: 23), .reserved),
        (.v6(0x2001_0DB8_0000_0000, bits: 32), .documentation),
        // 6to4.
        (.v6(0x2002_0000_0000_0000, bits: 16), .tunnel),
        (.v6(0x3FFF_0000_0000_0000, bits: 20), .documentation),
        (.v6(0xFC00_0000_0000_0000, bits: 7), .privateUse),
        (.v6(0xFE80_0000_0000_0000, bits: 10), .linkLocal),
        (.v6(0xFEC0_0000_0000_0000, bits: 10), .privateUse),
        (.v6(0xFF00_0000_0000_0000, bits: 8), .multicast),
    ]
}
