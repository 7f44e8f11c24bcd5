import NIOCore
import NIOSSL
import NIOTLS

/// Waits for the TLS handshake, then makes the connection what was agreed on: HTTP/2 or HTTP/1.1.
final class Doorway: ChannelInboundHandler, RemovableChannelHandler, Guest {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    let patience: Patience
    private let desk: Desk
    private var context: ChannelHandlerContext?

    init(desk: Desk) {
        self.desk = desk
        self.patience = Patience(until: desk.now + TimeAmount(desk.house.limits.headDeadline))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        desk.guests.enter(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        desk.guests.leave(self)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted(let agreed)? = event as? TLSUserEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        do {
            let pipeline = context.pipeline.syncOperations
            if agreed == "h2" {
                try pipeline.addHandler(HTTP2Connection(desk: desk))
            } else {
                try pipeline.addHandler(HTTP1Connection(desk: desk, isSecure: true))
            }
            pipeline.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func expired() { context?.channel.closeNow() }
    func quiesce() { context?.channel.closeNow() }
    func abort() { context?.channel.closeNow() }
}

extension Channel {
    /// Closes without TLS's goodbye, which would wait for a reader that does not read. On the loop only.
    func closeNow() {
        if let tls = try? pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
            tls.close(promise: nil)
        } else {
            close(promise: nil)
        }
    }
}
