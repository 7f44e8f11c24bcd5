// In: the bytes of one HTTP/2 connection (after TLS). Out: media answers, encoded here; every other request goes to
// Hummingbird as an HTTP2Exchange. The protocol's rules are HTTP2Session's; here is the I/O.
// Bounds: `turn` bytes are gathered and the socket's watermark decides when the next may be; content of media is
// shared with the window until then. A reader that stalls is closed by `patience`.

import NIOCore
import NIOHPACK

final class HTTP2Connection: ChannelInboundHandler, Guest, WaitingViewer {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let patience: Patience
    let desk: Desk
    var context: ChannelHandlerContext?
    var session: HTTP2Session
    var encoder = FieldEncoder()
    /// Streams that are held, being written, or Hummingbird's.
    var streams: [UInt32: HTTP2Stream] = [:]
    /// Streams with content to send, in turns.
    private var writers: [HTTP2Stream] = []
    /// Frames not yet written.
    var out = ByteBuffer()
    private var input = ByteBuffer()
    private let viewerKey: UInt64
    private var isPumping = false
    private var isReading = false
    private var isStopping = false
    private var isClosing = false

    /// Content is gathered up to here (bytes) between looks at the socket.
    private static let turn = 64 * 1024
    /// What may pile up before a peer that makes us write and does not read is closed (bytes).
    private static let outAtMost = 1024 * 1024

    init(desk: Desk) {
        self.desk = desk
        self.viewerKey = desk.house.newViewerKey()
        self.patience = Patience(until: desk.now + TimeAmount(desk.house.limits.headDeadline))
        var limits = HTTP2Session.Limits()
        limits.streams = desk.house.limits.streams
        limits.headerList = desk.house.limits.head.total
        session = HTTP2Session(limits: limits)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        desk.guests.enter(self)
        out = context.channel.allocator.buffer(capacity: 1024)
        out.writeSettings([
            (HTTP2Wire.concurrentStreams, UInt32(session.limits.streams)),
            (HTTP2Wire.headerListSize, UInt32(session.limits.headerList)),
        ])
        if context.channel.isActive { pump() }
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
        isClosing = true
        let all = streams.values
        streams = [:]
        writers = []
        for stream in all { stream.abandon(desk) }
        desk.guests.leave(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard !isClosing else { return }
        isReading = true
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        while !isClosing, let event = session.next(&input, second: desk.steadySecond) { handle(event) }
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        pump()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { pump() } else { setPatience(afterProgress: false) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { context.channel.closeNow() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.channel.closeNow()
    }

    // MARK: Frames

    private func handle(_ event: HTTP2Session.Event) {
        switch event {
        case .ignored: break
        case .request(let id, let headers, let ends): begin(id, headers, ends: ends)
        case .data(let id, let bytes, let ends): receive(id, bytes, ends: ends)
        case .inputEnded(let id): receive(id, ByteBuffer(), ends: true)
        case .reset(let id): drop(id)
        case .windowOpened: break
        case .settings:
            encoder.limitTable(to: session.peerTableSize)
            out.writeFrameHeader(length: 0, HTTP2Wire.settings, flags: HTTP2Wire.ack, stream: 0)
        case .ping(let opaque):
            out.writeFrameHeader(length: 8, HTTP2Wire.ping, flags: HTTP2Wire.ack, stream: 0)
            out.writeInteger(opaque)
        case .refuse(let id, let code):
            out.writeReset(id, code)
            drop(id)
        case .failed(let code): fail(code)
        }
        if out.readableBytes > HTTP2Connection.outAtMost { context?.channel.closeNow() }
    }

    private func begin(_ id: UInt32, _ headers: HPACKHeaders, ends: Bool) {
        guard let request = MediaRequest(headers) else { return beginExchange(id, headers, ends: ends) }
        switch desk.decide(request, viewer: self, key: viewerKey, stream: Int(id)) {
        case .held(let waiter): streams[id] = HTTP2Stream(id, .held(waiter))
        case .answer(let shared): write(shared, request.kind, id)
        }
    }

    private func receive(_ id: UInt32, _ bytes: ByteBuffer, ends: Bool) {
        if case .exchange(let outgoing)? = streams[id]?.phase {
            if bytes.readableBytes > 0 { outgoing.body.yield(bytes) }
            if ends { outgoing.body.finish() }
        } else {
            // Media requests have no content worth reading.
            took(id, bytes: bytes.readableBytes)
        }
    }

    /// Content has been taken in: the peer may send more.
    func took(_ id: UInt32, bytes: Int) {
        session.consumed(id, bytes: bytes)
        let due = session.updatesDue(id)
        if due.connection > 0 { out.writeWindowUpdate(0, due.connection) }
        if due.stream > 0 { out.writeWindowUpdate(id, due.stream) }
    }

    private func drop(_ id: UInt32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        if stream.isWriting { writers.removeAll { $0 === stream } }
        stream.abandon(desk)
    }

    private func fail(_ code: HTTP2Code) {
        out.writeGoAway(last: session.lastStream, code)
        flush()
        hangUp()
    }

    // MARK: Answers

    func answer(_ waiter: Waiter, with shared: SharedAnswer) {
        let id = UInt32(waiter.stream)
        guard case .held(let mine)? = streams[id]?.phase, mine === waiter else { return }
        streams[id] = nil
        write(shared, waiter.request.kind, id)
    }

    func flushAnswers() {
        if !isReading { pump() }
    }

    private func write(_ shared: SharedAnswer, _ kind: RequestKind, _ id: UInt32) {
        let plan = shared.plan
        let length = plan.body.length
        desk.tally.count(kind, status: plan.status.rawValue)
        desk.tally.bytes += length
        writeHeaders(id, ends: length == 0) { $0.write(plan, date: desk.date, into: &$1) }
        if length == 0 { return finished(id) }
        var cursor = BodyCursor(plan.body)
        if length <= SharedAnswer.joined, length <= session.room(id), writers.isEmpty,
            out.readableBytes < HTTP2Connection.turn
        {
            while let bytes = cursor.next() { writeData(id, bytes, ends: cursor.remaining == 0) }
            finished(id)
        } else {
            let stream = HTTP2Stream(id, .content(cursor))
            streams[id] = stream
            startWriting(stream)
        }
    }

    /// Writes a header block into one frame, and CONTINUATION frames where it is too long for one.
    func writeHeaders(_ id: UInt32, ends: Bool, _ body: (inout FieldEncoder, inout ByteBuffer) -> Void) {
        let start = out.writerIndex
        let flags = HTTP2Wire.endHeaders | (ends ? HTTP2Wire.endStream : 0)
        out.writeFrameHeader(length: 0, HTTP2Wire.headers, flags: flags, stream: id)
        body(&encoder, &out)
        let length = out.writerIndex - start - HTTP2Wire.header
        if length <= HTTP2Wire.frame {
            out.setInteger(UInt8(truncatingIfNeeded: length >> 16), at: start)
            out.setInteger(UInt16(truncatingIfNeeded: length), at: start + 1)
        } else {
            splitHeaders(id, at: start, ends: ends)
        }
        session.sent(id, bytes: 0, ends: ends)
    }

    private func splitHeaders(_ id: UInt32, at start: Int, ends: Bool) {
        var block = out
        block.moveReaderIndex(to: start + HTTP2Wire.header)
        out.moveWriterIndex(to: start)
        var kind = HTTP2Wire.headers
        while var part = block.readSlice(length: min(HTTP2Wire.frame, block.readableBytes)) {
            let isLast = block.readableBytes == 0
            let flags =
                (isLast ? HTTP2Wire.endHeaders : 0)
                | (kind == HTTP2Wire.headers && ends ? HTTP2Wire.endStream : 0)
            out.writeFrameHeader(length: part.readableBytes, kind, flags: flags, stream: id)
            out.writeBuffer(&part)
            kind = HTTP2Wire.continuation
            if isLast { break }
        }
    }

    private func writeData(_ id: UInt32, _ bytes: ByteBuffer, ends: Bool) {
        var bytes = bytes
        let count = bytes.readableBytes
        out.reserveCapacity(minimumWritableBytes: count + HTTP2Wire.header)
        out.writeFrameHeader(
            length: count, HTTP2Wire.data, flags: ends ? HTTP2Wire.endStream : 0, stream: id)
        out.writeBuffer(&bytes)
        session.sent(id, bytes: count, ends: ends)
    }

    /// The answer's end is written. A request that goes on regardless is told that it is not read.
    func finished(_ id: UInt32) {
        streams[id] = nil
        if session.isOpen(id) {
            out.writeReset(id, .noError)
            session.close(id)
        }
    }

    func startWriting(_ stream: HTTP2Stream) {
        guard !stream.isWriting else { return }
        stream.isWriting = true
        writers.append(stream)
    }

    /// Sends what there is, in turns, for as long as the socket and the windows have room.
    func pump() {
        guard let context, !isPumping else { return }
        isPumping = true
        defer {
            isPumping = false
            if isStopping, session.count == 0 { hangUp() }
        }
        var progressed = out.readableBytes > 0
        flush()
        while context.channel.isWritable, fill() {
            progressed = true
            flush()
        }
        setPatience(afterProgress: progressed)
    }

    private func flush() {
        guard let context, out.readableBytes > 0 else { return }
        let bytes = out
        out = context.channel.allocator.buffer(capacity: writers.isEmpty ? 1024 : HTTP2Connection.turn + 1024)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Gathers content of those who write, a frame of each in turn; false where there is no room for any.
    private func fill() -> Bool {
        var index = 0
        var isBlocked = true
        while !writers.isEmpty, out.readableBytes < HTTP2Connection.turn {
            if index >= writers.count {
                if isBlocked { break }
                (index, isBlocked) = (0, true)
            }
            let stream = writers[index]
            let room = session.room(stream.id)
            if room == 0, !isEmptyEnd(stream) {
                index += 1
                continue
            }
            let (bytes, isLast) = stream.take(atMost: room)
            if bytes != nil || isLast {
                isBlocked = false
                writeData(stream.id, bytes ?? ByteBuffer(), ends: isLast)
            }
            if isLast || !stream.hasContent {
                stream.isWriting = false
                writers.remove(at: index)
                if isLast { finished(stream.id) }
            } else {
                index += 1
            }
        }
        return out.readableBytes > 0
    }

    /// An end without bytes needs no window.
    private func isEmptyEnd(_ stream: HTTP2Stream) -> Bool {
        if case .exchange(let outgoing) = stream.phase {
            outgoing.pieces.isEmpty && outgoing.isWhole
        } else {
            false
        }
    }

    // MARK: The clock and the end

    /// Sets what the connection is now patient for.
    private func setPatience(afterProgress: Bool) {
        guard !isClosing else { return }
        let limits = desk.house.limits
        let isWritable = context?.channel.isWritable ?? true
        if !writers.isEmpty || !isWritable {
            if afterProgress || patience.deadline == .distantFuture {
                patience.deadline = desk.now + TimeAmount(limits.stalled)
            }
        } else if session.count > 0 {
            patience.deadline = .distantFuture
        } else {
            patience.deadline = desk.now + TimeAmount(limits.idle)
        }
    }

    func expired() {
        guard let context else { return }
        if !writers.isEmpty || !context.channel.isWritable {
            desk.tally.slowReaders += 1
            desk.tally.isEmpty = false
            context.channel.closeNow()
        } else if isClosing {
            context.channel.closeNow()
        } else {
            fail(.noError)
        }
    }

    func quiesce() {
        isStopping = true
        session.goAway()
        out.writeGoAway(last: session.lastStream, .noError)
        pump()
    }

    func abort() {
        context?.channel.closeNow()
    }

    /// Says goodbye; who does not answer it in time is closed.
    private func hangUp() {
        guard let context, !isClosing else { return }
        isClosing = true
        patience.deadline = desk.now + .seconds(2)
        context.close(promise: nil)
    }
}
