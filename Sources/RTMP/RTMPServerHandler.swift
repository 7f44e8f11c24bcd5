import Media
package import NIOCore

/// The server's session on a channel. Bytes come in; media goes to the host as it arrives, on the event
/// loop, and nobody blocks: while the authority thinks, or while the other end does not read our answers,
/// the socket is not read. A connection that misbehaves, stays silent or is refused is told why, then
/// closed; what it sent last is dropped.
package final class RTMPServerHandler<Host: RTMPHost>: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum Stage { case opening, deciding, open, lingering, closed }

    /// What may arrive while the socket is not read: the rest of a read that was under way, or of a closing
    /// socket.
    private static var heldLimit: Int { 1 << 20 }

    private let host: Host
    private let limits: RTMPLimits
    private var session: RTMPServerSession
    private var stage = Stage.opening
    private var context: ChannelHandlerContext?
    private var held = ByteBuffer()
    private var readIsWanted = false
    private var publishes = false
    private var isClosedForHost = false
    private var lastRead = NIODeadline.uptimeNanoseconds(0)
    private var due = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?

    /// `seed` only has to differ between connections.
    package init(host: Host, limits: RTMPLimits, seed: UInt64) {
        self.host = host
        self.limits = limits
        session = RTMPServerSession(limits: limits, seed: seed)
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        over("the connection was given up")
        self.context = nil
    }

    package func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        over("the connection was closed by the host")
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        over("connection error: \(error)")
        context.close(promise: nil)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        lastRead = context.eventLoop.now
        switch stage {
        case .lingering, .closed: break
        case .deciding:
            guard held.readableBytes + buffer.readableBytes <= Self.heldLimit else {
                fail(context, "too much arrived before the key was checked")
                return
            }
            held.writeBuffer(&buffer)
        case .opening, .open: work(context, &buffer)
        }
    }

    package func read(context: ChannelHandlerContext) {
        if stage == .deciding || !context.channel.isWritable && stage != .lingering {
            readIsWanted = true
        } else {
            context.read()
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading(context)
        context.fireChannelWritabilityChanged()
    }

    package func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard let disconnect = event as? RTMPDisconnect else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        fail(context, disconnect.reason)
        promise?.succeed()
    }

    private func work(_ context: ChannelHandlerContext, _ buffer: inout ByteBuffer) {
        let arrival = MonotonicTime.now
        let bytes = buffer.readableBytes
        do {
            while let event = try session.next(&buffer) {
                try handle(event, arrival, context)
            }
            flush(context)
            if session.isDeciding, buffer.readableBytes > 0 { held = buffer }
        } catch let fault as RTMPFault {
            fail(context, fault.description, politely: !fault.isForeign)
        } catch let rejection as RTMPRejection {
            fail(context, rejection.reason)
        } catch {
            fail(context, "\(error)")
        }
        host.read(bytes: bytes)
    }

    private func handle(
        _ event: RTMPServerSession.Event, _ arrival: MonotonicTime, _ context: ChannelHandlerContext
    ) throws {
        switch event {
        case .video(let body, let timestamp):
            try host.receive(.video(body, timestamp: timestamp), arrival: arrival)
        case .audio(let body, let timestamp):
            try host.receive(.audio(body, timestamp: timestamp), arrival: arrival)
        case .metadata(let properties): try host.receive(.metadata(properties), arrival: arrival)
        case .unpublished: end("the host stopped publishing")
        case .publish(let request):
            flush(context)
            stage = .deciding
            schedule(context, in: limits.decisionDeadline)
            let eventLoop = context.eventLoop
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            host.publish(request) { decision in
                eventLoop.execute { bound.value.decided(decision) }
            }
        }
    }

    private func decided(_ decision: RTMPDecision) {
        switch decision {
        case .accepted:
            // The answer may come after the connection has gone: the feed that it opens ends at once.
            publishes = true
            guard stage == .deciding, let context else {
                end("the connection was gone before the key was checked")
                return
            }
            session.accept()
            stage = .open
            lastRead = context.eventLoop.now
            schedule(context, in: limits.idleDeadline)
            var buffer = held
            held = ByteBuffer()
            flush(context)
            if buffer.readableBytes > 0 { work(context, &buffer) }
            resumeReading(context)
        case .refused(let reason):
            guard stage == .deciding, let context else { return }
            session.refuse(reason: reason)
            linger(context, reason)
        }
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard readIsWanted, stage == .lingering || stage != .deciding && context.channel.isWritable else {
            return
        }
        readIsWanted = false
        context.read()
    }

    private func flush(_ context: ChannelHandlerContext) {
        guard let output = session.takeOutput() else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }

    private func begin(_ context: ChannelHandlerContext) {
        lastRead = context.eventLoop.now
        schedule(context, in: limits.handshakeDeadline)
    }

    /// Ends the feed, says why where that can be said, and closes.
    private func fail(_ context: ChannelHandlerContext, _ reason: String, politely: Bool = true) {
        guard stage != .lingering, stage != .closed else { return }
        session.fail(reason: reason)
        if politely {
            linger(context, reason)
        } else {
            over(reason)
            context.close(promise: nil)
        }
    }

    /// Sends the last words, then waits for the other end to hang up: closing at once, with bytes unread,
    /// would reset the connection, and the reason would be lost on its way.
    private func linger(_ context: ChannelHandlerContext, _ reason: String) {
        stage = .lingering
        held = ByteBuffer()
        end(reason)
        tellClosed(reason)
        flush(context)
        context.close(mode: .output, promise: nil)
        schedule(context, in: limits.lingerDeadline)
        resumeReading(context)
    }

    private func over(_ reason: String) {
        end(reason)
        tellClosed(reason)
        stage = .closed
        held = ByteBuffer()
        timer?.cancel()
        timer = nil
    }

    private func end(_ reason: String) {
        guard publishes else { return }
        publishes = false
        host.ended(reason: reason)
    }

    private func tellClosed(_ reason: String) {
        guard !isClosedForHost else { return }
        isClosedForHost = true
        host.closed(reason: reason)
    }

    private func schedule(_ context: ChannelHandlerContext, in delay: Duration) {
        due = context.eventLoop.now + TimeAmount(delay)
        timer?.cancel()
        arm(context)
    }

    private func arm(_ context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            self?.fired()
        }
    }

    private func fired() {
        guard let context else { return }
        let reason: String
        switch stage {
        case .opening: reason = "no publish command within \(limits.handshakeDeadline)"
        case .deciding:
            session.refuse(reason: "the server could not check the key in time")
            linger(context, "the key was not checked within \(limits.decisionDeadline)")
            return
        case .open:
            // Reads only note their time; the timer looks and sleeps on.
            due = lastRead + TimeAmount(limits.idleDeadline)
            guard context.eventLoop.now >= due else {
                arm(context)
                return
            }
            reason = "no bytes for \(limits.idleDeadline)"
        case .lingering:
            stage = .closed
            context.close(promise: nil)
            return
        case .closed: return
        }
        over(reason)
        context.close(promise: nil)
    }
}

extension RTMPFault {
    /// The other end does not speak this protocol at all: there is nothing that it would understand.
    fileprivate var isForeign: Bool {
        if case .notRTMP = self { true } else { false }
    }
}
