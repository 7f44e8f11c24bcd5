package import NIOCore

/// What a publisher sends once it may publish.
package enum RTMPOutgoing: Sendable {
    /// An FLV tag's body; time in milliseconds modulo 2^32.
    case video(ByteBuffer, timestamp: UInt32)
    case audio(ByteBuffer, timestamp: UInt32)
    case metadata([AMF0Property])
    /// The stream is over; the connection closes when this has been sent.
    case finish
}

/// The client's session on a channel that is connected already. Messages to send come in as `RTMPOutgoing`;
/// the write's promise is kept when the socket has taken the bytes, which is the back-pressure. `ready` and
/// `over` are each kept exactly once.
package final class RTMPClientHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = RTMPOutgoing
    package typealias OutboundOut = ByteBuffer

    private var session: RTMPClientSession
    private let ready: EventLoopPromise<Void>
    private let over: EventLoopPromise<RTMPFault?>
    private var isReady = false
    private var fault: RTMPFault?

    /// `ready` is kept when the server takes media; `over` when the connection has ended, with the reason
    /// if it has one.
    package init(
        session: RTMPClientSession, ready: EventLoopPromise<Void>, over: EventLoopPromise<RTMPFault?>
    ) {
        self.session = session
        self.ready = ready
        self.over = over
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive {
            begin(context)
        } else {
            gone()
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        gone()
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isReady { ready.fail(error) }
        isReady = true
        context.close(promise: nil)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        do {
            while let event = try session.next(&buffer) {
                if event == .publishing, !isReady {
                    isReady = true
                    ready.succeed()
                }
            }
            flush(context, promise: nil)
        } catch {
            fault = error
            if !isReady { ready.fail(error) }
            isReady = true
            context.close(promise: nil)
        }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard session.isPublishing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .video(let body, let timestamp): session.send(.video, body: body, timestamp: timestamp)
        case .audio(let body, let timestamp): session.send(.audio, body: body, timestamp: timestamp)
        case .metadata(let properties): session.send(metadata: properties)
        case .finish:
            session.finish()
            flush(context, promise: promise)
            // The server answers, sees the end and hangs up; closing our reading half now could lose what
            // we sent.
            context.close(mode: .output, promise: nil)
            return
        }
        guard let output = session.takeOutput() else {
            promise?.succeed()
            return
        }
        context.write(wrapOutboundOut(output), promise: promise)
    }

    private func gone() {
        if !isReady {
            ready.fail(fault ?? RTMPFault.outOfOrder("the server closed the connection without an answer"))
        }
        isReady = true
        over.succeed(fault)
    }

    private func begin(_ context: ChannelHandlerContext) {
        session.start()
        flush(context, promise: nil)
    }

    private func flush(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        guard let output = session.takeOutput() else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: promise)
    }
}
