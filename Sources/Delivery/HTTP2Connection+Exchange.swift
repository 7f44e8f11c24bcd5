import HTTPTypes
import NIOCore
import NIOHPACK

extension HTTP2Connection {
    /// Gives a request that is not for media to Hummingbird.
    func beginExchange(_ id: UInt32, _ headers: HPACKHeaders, ends: Bool) {
        guard let context, let head = HTTPRequest(headers) else {
            return reset(id, .protocolError)
        }
        let (body, content) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        let (interest, patron) = AsyncStream<Never>.makeStream()
        var outgoing = HTTP2Stream.Outgoing(
            body: content, interest: patron,
            promised: head.headerFields[.contentLength].flatMap { Int($0) })
        guard !ends || outgoing.receive(ByteBuffer(), ends: true) else { return reset(id, .protocolError) }
        let stream = HTTP2Stream(id, .exchange(outgoing), HTTP2Stream.wish(headers))
        let line = HTTP2Line(self, id, context.channel)
        let exchange = HTTP2Exchange(head: head, body: body, interest: interest, line: line)
        guard desk.house.rest.offer(.exchange(exchange)) else { return reset(id, .refusedStream) }
        streams[id] = stream
    }

    /// Sends the head of Hummingbird's response.
    func send(_ id: UInt32, head: HTTPResponse) throws {
        guard let stream = streams[id], case .exchange(var outgoing) = stream.phase, !outgoing.hasHead else {
            throw ChannelError.ioOnClosedChannel
        }
        outgoing.hasHead = true
        stream.phase = .exchange(outgoing)
        desk.tally.count(.other, status: head.status.code)
        writeHeaders(id, ends: false) { $0.write(head, into: &$1) }
    }

    /// Takes content of Hummingbird's response; the future says when it is on its way.
    func send(_ id: UInt32, content: ByteBuffer) -> EventLoopFuture<Void> {
        let taken = desk.loop.makePromise(of: Void.self)
        guard let stream = streams[id], case .exchange(var outgoing) = stream.phase, outgoing.hasHead,
            !outgoing.isWhole
        else {
            taken.fail(ChannelError.ioOnClosedChannel)
            return taken.futureResult
        }
        if content.readableBytes == 0 {
            taken.succeed(())
        } else {
            desk.tally.bytes += content.readableBytes
            outgoing.pieces.append((content, taken))
            stream.phase = .exchange(outgoing)
            startWriting(stream)
        }
        pump()
        return taken.futureResult
    }

    /// Breaks Hummingbird's response off: half an answer must not look like a whole one.
    func breakOff(_ id: UInt32) {
        guard let stream = streams[id], case .exchange(let outgoing) = stream.phase, !outgoing.isWhole else {
            return
        }
        reset(id, .internalError)
        pump()
    }

    /// Ends Hummingbird's response.
    func finish(_ id: UInt32) {
        guard let stream = streams[id], case .exchange(var outgoing) = stream.phase, !outgoing.isWhole else {
            return
        }
        guard outgoing.hasHead else { return breakOff(id) }
        outgoing.body.finish()
        outgoing.isWhole = true
        stream.phase = .exchange(outgoing)
        startWriting(stream)
        pump()
    }
}

extension HTTPRequest {
    /// Nil where the header block is malformed (RFC 9113, 8.2 and 8.3).
    init?(_ headers: HPACKHeaders) {
        var pseudo: [String: String] = [:]
        var fields = HTTPFields()
        var cookies: [String] = []
        for (name, value, _) in headers {
            if name.utf8.first == UInt8(ascii: ":") {
                // Pseudo-headers come first, once each.
                guard fields.isEmpty, pseudo.updateValue(value, forKey: name) == nil else { return nil }
                continue
            }
            guard !name.utf8.contains(where: { (65...90).contains($0) }), let field = HTTPField.Name(name),
                HTTPField.isValidValue(value)
            else { return nil }
            switch name {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": return nil
            case "te": guard value == "trailers" else { return nil }
            case "cookie": cookies.append(value)
            default: fields.append(HTTPField(name: field, value: value))
            }
        }
        if !cookies.isEmpty { fields[.cookie] = cookies.joined(separator: "; ") }
        guard let method = pseudo[":method"].flatMap({ HTTPRequest.Method(rawValue: $0) }),
            method != .connect,
            let scheme = pseudo[":scheme"], let path = pseudo[":path"], !path.isEmpty,
            path.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }),
            pseudo.keys.allSatisfy({ [":method", ":scheme", ":path", ":authority"].contains($0) })
        else { return nil }
        let host = HTTPField.Name("host").flatMap { fields[$0] }
        self.init(
            method: method, scheme: scheme, authority: pseudo[":authority"] ?? host, path: path,
            headerFields: fields)
    }
}
