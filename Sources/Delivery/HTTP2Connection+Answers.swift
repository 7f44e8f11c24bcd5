import NIOCore

extension HTTP2Connection: WaitingViewer {
    func answer(_ waiter: Waiter, with shared: SharedAnswer) {
        let id = UInt32(waiter.stream)
        guard let stream = streams[id], case .held(let mine) = stream.phase, mine === waiter else { return }
        streams[id] = nil
        write(shared, waiter.request.kind, id, stream.wish)
    }

    func flushAnswers() {
        if !isReading { pump() }
    }

    /// `wish` is what the request said of its precedence.
    func write(_ shared: SharedAnswer, _ kind: RequestKind, _ id: UInt32, _ wish: Precedence? = nil) {
        let plan = shared.plan
        let length = plan.body.length
        var cursor = BodyCursor(plan.body)
        if cursor.wanted != nil { return begin(shared, kind, from: cursor, id, wish) }
        writeHead(shared, kind, id, ends: length == 0)
        if length == 0 { return finished(id) }
        if length <= SharedAnswer.joined, length <= session.room(id),
            out.readableBytes < turn, context?.channel.isWritable ?? false
        {
            while let bytes = cursor.next() { writeData(id, bytes, ends: cursor.remaining == 0) }
            finished(id)
        } else {
            let stream = HTTP2Stream(id, .content(cursor), wish)
            if wish == nil, let own = plan.precedence { stream.precedence = own }
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
        gathered += count
        session.sent(id, bytes: count, ends: ends)
    }

    /// The answer's end is written. A request that goes on regardless is told that it is not read.
    func finished(_ id: UInt32) {
        if case .line(let line) = streams[id]?.phase { line.gone() }
        streams[id] = nil
        if session.isOpen(id) {
            out.writeReset(id, .noError)
            session.close(id)
        }
    }

    func startWriting(_ stream: HTTP2Stream) {
        guard !stream.isWriting else { return }
        stream.isWriting = true
        enqueue(stream)
    }

    /// Behind all that are as urgent as it is.
    private func enqueue(_ stream: HTTP2Stream) {
        let urgency = stream.precedence.urgency
        let place = writers.firstIndex { $0.precedence.urgency > urgency } ?? writers.count
        writers.insert(stream, at: place)
    }

    /// The peer has changed its mind about a stream.
    func reorder(_ id: UInt32, _ precedence: Precedence) {
        guard let stream = streams[id] else { return }
        stream.wish = precedence
        stream.precedence = precedence
        guard let place = writers.firstIndex(where: { $0 === stream }) else { return }
        writers.remove(at: place)
        enqueue(stream)
    }

    /// Sends what there is, in turns, for as long as the socket and the windows have room.
    func pump() {
        guard let context, !isPumping else { return }
        isPumping = true
        defer {
            isPumping = false
            if isStopping, session.count == 0 { hangUp() }
        }
        flush()
        while context.channel.isWritable, fill() { flush() }
        setPatience()
    }

    func flush() {
        let credit = session.connectionUpdateDue()
        if credit > 0 { out.writeWindowUpdate(0, credit) }
        guard let context, out.readableBytes > 0 else { return }
        let bytes = out
        out = context.channel.allocator.buffer(capacity: writers.isEmpty ? 1024 : turn + 1024)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Gathers content of the most urgent of those who write and have room; equals that are useful in pieces take
    /// turns, a frame each. False where there is no room for any.
    func fill() -> Bool {
        while out.readableBytes < turn, let place = nextWriter() {
            let stream = writers[place]
            if stream.wantsDisk {
                stream.isWriting = false
                writers.remove(at: place)
                fetch(stream)
                continue
            }
            let (bytes, isLast) = stream.take(atMost: session.room(stream.id))
            if bytes != nil || isLast { writeData(stream.id, bytes ?? ByteBuffer(), ends: isLast) }
            if isLast || !stream.hasContent {
                stream.isWriting = false
                writers.remove(at: place)
                if isLast { finished(stream.id) }
            } else if stream.precedence.isIncremental {
                writers.remove(at: place)
                enqueue(stream)
            }
        }
        return out.readableBytes > 0
    }

    /// The first who has room in the windows, and bytes to send or a place for some.
    private func nextWriter() -> Int? {
        var isFull = false
        return writers.firstIndex { stream in
            guard session.room(stream.id) > 0 else { return isEmptyEnd(stream) }
            guard stream.wantsDisk else { return true }
            if !isFull { isFull = !makeRoom(for: stream) }
            return !isFull
        }
    }

    /// An end without bytes needs no window.
    func isEmptyEnd(_ stream: HTTP2Stream) -> Bool {
        switch stream.phase {
        case .exchange(let outgoing): outgoing.pieces.isEmpty && outgoing.isWhole
        case .line(let line): line.isEmptyEnd
        default: false
        }
    }
}
