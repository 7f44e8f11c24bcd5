import NIOCore
import Synchronization

extension HTTP1Connection: WaitingViewer {
    func answer(_ waiter: Waiter, with shared: SharedAnswer) {
        guard let context, case .held(let mine) = phase, mine === waiter else { return }
        if isLeaving { keepsAlive = false }
        write(shared, waiter.request.kind, context)
    }

    func flushAnswers() {
        guard let context else { return }
        advance(context)
        resumeReading(context)
        flushUnlessReading(context)
    }

    func write(_ shared: SharedAnswer, _ kind: RequestKind, _ context: ChannelHandlerContext) {
        let content = BodyCursor(shared.plan.body)
        if content.wanted != nil { return begin(shared, kind, from: content, context) }
        writeHead(shared, kind, context)
        if shared.isJoined {
            answered(context)
        } else {
            cursor = content
            phase = .content
            pump(context)
        }
    }

    /// Writes the head, and the content where it is joined.
    func writeHead(_ shared: SharedAnswer, _ kind: RequestKind, _ context: ChannelHandlerContext) {
        desk.tally.count(kind, status: shared.plan.status.rawValue)
        let head = shared.http1(date: desk.date, keepsAlive: keepsAlive, context.channel.allocator)
        desk.tally.bytes += head.readableBytes
        needsFlush = true
        unflushed += head.readableBytes
        context.write(wrapOutboundOut(head), promise: nil)
        if !shared.isJoined { desk.tally.bytes += shared.plan.body.length }
    }

    /// Writes content for as long as the socket takes it.
    func pump(_ context: ChannelHandlerContext) {
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
            flush(context)
            guard case .content = phase else { return }
            if !context.channel.isWritable, cursor.remaining > 0 { return awaitReader(context) }
        }
        if cursor.remaining > 0 {
            // The rest is on disk: read on once the socket has room.
            flush(context)
            guard case .content = phase else { return }
            awaitReader(context)
            if context.channel.isWritable { fetch(context) }
            return
        }
        needsFlush = true
        cursor = BodyCursor(.none)
        answered(context)
    }

    func answered(_ context: ChannelHandlerContext) {
        if keepsAlive {
            phase = .head
            awaitHead(context)
            resumeReading(context)
        } else {
            finish(context)
        }
    }

    /// Between two requests. The answer to the last may still be on its way: it is not idleness to read that.
    func awaitHead(_ context: ChannelHandlerContext) {
        if context.channel.isWritable {
            patience.deadline = idleDeadline
        } else {
            awaitReader(context)
        }
    }

    /// The peer is to take some of what waits for it.
    func awaitReader(_ context: ChannelHandlerContext) {
        leftWaiting = unwritten(context)
        patience.deadline = stalledDeadline
    }

    /// Bytes that the socket has not taken yet.
    func unwritten(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Ends the connection after what has been written; the client gets a moment to read it.
    func finish(_ context: ChannelHandlerContext) {
        phase = .closing
        pending = ByteBuffer()
        needsFlush = false
        unflushed = 0
        awaitReader(context)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            isWrittenOut = true
            patience.deadline = desk.now + .seconds(2)
            // A full close before this point would throw away what the socket has not taken yet.
            if inputEnded { context.close(promise: nil) } else { context.close(mode: .output, promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    /// Ends a connection between two requests.
    func hangUp(_ context: ChannelHandlerContext) {
        guard unwritten(context) == 0, !needsFlush else { return finish(context) }
        phase = .closing
        isWrittenOut = true
        patience.deadline = desk.now + .seconds(2)
        context.close(promise: nil)
    }

    func resumeReading(_ context: ChannelHandlerContext) {
        if readHeld {
            readHeld = false
            context.read()
        }
    }

    func flushUnlessReading(_ context: ChannelHandlerContext) {
        if needsFlush, !isReading { flush(context) }
    }

    func flush(_ context: ChannelHandlerContext) {
        needsFlush = false
        unflushed = 0
        context.flush()
    }

    var idleDeadline: NIODeadline { desk.now + TimeAmount(desk.house.limits.idle) }
    var stalledDeadline: NIODeadline { desk.now + TimeAmount(desk.house.limits.stalled) }
}
