import NIOCore

extension HTTP2Connection: WaitingViewer {
    func answer(_ waiter: Waiter, with shared: SharedAnswer) {
        let id = UInt32(waiter.stream)
        guard case .held(let mine)? = streams[id]?.phase, mine === waiter else { return }
        streams[id] = nil
        write(shared, waiter.request.kind, id)
    }

    func flushAnswers() {
        if !isReading { pump() }
    }

    func write(_ shared: SharedAnswer, _ kind: RequestKind, _ id: UInt32) {
        let length = shared.plan.body.length
        var cursor = BodyCursor(shared.plan.body)
        if cursor.wanted != nil { return begin(shared, kind, from: cursor, id) }
        writeHead(shared, kind, id, ends: length == 0)
        if length == 0 { return finished(id) }
        if length <= SharedAnswer.joined, length <= session.room(id),
            out.readableBytes < HTTP2Connection.turn, context?.channel.isWritable ?? false
        {
            while let bytes = cursor.next() { writeData(id, bytes, ends: cursor.remaining == 0) }
            finished(id)
        } else {
            let stream = HTTP2Stream(id, .content(cursor))
            streams[id] = stream
            startWriting(stream)
        }
    }

    func writeHead(_ shared: SharedAnswer, _ kind: RequestKind, _ id: UInt32, ends: Bool) {
        desk.tally.count(kind, status: shared.plan.status.rawValue)
        desk.tally.bytes += shared.plan.body.length
        writeHeaders(id, ends: ends) { $0.write(shared.plan, date: desk.date, into: &$1) }
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

    func splitHeaders(_ id: UInt32, at start: Int, ends: Bool) {
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

    func writeData(_ id: UInt32, _ bytes: ByteBuffer, ends: Bool) {
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

    func flush() {
        guard let context, out.readableBytes > 0 else { return }
        let bytes = out
        out = context.channel.allocator.buffer(capacity: writers.isEmpty ? 1024 : HTTP2Connection.turn + 1024)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Gathers content of those who write, a frame of each in turn; false where there is no room for any.
    func fill() -> Bool {
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
            if stream.wantsDisk {
                stream.isWriting = false
                writers.remove(at: index)
                fetch(stream)
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
    func isEmptyEnd(_ stream: HTTP2Stream) -> Bool {
        if case .exchange(let outgoing) = stream.phase {
            outgoing.pieces.isEmpty && outgoing.isWhole
        } else {
            false
        }
    }
}
