import NIOCore

/// Content that lies on disk: read a slice at a time by threads of its own, while the stream waits.
///
/// Bound: `slicesAtMost` streams of a connection have a slice; policy: the others wait for their turn to write, so that
/// what a stalled viewer costs does not grow with its streams.
extension HTTP2Connection {
    /// One is being sent while the next are read.
    private static var slicesAtMost: Int { 3 }

    /// Begins an answer whose content comes from a file: its head is said once the first bytes are here.
    func begin(
        _ shared: SharedAnswer, _ kind: RequestKind, from content: BodyCursor, _ id: UInt32,
        _ wish: Precedence?
    ) {
        let stream = HTTP2Stream(id, .content(content), wish)
        if wish == nil, let own = shared.plan.precedence { stream.precedence = own }
        stream.unsaid = (shared, kind)
        streams[id] = stream
        startWriting(stream)
    }

    /// Whether a stream may have a slice read. One that cannot send what it has, or is less urgent, gives its own back.
    func makeRoom(for stream: HTTP2Stream) -> Bool {
        let holders = streams.values.filter(\.holdsSlice)
        if holders.count < HTTP2Connection.slicesAtMost { return true }
        let idle = holders.first {
            !$0.isFetching
                && (session.room($0.id) == 0 || $0.precedence.urgency > stream.precedence.urgency)
        }
        idle?.letGo()
        return idle != nil
    }

    /// Asks for the next bytes of a stream's content, unless that was done.
    func fetch(_ stream: HTTP2Stream) {
        guard !stream.isFetching, case .content(let cursor) = stream.phase, let wanted = cursor.wanted else {
            return
        }
        stream.isFetching = true
        // No more than the windows take now: a peer that opens them by the byte does not get a slice read for each.
        let range = wanted.range.prefix(max(HTTP2Wire.frame, session.window(stream.id)))
        desk.house.disk.read(wanted.path, range, isFirst: stream.unsaid != nil, on: desk.loop)
            .assumeIsolated().whenComplete { [self] in fetched(stream, $0) }
    }

    private func fetched(_ stream: HTTP2Stream, _ result: Result<ByteBuffer, any Error>) {
        stream.isFetching = false
        guard !isClosing, streams[stream.id] === stream, case .content(var cursor) = stream.phase else {
            return
        }
        switch (result, stream.unsaid) {
        case (.success(let bytes), let answer):
            stream.unsaid = nil
            if let (shared, kind) = answer { writeHead(shared, kind, stream.id, ends: false) }
            cursor.fill(bytes)
            stream.phase = .content(cursor)
            startWriting(stream)
        case (.failure(let fault), (_, let kind)?):
            streams[stream.id] = nil
            write(SharedAnswer(.unread(fault, desk.house.planner.cache)), kind, stream.id)
        case (.failure, nil): reset(stream.id, .internalError)
        }
        if !isReading { pump() }
    }
}
