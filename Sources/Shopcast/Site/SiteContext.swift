import Delivery
import Hummingbird
import Logging
import NIOCore

/// What a route of the site knows of its request besides the request itself.
struct SiteContext: RequestContext, RemoteAddressRequestContext, ClientContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?
    /// Who asks, behind the proxies that are trusted.
    var origin = ClientOrigin(address: nil)

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// The request comes from this machine, through no proxy. A request without an address (a closed connection) does not.
    var isLoopback: Bool { origin.isLoopback }
}
