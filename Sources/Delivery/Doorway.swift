import NIOCore
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP2
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
                try addHTTP2(pipeline, context.channel)
            } else {
                try pipeline.addHandler(HTTP1Connection(desk: desk, isSecure: true))
            }
            pipeline.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    private func addHTTP2(
        _ pipeline: ChannelPipeline.SynchronousOperations, _ channel: any Channel
    ) throws {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: desk.house.limits.streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: HPACKHeaderLimit.bytes),
        ]
        // A player asks several times a second; pings and settings stay far below this.
        configuration.controlFrameRateLimit.maximumCount = 1000
        var streams = NIOHTTP2Handler.StreamConfiguration()
        // Seeking and switching resets streams: a busy page may, a flood may not.
        streams.streamResetFrameRateLimit.maximumCount = 1000
        try pipeline.addHandler(
            NIOHTTP2Handler(
                mode: .server, connectionConfiguration: configuration, streamConfiguration: streams))
        try pipeline.addHandler(HTTP2Connection(desk: desk))
        let rest = desk.house.rest
        try pipeline.addHandler(
            HTTP2StreamMultiplexer(
                mode: .server, channel: channel, outboundBufferSizeHighWatermark: 64 * 1024,
                outboundBufferSizeLowWatermark: 32 * 1024
            ) { stream in
                // The stream's frames are delivered once its end is in place.
                let ready = stream.eventLoop.makePromise(of: Void.self)
                let conversation = RestConversation(channel: stream) {
                    let pipeline = stream.pipeline.syncOperations
                    try pipeline.addHandler(HTTP2FramePayloadToHTTPServerCodec())
                    let parts = try RestConversation.Parts(wrappingChannelSynchronously: stream)
                    ready.succeed(())
                    return parts
                }
                if !rest.offer(conversation) { ready.fail(ChannelError.ioOnClosedChannel) }
                return ready.futureResult
            })
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func expired() { context?.channel.closeNow() }
    func quiesce() { context?.channel.closeNow() }
    func abort() { context?.channel.closeNow() }
}

private enum HPACKHeaderLimit {
    static let bytes = 32 * 1024
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
