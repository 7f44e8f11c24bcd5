// In: nothing. Out: server-sent events over a connection of HTTP/1.1 (after TLS), until it ends. What the guest writes is
// shared by many readers. Bound: who does not read is closed after a while.

import NIOCore

/// One stream of server-sent events that is the last answer of its connection.
final class EventConnection: ChannelDuplexHandler, Guest, Line {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let loop: any EventLoop
    let patience: Patience
    private let desk: Desk
    private let admission: Desk.Admission
    private var context: ChannelHandlerContext?
    private var isOpen = true
    private var lastWritten: NIODeadline
    private var leftWaiting = 0

    init(desk: Desk, admission: Desk.Admission) {
        self.desk = desk
        self.admission = admission
        loop = desk.loop
        lastWritten = desk.now
        patience = Patience(until: desk.now + TimeAmount(desk.lineLimits.heartbeat))
    }

    /// Without a length: the answer ends with the connection.
    private static func head(date: String) -> ByteBuffer {
        var head = ByteBufferAllocator().buffer(capacity: 256)
        head.writeStaticString("HTTP/1.1 200 OK\r\nDate: ")
        head.writeString(date)
        for (name, value) in EventText.fields { head.writeString("\r\n\(name): \(value)") }
        head.writeStaticString("\r\nConnection: close\r\n\r\n")
        head.writeImmutableBuffer(EventText.opening)
        return head
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        desk.guests.enter(self)
        context.keepLittleUnsent()
        desk.count(opened: .events)
        context.writeAndFlush(wrapOutboundOut(EventConnection.head(date: desk.date)), promise: nil)
        admission.guest.begin(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.left)
        desk.guests.leave(self)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(.left)
        desk.guests.leave(self)
        self.context = nil
    }

    /// Whoever reads events has nothing more to say.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func channelReadComplete(context: ChannelHandlerContext) {}

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard isOpen else { return }
        guard context.channel.isWritable else { return awaitReader() }
        patience.deadline = desk.now + TimeAmount(desk.lineLimits.heartbeat)
        admission.guest.caughtUp()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return }
        end(.left)
        context.channel.closeNow()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.channel.closeNow()
    }

    // MARK: The line

    var isWritable: Bool { isOpen && context?.channel.isWritable == true }

    func write(_ parcel: Parcel) {
        guard isOpen, let context else { return }
        lastWritten = desk.now
        desk.count(parcel: parcel.event.readableBytes)
        context.writeAndFlush(wrapOutboundOut(parcel.event), promise: nil)
    }

    func settle() {}

    func close(_ reason: LineEnd, last: Parcel?) {
        guard isOpen else { return }
        if let last { write(last) }
        finish(reason == .policy ? .policy : reason == .later ? .stalled : .guest)
    }

    /// Ends our side when all is written; the peer then ends the connection, or a moment does.
    private func finish(_ ending: LineTally.Ending) {
        guard isOpen, let context else { return }
        end(ending)
        patience.deadline = desk.now + TimeAmount(desk.lineLimits.closing)
        context.close(mode: .output, promise: nil)
    }

    private func end(_ ending: LineTally.Ending) {
        guard isOpen else { return }
        isOpen = false
        desk.count(ended: ending)
        admission.end()
    }

    // MARK: Patience

    private func awaitReader() {
        leftWaiting = unwritten
        patience.deadline = desk.now + TimeAmount(desk.lineLimits.stalled)
    }

    private var unwritten: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func expired() {
        guard let context else { return }
        guard isOpen else { return context.channel.closeNow() }
        let heartbeat = TimeAmount(desk.lineLimits.heartbeat)
        if !context.channel.isWritable {
            if unwritten < leftWaiting { return awaitReader() }
            end(.stalled)
            desk.tally.slowReaders += 1
            context.channel.closeNow()
        } else if lastWritten + heartbeat > desk.now {
            patience.deadline = lastWritten + heartbeat
        } else {
            lastWritten = desk.now
            patience.deadline = desk.now + heartbeat
            context.writeAndFlush(wrapOutboundOut(EventText.heartbeat), promise: nil)
        }
    }

    func sendAway() {
        guard isOpen else { return }
        if let last = admission.guest.farewell() { write(last) }
        finish(.stopping)
    }

    func quiesce() { sendAway() }

    func abort() { context?.channel.closeNow() }
}

/// What every stream of server-sent events says besides its events.
enum EventText {
    static let fields = [
        ("Content-Type", "text/event-stream; charset=utf-8"), ("Cache-Control", "no-store"),
        // For proxies that would gather it.
        ("X-Accel-Buffering", "no"), ("X-Content-Type-Options", "nosniff"),
    ]
    /// How long a browser waits before it comes again (ms), before anything else.
    static let opening = ByteBuffer(string: "retry: 2000\n\n")
    /// A comment.
    static let heartbeat = ByteBuffer(string: ": keep-alive\n\n")
}

extension ChannelHandlerContext {
    /// What a reader does not take waits here, where the oldest of it can be given up, not in the kernel.
    func keepLittleUnsent() {
        try? channel.syncOptions?.setOption(.tcpOption(.notSentLowWaterMark), value: 64 * 1024)
    }
}
