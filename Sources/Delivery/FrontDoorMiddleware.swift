package import Hummingbird
package import NIOCore

/// A context that knows who asks.
package protocol ClientContext: RequestContext {
    /// The other end of the connection.
    var remoteAddress: SocketAddress? { get }
    /// Set before any route sees the request.
    var origin: ClientOrigin { get set }
}

/// Finds out who asks, before any route sees the request.
package struct FrontDoorMiddleware<Context: ClientContext>: RouterMiddleware {
    private let door: FrontDoor

    package init(_ door: FrontDoor) {
        self.door = door
    }

    package func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let peer = context.remoteAddress?.ipAddress.flatMap { NetworkAddress($0) }
        context.origin = door.origin(of: request.headers, peer: peer)
        context.origin.hearsCountry = door.hearsCountry(from: peer)
        return try await next(request, context)
    }
}
