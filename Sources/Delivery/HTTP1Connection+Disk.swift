import NIOCore

/// Content that lies on disk: read a slice at a time by threads of its own, while the connection waits.
extension HTTP1Connection {
    /// Begins an answer whose content comes from a file: its head is said once the first bytes are here, so that a file
    /// that cannot be read is a problem, not half an answer.
    func begin(
        _ shared: SharedAnswer, _ kind: RequestKind, from content: BodyCursor,
        _ context: ChannelHandlerContext
    ) {
        cursor = content
        unsaid = (shared, kind)
        phase = .content
        fetch(context)
    }

    /// Asks for the next bytes of the content, unless that was done.
    func fetch(_ context: ChannelHandlerContext) {
        guard !isFetching, let wanted = cursor.wanted else { return }
        isFetching = true
        awaitReader(context)
        desk.house.disk.read(wanted.path, wanted.range, isFirst: unsaid != nil, on: context.eventLoop)
            .assumeIsolated().whenComplete { [self] in fetched($0) }
    }

    private func fetched(_ result: Result<ByteBuffer, any Error>) {
        isFetching = false
        guard let context, case .content = phase else { return }
        switch (result, unsaid) {
        case (.success(let bytes), let answer):
            unsaid = nil
            if let (shared, kind) = answer { writeHead(shared, kind, context) }
            cursor.fill(bytes)
            pump(context)
        case (.failure(let fault), (_, let kind)?):
            unsaid = nil
            cursor = BodyCursor(.none)
            write(SharedAnswer(.unread(fault, desk.house.planner.cache)), kind, context)
        case (.failure, nil):
            context.channel.closeNow()
            return
        }
        advance(context)
        resumeReading(context)
        flushUnlessReading(context)
    }
}

extension ResponsePlan {
    /// What is answered where a file could not be read.
    static func unread(_ fault: any Error, _ cache: CachePolicy) -> ResponsePlan {
        if case DiskReads.Fault.missing = fault {
            return .problem(.notFound, "There is nothing at this address any more.", cache)
        }
        return .problem(.unavailable, "The disk is too slow just now.", cache)
    }
}
