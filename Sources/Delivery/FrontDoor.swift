package import HTTPTypes
import Synchronization

/// Who a request comes from, when proxies that are trusted have been asked.
package struct ClientOrigin: Hashable, Sendable {
    /// The viewer's, as far as it can be known: where a proxy does not say it, the proxy's own. Nil of a closed connection.
    package var address: NetworkAddress?
    /// Somebody stands between: it never counts as this machine, whatever the addresses are.
    package var isProxied: Bool
    /// What the viewer asked by, as a trusted proxy says; nil where none does.
    package var scheme: String?
    package var host: String?
    /// A field that tells where the viewer is may be read.
    package var hearsCountry = false

    package init(
        address: NetworkAddress?, isProxied: Bool = false, scheme: String? = nil, host: String? = nil
    ) {
        self.address = address
        self.isProxied = isProxied
        self.scheme = scheme
        self.host = host
    }

    /// The request comes from this machine itself.
    package var isLoopback: Bool { !isProxied && (address?.isLoopback ?? false) }

    /// What limits are kept by; all whose address is not known share one.
    package var limitKey: String { address?.limitKey ?? "unknown" }
}

/// Whom to believe about where requests come from, and how the server is called from outside.
package final class FrontDoor: Sendable {
    /// The fields that the proxies in front write. The others are what anybody may have sent, and are not read.
    package enum Field: String, CaseIterable, Sendable {
        case xForwarded = "x-forwarded"
        case forwarded
    }

    package struct Rules: Hashable, Sendable {
        /// Addresses of proxies; empty: none is believed.
        package var trusted: [NetworkBlock]
        package var field: Field
        /// `https://shop.example`, without a slash at its end; nil: what the request says.
        package var publicURL: String?

        package init(
            trusted: [NetworkBlock] = [], field: Field = .xForwarded, publicURL: String? = nil
        ) {
            self.trusted = trusted
            self.field = field
            self.publicURL = publicURL
        }

        func trusts(_ address: NetworkAddress) -> Bool { trusted.contains { $0.contains(address) } }
    }

    private let current: Mutex<Rules>

    package init(_ rules: Rules = Rules()) {
        current = Mutex(rules)
    }

    package var rules: Rules { current.withLock { $0 } }

    /// From the next request (a kept connection's media: from its next connection) on.
    package func change(to rules: Rules) { current.withLock { $0 = rules } }

    /// Whether fields of a connection from this address are believed.
    package func trusts(_ address: NetworkAddress?) -> Bool {
        guard let address else { return false }
        return current.withLock { $0.trusts(address) }
    }

    /// Whether a field that tells where a viewer is may be read on a connection from this address: as the settings have
    /// always said where no proxies are named, and from those only where some are.
    package func hearsCountry(from address: NetworkAddress?) -> Bool {
        current.withLock { rules in rules.trusted.isEmpty || address.map(rules.trusts) ?? false }
    }

    /// Who asks, over a connection from `peer`.
    package func origin(of fields: HTTPFields, peer: NetworkAddress?) -> ClientOrigin {
        origin(peer: peer) { name in
            guard let name = HTTPField.Name(name) else { return nil }
            let values = fields[values: name]
            return values.isEmpty ? nil : values.joined(separator: ",")
        }
    }

    /// The same, where `field` gives all values of a field (in lower case), joined by commas.
    func origin(peer: NetworkAddress?, field: (String) -> String?) -> ClientOrigin {
        let rules = rules
        guard let peer else { return ClientOrigin(address: nil) }
        guard rules.trusts(peer) else {
            // Not believed, but not passed over either: a proxy on this machine that nobody has named must not open to
            // everybody what is for this machine.
            let isProxied = FrontDoor.marks.contains { field($0) != nil }
            return ClientOrigin(address: peer, isProxied: isProxied)
        }
        let chain =
            switch rules.field {
            case .forwarded: ForwardedFor(forwarded: field("forwarded") ?? "")
            case .xForwarded:
                ForwardedFor(
                    addresses: field("x-forwarded-for") ?? "", scheme: field("x-forwarded-proto"),
                    host: field("x-forwarded-host"))
            }
        return FrontDoor.origin(of: chain, peer: peer, rules)
    }

    /// From the nearest proxy outwards, as long as each is one that is trusted: who stands before the last of them asks.
    static func origin(of chain: ForwardedFor, peer: NetworkAddress, _ rules: Rules) -> ClientOrigin {
        var origin = ClientOrigin(address: peer, isProxied: true)
        for hop in chain.hops.reversed() {
            origin.scheme = hop.scheme ?? origin.scheme
            origin.host = hop.host ?? origin.host
            guard let address = hop.address else { break }
            origin.address = address
            guard rules.trusts(address) else { break }
        }
        return origin
    }

    /// Fields that only proxies write.
    private static let marks = ["x-forwarded-for", "forwarded", "via", "x-real-ip"]

    /// How people call this server, without a slash at its end: as the settings say, or as this request came.
    /// `authority` is the request's own Host; `isSecure`, whether its connection is.
    package func base(for origin: ClientOrigin, authority: String?, isSecure: Bool) -> String {
        if let fixed = rules.publicURL { return fixed }
        let scheme = origin.scheme ?? (isSecure ? "https" : "http")
        let host = origin.host ?? authority.flatMap(ForwardedFor.host) ?? "localhost"
        return "\(scheme)://\(host)"
    }
}
