/// How requests leave.
package struct OutboundSettings: Sendable, Hashable {
    package var policy = AddressPolicy()
    /// A PEM file of certificates that are trusted beside the system's.
    package var trust: String?
    /// Sent as User-Agent.
    package var agent = "Shopcast"
    /// Requests under way at once; more are refused.
    package var requests = 256
    /// How long one address is tried before the next.
    package var connectTime = Duration.seconds(4)
    /// How long a name's addresses are remembered.
    package var nameMemory = Duration.seconds(20)

    package init() {}
}
