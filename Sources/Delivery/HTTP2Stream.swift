import DequeModule
import NIOCore
import NIOHPACK

/// A stream of HTTP/2 that is not answered at once: a media request held or half sent, or Hummingbird's.
final class HTTP2Stream {
    enum Phase {
        case held(Waiter)
        /// Media; where the content stands.
        case content(BodyCursor)
        /// Hummingbird's, which hands its content over piece by piece and waits for each.
        case exchange(Outgoing)
        /// Server-sent events.
        case line(HTTP2EventLine)
    }

    struct Outgoing {
        /// Content of the request; bounded by the stream's receive window.
        let body: AsyncThrowingStream<ByteBuffer, any Error>.Continuation
        /// Finished where the stream is gone: its task has nobody to work for.
        let interest: AsyncStream<Never>.Continuation
        /// What the request's Content-Length leaves to come (bytes); nil where it has none.
        var promised: Int?
        var hasInput = true
        var pieces: Deque<(bytes: ByteBuffer, taken: EventLoopPromise<Void>)> = []
        var hasHead = false
        var isWhole = false

        /// Hands content over; false where it is not as long as promised.
        mutating func receive(_ bytes: ByteBuffer, ends: Bool) -> Bool {
            if let left = promised {
                promised = left - bytes.readableBytes
                guard left >= bytes.readableBytes, !ends || left == bytes.readableBytes else { return false }
            }
            // A copy: the frame is a slice of what was read with it, all of which it would keep until it is read.
            if bytes.readableBytes > 0 { body.yield(ByteBuffer(bytes: bytes.readableBytesView)) }
            if ends {
                hasInput = false
                body.finish()
            }
            return true
        }
    }

    /// Whether Hummingbird waits for more of the request.
    var awaitsInput: Bool {
        if case .exchange(let outgoing) = phase { outgoing.hasInput } else { false }
    }

    let id: UInt32
    var phase: Phase
    /// In the connection's list of those who have content to send.
    var isWriting = false
    /// An answer whose first bytes are being read from the disk.
    var unsaid: (shared: SharedAnswer, kind: RequestKind)?
    var isFetching = false

    /// What the request said of its precedence, where it said anything.
    var wish: Precedence?
    var precedence: Precedence

    init(_ id: UInt32, _ phase: Phase, _ wish: Precedence? = nil) {
        self.id = id
        self.phase = phase
        self.wish = wish
        self.precedence = wish ?? Precedence()
    }

    /// What a request says of its precedence.
    static func wish(_ headers: HPACKHeaders) -> Precedence? {
        for (name, value, _) in headers where name == "priority" { return Precedence(value.utf8.span) }
        return nil
    }

    /// Whether there is content to send, or an end to tell.
    var hasContent: Bool {
        switch phase {
        case .held: false
        case .content: true
        case .exchange(let outgoing): !outgoing.pieces.isEmpty || outgoing.isWhole
        case .line(let line): line.hasContent
        }
    }

    /// Its next bytes have to be read from the disk first.
    var wantsDisk: Bool {
        if case .content(let cursor) = phase { cursor.wanted != nil } else { false }
    }

    /// Bytes of a file are in memory for it, or on their way.
    var holdsSlice: Bool {
        if case .content(let cursor) = phase { isFetching || cursor.holdsSlice } else { isFetching }
    }

    /// Gives the bytes of a file back that it cannot send now.
    func letGo() {
        guard case .content(var cursor) = phase else { return }
        cursor.letGo()
        phase = .content(cursor)
    }

    /// The next bytes to send, at most so many, and whether they are the last.
    func take(atMost count: Int) -> (bytes: ByteBuffer?, isLast: Bool) {
        switch phase {
        case .held: return (nil, false)
        case .content(var cursor):
            let bytes = cursor.next(atMost: count)
            phase = .content(cursor)
            return (bytes, cursor.remaining == 0)
        case .exchange(var outgoing):
            guard var piece = outgoing.pieces.popFirst() else { return (nil, outgoing.isWhole) }
            let bytes = piece.bytes.readSlice(length: min(count, piece.bytes.readableBytes))
            if piece.bytes.readableBytes > 0 { outgoing.pieces.prepend(piece) }
            phase = .exchange(outgoing)
            if piece.bytes.readableBytes == 0 { piece.taken.succeed(()) }
            return (bytes, outgoing.isWhole && outgoing.pieces.isEmpty)
        case .line(let line): return line.take(atMost: count)
        }
    }

    /// The stream is gone: nobody waits for it any longer.
    func abandon(_ desk: Desk) {
        switch phase {
        case .held(let waiter): desk.leave(waiter)
        case .content: phase = .content(BodyCursor(.none))
        case .exchange(let outgoing):
            outgoing.interest.finish()
            outgoing.body.finish(throwing: ChannelError.ioOnClosedChannel)
            for piece in outgoing.pieces { piece.taken.fail(ChannelError.ioOnClosedChannel) }
            phase = .exchange(Outgoing(body: outgoing.body, interest: outgoing.interest))
        case .line(let line): line.gone()
        }
    }
}
