// In: the bytes of one HTTP/1.1 connection (after TLS). Out: media answers, written here as bytes; every other
// request's bytes go on, one request at a time, to the codec and Hummingbird behind, whose answers pass through.
// One request is answered before the next is read, so pipelined answers keep their order.
// Bound: bytes read ahead (`readAhead`), then the socket is not read; a reader that stalls is closed by `patience`.

import NIOCore
import NIOHTTP1
import Synchronization

final class HTTP1Connection: ChannelDuplexHandler, RemovableChannelHandler, Guest, WaitingViewer {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    private enum Phase {
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
    private let desk: Desk
    private let isSecure: Bool
    private var context: ChannelHandlerContext?
    private var phase = Phase.head
    private var pending = ByteBuffer()
    private var cursor = BodyCursor(.none)
    private var keepsAlive = true
    private var restEnd: RestEnd?
    private var viewerKey: UInt64?
    private var isAdvancing = false
    private var isPumping = false
    private var isReading = false
    private var needsFlush = false
    private var passedOn = false
    private var readHeld = false
    private var hasPartialHead = false
    private var inputEnded = false
    /// In `closing`: everything has gone out.
    private var isWrittenOut = false

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

    private func gone() {
        if case .held(let waiter) = phase { desk.leave(waiter) }
        phase = .closing
        cursor = BodyCursor(.none)
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
        if needsFlush {
            needsFlush = false
            context.flush()
        }
        if passedOn {
            passedOn = false
            context.fireChannelReadComplete()
        }
    }

    func read(context: ChannelHandlerContext) {
        switch phase {
        case .head, .rest, .tunnel, .closing: context.read()
        case .held, .content, .openingRest:
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
        // Who has hung up does not wait for an answer.
        case .head, .held: hangUp(context)
        case .closing: if isWrittenOut { context.channel.closeNow() }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Requests

    private func advance(_ context: ChannelHandlerContext) {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while pending.readableBytes > 0 {
            switch phase {
            case .head:
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

    private func passOn(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        context.fireChannelRead(wrapInboundOut(bytes))
        if isReading { passedOn = true } else { context.fireChannelReadComplete() }
    }

    private func serve(_ head: RequestHead, _ context: ChannelHandlerContext) {
        guard var request = MediaRequest(head, pending.readableBytesUInt8Span) else {
            openRest(head, context)
            return
        }
        let key = viewer(head, context)
        pending.moveReaderIndex(forwardBy: head.length)
        keepsAlive = head.keepsAlive && !inputEnded && !desk.house.isStopping.load(ordering: .relaxed)
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

    private func viewer(_ head: RequestHead, _ context: ChannelHandlerContext) -> UInt64 {
        if let viewerKey { return viewerKey }
        var hasher = Hasher()
        hasher.combine(context.remoteAddress?.ipAddress)
        if let agent = head.userAgent { hasher.combine(pending.readableBytesUInt8Span.text(agent)) }
        let key = UInt64(bitPattern: Int64(hasher.finalize())) & ~(1 << 63)
        viewerKey = key
        return key
    }

    private func refuse(_ status: Status, _ detail: String, _ context: ChannelHandlerContext) {
        keepsAlive = false
        pending = ByteBuffer()
        write(SharedAnswer(.problem(status, detail, desk.house.planner.cache)), .other, context)
    }

    // MARK: Answers

    func answer(_ waiter: Waiter, with shared: SharedAnswer) {
        guard let context, case .held(let mine) = phase, mine === waiter else { return }
        if desk.house.isStopping.load(ordering: .relaxed) { keepsAlive = false }
        write(shared, waiter.request.kind, context)
    }

    func flushAnswers() {
        guard let context else { return }
        advance(context)
        resumeReading(context)
        flushUnlessReading(context)
    }

    private func write(_ shared: SharedAnswer, _ kind: RequestKind, _ context: ChannelHandlerContext) {
        desk.tally.count(kind, status: shared.plan.status.rawValue)
        let head = shared.http1(date: desk.date, keepsAlive: keepsAlive, context.channel.allocator)
        desk.tally.bytes += head.readableBytes
        needsFlush = true
        context.write(wrapOutboundOut(head), promise: nil)
        if shared.isJoined {
            answered(context)
        } else {
            cursor = BodyCursor(shared.plan.body)
            desk.tally.bytes += cursor.remaining
            phase = .content
            pump(context)
        }
    }

    /// Writes content for as long as the socket takes it.
    private func pump(_ context: ChannelHandlerContext) {
        isPumping = true
        defer { isPumping = false }
        // Without TLS a write holds a reference only; with it, ciphertext.
        let turn = isSecure ? BodyCursor.slice : 16 * BodyCursor.slice
        var written = 0
        while let slice = cursor.next() {
            written += slice.readableBytes
            context.write(wrapOutboundOut(slice), promise: nil)
            guard written >= turn else { continue }
            written = 0
            needsFlush = false
            context.flush()
            guard case .content = phase else { return }
            if !context.channel.isWritable, cursor.remaining > 0 {
                patience.deadline = stalledDeadline
                return
            }
        }
        needsFlush = true
        cursor = BodyCursor(.none)
        answered(context)
    }

    private func answered(_ context: ChannelHandlerContext) {
        if keepsAlive {
            phase = .head
            patience.deadline = desk.now + TimeAmount(desk.house.limits.idle)
            resumeReading(context)
        } else {
            finish(context)
        }
    }

    /// Ends the connection after what has been written; the client gets a moment to read it.
    private func finish(_ context: ChannelHandlerContext) {
        phase = .closing
        pending = ByteBuffer()
        needsFlush = false
        patience.deadline = stalledDeadline
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            isWrittenOut = true
            patience.deadline = desk.now + .seconds(2)
            // A full close before this point would throw away what the socket has not taken yet.
            if inputEnded { context.close(promise: nil) } else { context.close(mode: .output, promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    /// Ends a connection on which nothing is being written.
    private func hangUp(_ context: ChannelHandlerContext) {
        if case .held(let waiter) = phase { desk.leave(waiter) }
        phase = .closing
        isWrittenOut = true
        patience.deadline = desk.now + .seconds(2)
        context.close(promise: nil)
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        if readHeld {
            readHeld = false
            context.read()
        }
    }

    private func flushUnlessReading(_ context: ChannelHandlerContext) {
        if needsFlush, !isReading {
            needsFlush = false
            context.flush()
        }
    }

    private var stalledDeadline: NIODeadline { desk.now + TimeAmount(desk.house.limits.stalled) }

    // MARK: The rest of the server

    private func openRest(_ head: RequestHead, _ context: ChannelHandlerContext) {
        guard restEnd == nil else {
            sendToRest(head, context)
            return
        }
        phase = .openingRest(head)
        patience.deadline = .distantFuture
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let conversation = RestConversation(channel: context.channel) { try bound.value.installRest() }
        if !desk.house.rest.offer(.conversation(conversation)) {
            refuse(.unavailable, "The server is stopping.", context)
        }
    }

    /// Puts the codec and Hummingbird's end behind this handler, and sends the request that waits.
    private func installRest() throws -> RestConversation.Parts {
        guard let context, case .openingRest(let head) = phase else { throw ChannelError.ioOnClosedChannel }
        let end = RestEnd(self, desk: desk)
        let parts = try RestConversation.install(end, isSecure: isSecure, context.channel)
        restEnd = end
        sendToRest(head, context)
        advance(context)
        if inputEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        return parts
    }

    private func sendToRest(_ head: RequestHead, _ context: ChannelHandlerContext) {
        patience.deadline = .distantFuture
        restEnd?.begin()
        if !head.keepsAlive || head.isOpenEnded || desk.house.isStopping.load(ordering: .relaxed) {
            restEnd?.closesAfter = true
        }
        phase = head.isOpenEnded ? .tunnel : .rest(left: head.length + head.bodyLength)
    }

    /// Hummingbird's answer is written; `closes` where it was the connection's last.
    func restAnswered(closes: Bool) {
        guard let context else { return }
        needsFlush = true
        if closes {
            finish(context)
        } else if case .rest(left: 0) = phase {
            phase = .head
            patience.deadline = desk.now + TimeAmount(desk.house.limits.idle)
            if inputEnded && pending.readableBytes == 0 { finish(context) } else { advance(context) }
            flushUnlessReading(context)
        } else if case .rest = phase {
            // Answered before the request was read to its end: the answer says all there is to say.
            finish(context)
        }
    }

    // MARK: The clock and the end

    func expired() {
        guard let context else { return }
        switch phase {
        case .content:
            desk.tally.slowReaders += 1
            desk.tally.isEmpty = false
            context.channel.closeNow()
        case .head: hangUp(context)
        default: context.channel.closeNow()
        }
    }

    func quiesce() {
        guard let context else { return }
        switch phase {
        case .head: hangUp(context)
        case .content: keepsAlive = false
        case .rest, .tunnel: restEnd?.closesAfter = true
        case .held, .openingRest, .closing: break
        }
    }

    func abort() {
        context?.channel.closeNow()
    }
}
