// In: the bytes of one connection of HTTP/1.1 that has become a WebSocket (after TLS). Out: its messages to the guest, and
// what the guest writes, in frames that many readers share. Blocks: nothing.
// Bounds: a message, frames in a quarter of a second; who does not read is not read from, and is closed after a while.

import NIOCore

/// One WebSocket (RFC 6455).
final class WebSocketConnection: ChannelDuplexHandler, Line {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case open
        /// Our close frame is on its way, or out; the peer's is awaited.
        case closing
        case gone
    }

    let loop: any EventLoop
    let patience: Patience
    let desk: Desk
    let admission: Desk.Admission
    private var head: ByteBuffer?
    var context: ChannelHandlerContext?
    var phase = Phase.open { didSet { isWritable = isWritable && phase == .open } }
    /// Kept here: every reader of a room is asked with every frame.
    private(set) var isWritable = true
    private var reader: WebSocketReader
    private var input: ByteBuffer
    var isSettled = false
    private var isReading = false
    private var needsFlush = false
    /// Nil where TLS is in between.
    private var socket: DirectSocket?
    private let isSecure: Bool
    /// Something has gone through the channel, and may still wait there.
    private var mayWait = true
    private var readHeld = false
    /// When the peer was last heard, by the desk's coarse clock.
    var lastHeard: NIODeadline
    /// It was asked whether it is there.
    var isAsked = false
    /// A ping that waits for its answer until the peer reads; only the newest counts (5.5.3).
    private var owedPong: ByteBuffer?
    /// Frames since `budgetFrom`.
    private var frames = 0
    private var budgetFrom: NIODeadline
    /// Bytes that the socket had not taken when the reader was last given time.
    var leftWaiting = 0

    /// `input`: what has come behind the request.
    init(
        desk: Desk, admission: Desk.Admission, isSecure: Bool, head: ByteBuffer, input: ByteBuffer
    ) {
        self.desk = desk
        self.isSecure = isSecure
        self.admission = admission
        self.head = head
        self.input = input
        loop = desk.loop
        reader = WebSocketReader(limit: desk.lineLimits.message)
        lastHeard = desk.now
        budgetFrom = desk.now
        patience = Patience(until: desk.now + TimeAmount(desk.lineLimits.opening))
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        desk.guests.enter(self)
        context.keepLittleUnsent()
        socket = isSecure ? nil : DirectSocket(context)
        guard let head else { return }
        self.head = nil
        desk.count(opened: .socket)
        context.writeAndFlush(wrapOutboundOut(head), promise: nil)
        admission.guest.begin(self)
        isReading = true
        take()
        isReading = false
        flushIfNeeded()
    }

    func channelInactive(context: ChannelHandlerContext) {
        socket = nil
        end(.left)
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(.left)
        leave()
        self.context = nil
    }

    private func leave() {
        phase = .gone
        input = ByteBuffer()
        owedPong = nil
        desk.guests.leave(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard phase != .gone else { return }
        isReading = true
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        take()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flushIfNeeded()
    }

    func read(context: ChannelHandlerContext) {
        if phase != .open || context.channel.isWritable { context.read() } else { readHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard phase == .open else { return }
        isWritable = context.channel.isWritable
        guard isWritable else { return awaitReader() }
        awaitPeer()
        if let pong = owedPong {
            owedPong = nil
            send(.pong, pong)
        }
        admission.guest.caughtUp()
        flushIfNeeded()
        if readHeld {
            readHeld = false
            context.read()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return }
        end(.left)
        context.channel.closeNow()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.channel.closeNow()
    }

    // MARK: What the peer sends

    private func take() {
        while phase != .gone, let event = reader.next(&input) {
            if phase == .open { handle(event) } else if isEnd(event) { hangUp() }
        }
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    private func isEnd(_ event: WebSocketReader.Event) -> Bool {
        switch event {
        case .closed, .failed: true
        default: false
        }
    }

    private func handle(_ event: WebSocketReader.Event) {
        heard()
        guard frames <= desk.lineLimits.frames else {
            return shut(.policy, "too many frames", as: .policy)
        }
        switch event {
        case .text(let text):
            desk.countHeard()
            admission.guest.heard(text)
        case .binary: shut(.notUnderstood, "messages are text here", as: .fault)
        case .ping(let content):
            if context?.channel.isWritable == true { send(.pong, content) } else { owedPong = content }
        case .pong, .fragment: break
        case .closed(let code):
            var frame = ByteBuffer()
            if let code {
                frame.writeWebSocketClose(code, "")
            } else {
                frame.writeWebSocketHead(.close, length: 0)
            }
            goodbye(frame, as: .left, isAnswer: true)
        case .failed(let code, let reason):
            shut(LineEnd(rawValue: code) ?? .protocolError, reason, as: .fault)
        }
    }

    private func heard() {
        isAsked = false
        lastHeard = desk.now
        if budgetFrom == desk.now {
            frames += 1
        } else {
            budgetFrom = desk.now
            frames = 1
        }
        if isSettled, context?.channel.isWritable == true { awaitPeer() }
    }

    // MARK: What goes out

    func write(_ parcel: Parcel) {
        guard phase == .open, let context else { return }
        var frame = parcel.frame
        desk.count(parcel: frame.readableBytes)
        if isReading {
            needsFlush = true
            mayWait = true
            context.write(wrapOutboundOut(frame), promise: nil)
            return
        }
        if let socket, nothingWaits(context) {
            let sent = socket.send(frame)
            if sent == frame.readableBytes { return }
            frame.moveReaderIndex(forwardBy: sent)
        }
        mayWait = true
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    private func nothingWaits(_ context: ChannelHandlerContext) -> Bool {
        if mayWait { mayWait = unwritten > 0 }
        return !mayWait && context.channel.isActive
    }

    func settle() {
        guard !isSettled else { return }
        isSettled = true
        if phase == .open, context?.channel.isWritable == true { awaitPeer() }
    }

    func close(_ reason: LineEnd, last: Parcel?) {
        guard phase == .open else { return }
        if let last { write(last) }
        shut(reason, "", as: reason == .policy ? .policy : reason == .later ? .stalled : .guest)
    }

    func send(_ opcode: WebSocketWire.Opcode, _ content: ByteBuffer) {
        guard let context else { return }
        var frame = context.channel.allocator.buffer(capacity: content.readableBytes + 2)
        frame.writeWebSocketHead(opcode, length: content.readableBytes)
        frame.writeImmutableBuffer(content)
        needsFlush = true
        mayWait = true
        context.write(wrapOutboundOut(frame), promise: nil)
        if !isReading { flushIfNeeded() }
    }

    private func flushIfNeeded() {
        guard needsFlush, let context else { return }
        needsFlush = false
        context.flush()
    }

    // MARK: The end

    func shut(_ reason: LineEnd, _ words: String, as ending: LineTally.Ending) {
        var frame = ByteBuffer()
        frame.writeWebSocketClose(reason.rawValue, words)
        goodbye(frame, as: ending, isAnswer: false)
    }

    /// Writes a close frame. After the answer to the peer's the connection ends; after our own when the peer has answered.
    private func goodbye(_ frame: ByteBuffer, as ending: LineTally.Ending, isAnswer: Bool) {
        guard let context, phase == .open else { return }
        end(ending)
        needsFlush = false
        patience.deadline = desk.now + TimeAmount(desk.lineLimits.closing)
        guard isAnswer else {
            context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
            if readHeld {
                readHeld = false
                context.read()
            }
            return
        }
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        hangUp()
    }

    /// Ends our side when all is written, and the connection when the peer has done so too, or after a moment.
    private func hangUp() {
        guard let context, phase == .closing else { return }
        phase = .gone
        context.close(mode: .output, promise: nil)
    }

    /// Tells the guest, once.
    func end(_ ending: LineTally.Ending) {
        guard phase == .open else { return }
        phase = .closing
        desk.count(ended: ending)
        admission.end()
    }
}
