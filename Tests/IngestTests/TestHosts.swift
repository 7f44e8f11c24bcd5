import Ingest
import Media
import NIOCore
import RTMP
import Synchronization

/// Lets one key in, and keeps what its feeds bring.
final class KeyedAuthority: FeedAuthority {
    let sink = RecordingSink()
    let requests = Mutex<[FeedRequest]>([])

    func check(key: String, peer: String) -> FeedCheck {
        ["right", "good"].contains(key)
            ? .welcome(passphrase: nil) : .refused(reason: "no show has this key")
    }

    func admit(_ request: FeedRequest, reply: @escaping @Sendable (FeedAdmission) -> Void) {
        requests.withLock { $0.append(request) }
        if request.application == "live", ["right", "good"].contains(request.key), let show = ShowID("show") {
            reply(.accepted(show: show, sink: sink))
        } else {
            reply(.refused(reason: "no show has this key"))
        }
    }
}

final class RecordingSink: FeedSink {
    private let events = AsyncStream.makeStream(of: FeedEvent.self)
    let ends = Mutex(0)

    func receive(_ event: FeedEvent) {
        if case .ended = event { ends.withLock { $0 += 1 } }
        events.continuation.yield(event)
    }

    /// The events up to and with the next end.
    func feed() async -> [FeedEvent] {
        var feed: [FeedEvent] = []
        for await event in events.stream {
            feed.append(event)
            if case .ended = event { break }
        }
        return feed
    }
}

/// Keeps a promise at the first bytes.
final class FirstRead: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<Void>

    init(_ promise: EventLoopPromise<Void>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { promise.succeed() }
    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
}

/// Publishes, sends half of a picture, and vanishes.
final class HalfSender: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let session: Mutex<RTMPClientSession>

    init(session: RTMPClientSession) {
        self.session = Mutex(session)
    }

    func channelActive(context: ChannelHandlerContext) {
        session.withLock { $0.start() }
        flush(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        let event = session.withLock { try? $0.next(&buffer) }
        flush(context)
        guard event == .publishing else { return }
        var picture = session.withLock { session in
            session.send(.video, body: ByteBuffer(repeating: 0x17, count: 5000), timestamp: 0)
            return session.takeOutput()
        }
        if let half = picture?.readSlice(length: 2500) {
            context.write(wrapOutboundOut(half), promise: nil)
        }
        context.flush()
        context.close(promise: nil)
    }

    private func flush(_ context: ChannelHandlerContext) {
        if let output = session.withLock({ $0.takeOutput() }) {
            context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        }
    }
}
