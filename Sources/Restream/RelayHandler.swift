// One connection's end of the pipeline, on its event loop. In: what waits in the line's queue. Out: RTMP, as fast as the
// socket takes it. Nobody blocks: what the socket does not take waits in the queue, which is bounded.

import Media
import NIOCore
import RTMP

final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = Never
    typealias OutboundOut = RTMPOutgoing

    private let line: RelayLine
    private let number: Int
    private var cursor = RelayCursor()
    private var context: ChannelHandlerContext?
    private var isOpen = false

    init(line: RelayLine, number: Int) {
        self.line = line
        self.number = number
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
        context.fireChannelWritabilityChanged()
    }

    /// The server takes media from now on.
    func open() {
        isOpen = true
        pump()
    }

    func pump() {
        guard isOpen, let context else { return }
        var wrote = false
        while context.channel.isWritable, let item = line.take(number) {
            for message in cursor.messages(for: item) {
                let promise = context.eventLoop.makePromise(of: Void.self)
                let bytes = message.bytes
                line.began(number)
                promise.futureResult.whenSuccess { [line, number] in line.wrote(bytes, number) }
                context.write(wrapOutboundOut(message), promise: promise)
                wrote = true
            }
        }
        if wrote { context.flush() }
    }
}

extension RTMPOutgoing {
    fileprivate var bytes: Int {
        switch self {
        case .video(let body, _), .audio(let body, _): body.readableBytes
        case .metadata, .finish: 0
        }
    }
}

/// Counts what a server sends: to a publisher it has little to say, and reading it costs time that belongs to shows.
final class FloodGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Bytes of the beginning, and of each second after it.
    private static let free = 1 << 20
    private static let pace = 64 << 10

    private let tell: () -> Void
    private var received = 0
    private let begun = NIODeadline.now()

    /// `tell` is called for what comes beyond that, which is not handed on.
    init(tell: @escaping () -> Void) { self.tell = tell }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytes
        let seconds = Int((NIODeadline.now() - begun).nanoseconds / 1_000_000_000)
        guard received <= Self.free + Self.pace * seconds else {
            return tell()
        }
        context.fireChannelRead(data)
    }
}
