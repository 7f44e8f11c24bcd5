import HTTPTypes
import NIOCore

extension HTTP1Connection {
    /// Makes the connection a line where the request is for one; false where another part of the server answers.
    func openLine(_ head: RequestHead, _ context: ChannelHandlerContext) -> Bool {
        guard let host = desk.house.lines, head.method == .get else { return false }
        let read = pending
        let bytes = read.readableBytesUInt8Span
        let target = bytes.text(head.target)
        guard let kind = host.kind(of: target) else { return false }
        let headers = head.allFields(in: bytes)
        let origin = desk.house.door.origin(of: headers, peer: peer)
        let request = LineRequest(
            kind: kind, target: target, authority: HTTPField.Name("host").flatMap { headers[$0] },
            headers: headers,
            origin: origin, isSecure: isSecure || origin.scheme == "https")
        pending.moveReaderIndex(forwardBy: head.length)
        do throws(LineRefusal) {
            guard head.bodyLength == 0, !head.isChunked else {
                throw .badRequest("This request has no content.")
            }
            switch kind {
            case .socket:
                guard !head.isOld else { throw .upgrade("WebSocket needs HTTP/1.1.") }
                let handshake = try WebSocketHandshake(headers, protocols: host.protocols)
                let admission = try desk.admit(request)
                desk.tally.count(.other, status: 101)
                handOver(context) { [desk] rest in
                    WebSocketConnection(
                        desk: desk, admission: admission, isSecure: isSecure, head: handshake.head(),
                        input: rest)
                }
            case .events:
                let admission = try desk.admit(request)
                desk.tally.count(.other, status: 200)
                handOver(context) { [desk] _ in EventConnection(desk: desk, admission: admission) }
            }
        } catch {
            refuse(error, context)
        }
        return true
    }

    /// Puts `successor` in front: from here on nothing comes to this handler but the end. Where Hummingbird has not been
    /// asked in there is nothing left for it to do.
    private func handOver<Successor: ChannelDuplexHandler>(
        _ context: ChannelHandlerContext, _ successor: (ByteBuffer) -> Successor
    ) {
        let rest = pending
        let pipeline = context.pipeline.syncOperations
        let wasHeld = readHeld
        gone()
        do {
            try pipeline.addHandler(successor(rest), position: .before(self))
            if restEnd == nil { pipeline.removeHandler(self, promise: nil) }
            if wasHeld { context.channel.read() }
        } catch {
            context.channel.closeNow()
        }
    }

    private func refuse(_ refusal: LineRefusal, _ context: ChannelHandlerContext) {
        let document = refusal.document
        desk.tally.count(.other, status: refusal.code)
        var head = context.channel.allocator.buffer(capacity: 512)
        head.writeString("HTTP/1.1 \(refusal.code) \(refusal.title)\r\nDate: \(desk.date)\r\n")
        head.writeString(
            "Content-Type: application/problem+json\r\nContent-Length: \(document.readableBytes)\r\n")
        head.writeStaticString("Cache-Control: no-store\r\n")
        for (name, value) in refusal.fields where name != "connection" {
            head.writeString("\(name): \(value)\r\n")
        }
        head.writeString("Connection: \(refusal.fields["connection"].map { "\($0), " } ?? "")close\r\n\r\n")
        head.writeImmutableBuffer(document)
        context.write(wrapOutboundOut(head), promise: nil)
        finish(context)
    }
}

extension RequestHead {
    /// All fields of the head that was read from these bytes.
    func allFields(in bytes: Span<UInt8>) -> HTTPFields {
        var fields = HTTPFields()
        var at = target.upperBound
        while at < length, bytes[at] != 0x0a { at += 1 }
        at += 1
        while at + 1 < length {
            var end = at
            while end + 1 < length, bytes[end] != 0x0d { end += 1 }
            var colon = at
            while colon < end, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
            if colon < end, let name = HTTPField.Name(bytes.text(at..<colon)) {
                fields.append(HTTPField(name: name, value: bytes.text(bytes.trimmed(colon + 1..<end))))
            }
            at = end + 2
        }
        return fields
    }
}
