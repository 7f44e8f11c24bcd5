package import RTMP

/// Where a show's source is sent on to, as the operator set it.
package struct RelayTarget: Sendable, Hashable {
    /// What people call it; once in each show. It is in logs, metrics and on the host's page.
    package var name: String
    /// Holds the stream key, a secret: nothing of it but the host is ever told.
    package var address: RTMPAddress
    /// A PEM file with the certificates to trust instead of the system's; nil for the system's.
    package var certificate: String?

    package init(name: String, address: RTMPAddress, certificate: String? = nil) {
        self.name = name
        self.address = address
        self.certificate = certificate
    }
}
