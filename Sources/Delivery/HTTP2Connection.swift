// In: the bytes of one HTTP/2 connection (after TLS). Out: media answers, encoded here; every other request goes to
// Hummingbird as an HTTP2Exchange. The protocol's rules are HTTP2Session's; here is the I/O.
// Bounds: `turn` bytes are gathered and the socket's watermark decides when the next may be; content of media is
// shared with the window until then. A reader that stalls is closed by `patience`.

import NIOCore
import NIOHPACK

final class HTTP2Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let patience: Patience
    let desk: Desk
    var context: ChannelHandlerContext?
    var session: HTTP2Session
    var encoder = FieldEncoder()
    /// Streams that are held, being written, or Hummingbird's.
    var streams: [UInt32: HTTP2Stream] = [:]
    /// Streams with content to send, the most urgent first; equals in the order in which they came.
    var writers: [HTTP2Stream] = []
    /// Frames not yet written.
    var out = ByteBuffer()
    var input = ByteBuffer()
    let viewerKey: UInt64
    /// The other end is a proxy that is trusted: each stream may be another viewer's.
    lazy var isTrusted = desk.house.door.trusts(peer)
    lazy var hearsCountry = desk.house.door.hearsCountry(from: peer)
    var isPumping = false
    var isReading = false
    var readHeld = false
    var isStopping = false
    var isClosing = false

    /// Content is gathered up to here (bytes) between looks at the socket: little at first, while the network is
    /// slow to open and a late urgent answer must not wait behind what was gathered.
    var turn: Int { gathered < 512 * 1024 ? 16 * 1024 : 64 * 1024 }
    /// Bytes of content sent so far.
    var gathered = 0
    /// What they were when the peer was last given time to take some; nil where nothing waits for it.
    var givenTime: Int?
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
            (HTTP2Wire.noOldPriorities, 1),
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

    func gone() {
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
        guard context.channel.isWritable else { return setPatience() }
        pump()
        if readHeld {
            readHeld = false
            context.read()
        }
    }

    /// Who does not read is not read from, so that answers to its frames do not pile up.
    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable { context.read() } else { readHeld = true }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { context.channel.closeNow() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.channel.closeNow()
    }

    // MARK: Frames

    func handle(_ event: HTTP2Session.Event) {
        switch event {
        case .ignored: break
        case .request(let id, let headers, let ends): begin(id, headers, ends: ends)
        case .data(let id, let bytes, let ends): receive(id, bytes, ends: ends)
        case .inputEnded(let id): receive(id, ByteBuffer(), ends: true)
        case .reset(let id): drop(id)
        case .windowOpened: break
        case .precedence(let id, let precedence): reorder(id, precedence)
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

    func begin(_ id: UInt32, _ headers: HPACKHeaders, ends: Bool) {
        let countryField = desk.house.gatekeeper.countryField.flatMap { hearsCountry ? $0 : nil }
        guard let request = MediaRequest(headers, countryField: countryField) else {
            if !openLine(id, headers, ends: ends) { beginExchange(id, headers, ends: ends) }
            return
        }
        switch desk.decide(request, viewer: self, key: viewer(headers), stream: Int(id)) {
        case .held(let waiter):
            streams[id] = HTTP2Stream(id, .held(waiter), HTTP2Stream.wish(headers))
        case .answer(let shared): write(shared, request.kind, id, HTTP2Stream.wish(headers))
        }
    }

    var peer: NetworkAddress? {
        context?.remoteAddress?.ipAddress.flatMap { NetworkAddress($0) }
    }

    private func viewer(_ headers: HPACKHeaders) -> UInt64 {
        guard isTrusted else { return viewerKey }
        var hasher = Hasher()
        hasher.combine(
            desk.house.door.origin(peer: peer) { name in
                let values = headers[name]
                return values.isEmpty ? nil : values.joined(separator: ",")
            }.address)
        hasher.combine(headers.first(name: "user-agent"))
        return UInt64(bitPattern: Int64(hasher.finalize())) & ~(1 << 63)
    }

    func receive(_ id: UInt32, _ bytes: ByteBuffer, ends: Bool) {
        if let stream = streams[id], case .exchange(var outgoing) = stream.phase {
            let isTrue = outgoing.receive(bytes, ends: ends)
            stream.phase = .exchange(outgoing)
            if !isTrue { reset(id, .protocolError) }
        } else {
            // Media requests have no content worth reading.
            took(id, bytes: bytes.readableBytes)
        }
    }

    /// Content has been taken in: the peer may send more.
    func took(_ id: UInt32, bytes: Int) {
        session.consumed(id, bytes: bytes)
        let due = session.updateDue(id)
        if due > 0 { out.writeWindowUpdate(id, due) }
    }

    /// Breaks a stream off; the connection too, where that happens too often.
    func reset(_ id: UInt32, _ code: HTTP2Code) {
        drop(id)
        guard session.reset(id, second: desk.steadySecond) else { return fail(.enhanceYourCalm) }
        out.writeReset(id, code)
    }

    func drop(_ id: UInt32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        if stream.isWriting { writers.removeAll { $0 === stream } }
        stream.abandon(desk)
    }

    func fail(_ code: HTTP2Code) {
        out.writeGoAway(last: session.lastStream, code)
        flush()
        hangUp()
    }
}
