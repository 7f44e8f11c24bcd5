// In: the bytes of one HTTP/1.1 connection (after TLS). Out: media answers, written here as bytes; every other
// request's bytes go on, one request at a time, to the codec and Hummingbird behind, whose answers pass through.
// One request is answered before the next is read, so pipelined answers keep their order.
// Bound: bytes read ahead (`readAhead`), then the socket is not read; a reader that stalls is closed by `patience`.

import NIOCore
import NIOHTTP1
import Synchronization

final class HTTP1Connection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between requests, or in the middle of a head.
        case head
        case held(Waiter)
        /// Writing content; `cursor` says where.
        case content
        /// Hummingbird is being asked in; then the head goes to it.
        case openingRest(RequestHead)
        /// Hummingbird has the request; so many of its bytes are still to come.
        case rest(left: Int)
        /// Everything goes to Hummingbird until the connection ends.
        case tunnel
        case closing
    }

    let patience: Patience
    let desk: Desk
    let isSecure: Bool
    var context: ChannelHandlerContext?
    var phase = Phase.head
    var pending = ByteBuffer()
    var cursor = BodyCursor(.none)
    /// An answer whose first bytes are being read from the disk.
    var unsaid: (shared: SharedAnswer, kind: RequestKind)?
    var isFetching = false
    var keepsAlive = true
    var restEnd: RestEnd?
    var viewerKey: UInt64?
    /// The other end is a proxy that is trusted: each request may be another viewer's.
    lazy var isTrusted = desk.house.door.trusts(peer)
    lazy var hearsCountry = desk.house.door.hearsCountry(from: peer)
    var isAdvancing = false
    var isPumping = false
    var isReading = false
    var needsFlush = false
    /// Bytes written since the last flush.
    var unflushed = 0
    /// Bytes that the socket had not taken when the reader was last given time.
    var leftWaiting = 0
    var passedOn = false
    var readHeld = false
    var hasPartialHead = false
    var inputEnded = false
    /// In `closing`: everything has gone out.
    var isWrittenOut = false

    /// Bytes kept of what a client sends before its turn; beyond it the socket is not read.
    private static let readAhead = 64 * 1024

    init(desk: Desk, isSecure: Bool) {
        self.desk = desk
        self.isSecure = isSecure
        self.patience = Patience(until: desk.now + TimeAmount(desk.house.limits.idle))
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { desk.guests.enter(self) }
    }

    func channelActive(context: ChannelHandlerContext) {
        desk.guests.enter(self)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        gone()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        gone()
        self.context = nil
    }

    func gone() {
        if case .held(let waiter) = phase { desk.leave(waiter) }
        phase = .closing
        cursor = BodyCursor(.none)
        unsaid = nil
        pending = ByteBuffer()
        desk.guests.leave(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        isReading = true
        switch phase {
        case .closing: return
        case .tunnel:
            passedOn = true
            context.fireChannelRead(wrapInboundOut(bytes))
        default:
            if pending.readableBytes == 0 { pending = bytes } else { pending.writeBuffer(&bytes) }
            advance(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flushUnlessReading(context)
        if passedOn {
            passedOn = false
            context.fireChannelReadComplete()
        }
    }

    func read(context: ChannelHandlerContext) {
        switch phase {
        case .tunnel, .closing: context.read()
        case .head, .held, .content, .openingRest, .rest:
            if pending.readableBytes < HTTP1Connection.readAhead { context.read() } else { readHeld = true }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        switch phase {
        case .content:
            if isWritable, !isPumping {
                pump(context)
                advance(context)
                flushUnlessReading(context)
            }
        case .rest, .tunnel: patience.deadline = isWritable ? .distantFuture : stalledDeadline
        case .head:
            awaitHead(context)
            if isWritable {
                advance(context)
                resumeReading(context)
                flushUnlessReading(context)
            }
        default: break
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        inputEnded = true
        switch phase {
        case .content: keepsAlive = false
        case .openingRest: break
        case .rest, .tunnel: context.fireUserInboundEventTriggered(event)
        case .head: finish(context)
        case .held(let waiter):
            // Who has hung up does not wait for an answer.
            desk.leave(waiter)
            finish(context)
        case .closing: if isWrittenOut { context.channel.closeNow() }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Requests

    func advance(_ context: ChannelHandlerContext) {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while pending.readableBytes > 0 {
            switch phase {
            case .head:
                // Requests whose answers are not read wait, so that answers do not pile up.
                if unflushed > BodyCursor.slice { flush(context) }
                guard context.channel.isWritable else { return }
                switch RequestHead.read(pending.readableBytesUInt8Span, limits: desk.house.limits.head) {
                case .incomplete:
                    if !hasPartialHead {
                        hasPartialHead = true
                        patience.deadline = desk.now + TimeAmount(desk.house.limits.headDeadline)
                    }
                    return
                case .refused(let status, let detail): refuse(status, detail, context)
                case .head(let head):
                    hasPartialHead = false
                    serve(head, context)
                }
            case .rest(let left):
                guard left > 0, let bytes = pending.readSlice(length: min(left, pending.readableBytes)) else {
                    return
                }
                phase = .rest(left: left - bytes.readableBytes)
                patience.deadline = left > bytes.readableBytes ? stalledDeadline : .distantFuture
                passOn(bytes, context)
            case .tunnel:
                let bytes = pending
                pending = ByteBuffer()
                passOn(bytes, context)
            case .held, .content, .openingRest, .closing: return
            }
        }
        pending = ByteBuffer()
    }

    func passOn(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        context.fireChannelRead(wrapInboundOut(bytes))
        if isReading { passedOn = true } else { context.fireChannelReadComplete() }
    }

    func serve(_ head: RequestHead, _ context: ChannelHandlerContext) {
        let countryField = desk.house.gatekeeper.countryField.flatMap { hearsCountry ? $0 : nil }
        guard
            var request = MediaRequest(
                head, pending.readableBytesUInt8Span, countryField: countryField)
        else {
            if !openLine(head, context) { openRest(head, context) }
            return
        }
        let key = viewer(head, context)
        pending.moveReaderIndex(forwardBy: head.length)
        keepsAlive = head.keepsAlive && !inputEnded && !isLeaving
        if head.bodyLength > 0 || head.isChunked {
            // Its content is not read, so nothing after it can be.
            keepsAlive = false
            if request.method != .other { request.target = .malformed("Media requests have no content.") }
        }
        switch desk.decide(request, viewer: self, key: key, stream: 0) {
        case .answer(let shared): write(shared, request.kind, context)
        case .held(let waiter):
            phase = .held(waiter)
            patience.deadline = .distantFuture
        }
    }

    func viewer(_ head: RequestHead, _ context: ChannelHandlerContext) -> UInt64 {
        if let viewerKey { return viewerKey }
        var hasher = Hasher()
        if isTrusted {
            let bytes = pending.readableBytesUInt8Span
            hasher.combine(desk.house.door.origin(peer: peer) { head.joinedFields($0, in: bytes) }.address)
        } else {
            hasher.combine(peer)
        }
        if let agent = head.userAgent { hasher.combine(pending.readableBytesUInt8Span.text(agent)) }
        let key = UInt64(bitPattern: Int64(hasher.finalize())) & ~(1 << 63)
        if !isTrusted { viewerKey = key }
        return key
    }

    var peer: NetworkAddress? {
        context?.remoteAddress?.ipAddress.flatMap { NetworkAddress($0) }
    }

    /// No request after this one, over this connection.
    var isLeaving: Bool {
        desk.house.isStopping.load(ordering: .relaxed) || desk.house.isLeaving.load(ordering: .relaxed)
    }

    func refuse(_ status: Status, _ detail: String, _ context: ChannelHandlerContext) {
        keepsAlive = false
        pending = ByteBuffer()
        write(SharedAnswer(.problem(status, detail, desk.house.planner.cache)), .other, context)
    }
}
