package import Delivery
package import Hummingbird
import Logging
package import NIOCore

/// What a route knows of its request besides the request itself.
package struct SiteContext: RequestContext, RemoteAddressRequestContext, ClientContext {
    package var coreContext: CoreRequestContextStorage
    package let remoteAddress: SocketAddress?
    /// Who asks, behind the proxies that are trusted.
    package var origin = ClientOrigin(address: nil)

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// The request comes from this machine, through no proxy. A request without an address (a closed connection) does not.
    package var isLoopback: Bool { origin.isLoopback }
}
