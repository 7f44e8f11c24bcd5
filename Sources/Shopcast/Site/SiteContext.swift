import Hummingbird
import Logging
import NIOCore

/// What a route of the site knows of its request besides the request itself.
struct SiteContext: RequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// The request comes from this machine. A request without an address (a closed connection) does not.
    var isLoopback: Bool {
        switch remoteAddress {
        case .v4(let address): return UInt32(bigEndian: address.address.sin_addr.s_addr) >> 24 == 127
        case .v6:
            let text = remoteAddress?.ipAddress
            return text == "::1" || text?.hasPrefix("::ffff:127.") == true
        default: return false
        }
    }
}
