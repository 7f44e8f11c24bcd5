// In: requests of one viewer, the bytes of one connection (after TLS). Out: whole answers, to the pool that owns it.
// HTTP/1.1 carries one request at a time, HTTP/2 many. Bodies are counted and dropped, or kept up to the request's limit.
// Nobody blocks; what arrives is read at once, since nothing of it is queued.

import Media
import NIOCore
import NIOSSL
import NIOTLS

final class Line: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase { case opening, open, closing, closed }

    /// Nil once nobody cares.
    var owner: Lines?
    let origin: WebAddress.Origin
    private let isSecure: Bool
    private var context: ChannelHandlerContext?
    private var phase = Phase.opening
    private var http1: HTTP1Reader?
    private var http2: HTTP2Reader?
    private var pending = ByteBuffer()
    private var output = ByteBuffer()
    /// The exchange of HTTP/1.1, as stream 0, or those of HTTP/2.
    private var exchanges: [UInt32: Exchange] = [:]
    private var nextStream: UInt32 = 1
    private var credit = 0
    private var isReading = false
    /// An answer has come over it already.
    private(set) var isUsed = false
    private var failure = HTTPFailure.closed

    init(origin: WebAddress.Origin, owner: Lines) {
        self.origin = origin
        self.isSecure = origin.isSecure
        self.owner = owner
    }

    var isHTTP2: Bool { http2 != nil }

    /// Whether another request may be sent.
    var hasRoom: Bool {
        guard phase == .open else { return false }
        if let http2 { return exchanges.count < http2.streamsAtMost && nextStream < 1 << 30 }
        return exchanges.isEmpty
    }

    // MARK: Requests

    func send(_ get: HTTPGet, number: Int) {
        if http2 != nil {
            HTTP2Reader.request(get.address, acceptsGzip: get.keepsBody, stream: nextStream, &output)
            exchanges[nextStream] = Exchange(number: number, get: get)
            nextStream += 2
        } else {
            output.writeStaticString("GET ")
            output.writeString(get.address.target)
            output.writeStaticString(" HTTP/1.1\r\nHost: ")
            output.writeString(get.address.origin.authority)
            output.writeStaticString("\r\n")
            if get.keepsBody { output.writeStaticString("Accept-Encoding: gzip\r\n") }
            output.writeStaticString("\r\n")
            exchanges[0] = Exchange(number: number, get: get)
        }
        flushUnlessReading()
    }

    func cancel(_ number: Int) {
        guard let stream = exchanges.first(where: { $0.value.number == number })?.key else { return }
        if let exchange = exchanges.removeValue(forKey: stream) { owner?.budget.giveBack(exchange.kept) }
        if http2 != nil {
            HTTP2Reader.cancel(stream, &output)
            flushUnlessReading()
        } else {
            close()
        }
    }

    /// Ends the connection without a word to the owner.
    func abandon() {
        for exchange in exchanges.values { owner?.budget.giveBack(exchange.kept) }
        exchanges = [:]
        owner = nil
        close()
    }

    func close() {
        guard phase != .closed, phase != .closing else { return }
        phase = .closing
        context?.close(promise: nil)
    }

    private func flushUnlessReading() {
        guard !isReading, let context, output.readableBytes > 0 else { return }
        let bytes = output
        output = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive && !isSecure { opened(isHTTP2: false) }
    }

    func channelActive(context: ChannelHandlerContext) {
        if !isSecure { opened(isHTTP2: false) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let name)? = event as? TLSUserEvent { opened(isHTTP2: name == "h2") }
    }

    private func opened(isHTTP2: Bool) {
        guard phase == .opening else { return }
        phase = .open
        if isHTTP2 {
            http2 = HTTP2Reader()
            HTTP2Reader.opening(&output)
        } else {
            http1 = HTTP1Reader()
        }
        isReading = true
        owner?.opened(self)
        isReading = false
        flushUnlessReading()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard phase == .open else { return }
        isReading = true
        if pending.readableBytes == 0 { pending = bytes } else { pending.writeBuffer(&bytes) }
        do throws(HTTPFailure) {
            if http2 != nil { try read2() } else { try read1() }
        } catch {
            failure = error
            close()
        }
        // Whoever reads the socket can use its buffer again once nobody holds it.
        if pending.readableBytes == 0 { pending = ByteBuffer() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flushUnlessReading()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if phase == .opening { failure = isSecure ? .tls : .connect }
        if case .uncleanShutdown? = error as? NIOSSLError {
            // The end of the connection, told or not.
        } else if phase == .open, error is NIOSSLError || error is BoringSSLError {
            failure = .tls
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isReading = false
        if phase == .opening, isSecure { failure = .tls }
        let isWhole = http1 != nil && phase == .open && http1?.failureAtEnd() == nil
        phase = .closed
        let left = exchanges
        exchanges = [:]
        for exchange in left.values.sorted(by: { $0.number < $1.number }) {
            if isWhole, exchange.head != nil {
                owner?.finished(self, exchange, nil)
            } else {
                let told = failure == .closed && exchange.bytes > 0 ? .cutShort : failure
                owner?.finished(self, exchange, told)
            }
        }
        owner?.gone(self, failure)
        owner = nil
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        phase = .closed
    }

    // MARK: Answers

    private func read1() throws(HTTPFailure) {
        while phase == .open, let event = try http1?.next(&pending) {
            switch event {
            case .head(let head):
                guard exchanges[0] != nil else { throw .malformed }
                try take(head, of: 0)
            case .content(let bytes): try take(bytes, of: 0)
            case .end(let isReusable):
                // Nobody has asked for more: the answer is longer than it said.
                guard pending.readableBytes == 0 else { throw .malformed }
                if !isReusable { phase = .closing }
                finish(0)
                if !isReusable { context?.close(promise: nil) }
            }
        }
    }

    private func read2() throws(HTTPFailure) {
        while phase == .open, let event = try http2?.next(&pending) {
            switch event {
            case .settings: HTTP2Reader.acknowledgeSettings(&output)
            case .ping(let opaque): HTTP2Reader.pong(opaque, &output)
            case .head(let stream, let head, let ends):
                try reset(stream) { line throws(HTTPFailure) in try line.take(head, of: stream) }
                if ends { try end(stream) }
            case .content(let stream, let bytes, let taken, let ends):
                giveBack(taken, of: stream, ends: ends)
                try reset(stream) { line throws(HTTPFailure) in try line.take(bytes, of: stream) }
                if ends { try end(stream) }
            case .ended(let stream): try end(stream)
            case .reset(let stream):
                if let exchange = exchanges.removeValue(forKey: stream) {
                    owner?.finished(self, exchange, .reset)
                }
            case .goAway(let last):
                nextStream = 1 << 30
                for (stream, exchange) in exchanges where stream > last {
                    exchanges[stream] = nil
                    owner?.finished(self, exchange, .closed)
                }
                if exchanges.isEmpty { close() }
            case .ignored: break
            }
            guard output.readableBytes < 1 << 20 else { throw .malformed }
        }
    }

    /// A stream that goes wrong is reset, the others go on.
    private func reset(_ stream: UInt32, _ body: (Line) throws(HTTPFailure) -> Void) throws(HTTPFailure) {
        do {
            try body(self)
        } catch {
            guard let exchange = exchanges.removeValue(forKey: stream) else { throw error }
            HTTP2Reader.cancel(stream, &output)
            owner?.finished(self, exchange, error)
        }
    }

    private func giveBack(_ bytes: Int, of stream: UInt32, ends: Bool) {
        credit += bytes
        if credit >= HTTP2Reader.connectionWindow / 2 {
            HTTP2Reader.windowUpdate(0, credit, &output)
            credit = 0
        }
        guard !ends, let index = exchanges.index(forKey: stream) else { return }
        exchanges.values[index].credit += bytes
        if exchanges.values[index].credit >= HTTP2Reader.streamWindow / 2 {
            HTTP2Reader.windowUpdate(stream, exchanges.values[index].credit, &output)
            exchanges.values[index].credit = 0
        }
    }

    private func take(_ head: HTTPHead, of stream: UInt32) throws(HTTPFailure) {
        guard let index = exchanges.index(forKey: stream) else { return }
        try exchanges.values[index].take(head, at: .now)
    }

    private func take(_ bytes: ByteBuffer, of stream: UInt32) throws(HTTPFailure) {
        guard let owner, let index = exchanges.index(forKey: stream) else { return }
        owner.count(bytes.readableBytes)
        try exchanges.values[index].take(bytes, budget: owner.budget)
    }

    /// The end of a stream of HTTP/2.
    private func end(_ stream: UInt32) throws(HTTPFailure) {
        guard let exchange = exchanges[stream] else { return }
        guard exchange.head != nil else { throw .malformed }
        guard let failure = exchange.failureOfLength else { return finish(stream) }
        exchanges[stream] = nil
        owner?.finished(self, exchange, failure)
    }

    private func finish(_ stream: UInt32) {
        guard let exchange = exchanges.removeValue(forKey: stream) else { return }
        isUsed = true
        owner?.finished(self, exchange, nil)
    }
}
