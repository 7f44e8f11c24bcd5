import NIOCore

/// Content that lies on disk: read a slice at a time by threads of its own, while the stream waits.
extension HTTP2Connection {
    /// Begins an answer whose content comes from a file: its head is said once the first bytes are here.
    func begin(
        _ shared: SharedAnswer, _ kind: RequestKind, from content: BodyCursor, _ id: UInt32,
        _ wish: Precedence?
    ) {
        let stream = HTTP2Stream(id, .content(content), wish)
        if wish == nil, let own = shared.plan.precedence { stream.precedence = own }
        stream.unsaid = (shared, kind)
        streams[id] = stream
        fetch(stream)
    }

    /// Asks for the next bytes of a stream's content, unless that was done.
    func fetch(_ stream: HTTP2Stream) {
        guard !stream.isFetching, case .content(let cursor) = stream.phase, let wanted = cursor.wanted else {
            return
        }
        stream.isFetching = true
        desk.house.disk.read(wanted.path, wanted.range, isFirst: stream.unsaid != nil, on: desk.loop)
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
