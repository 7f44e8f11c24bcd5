// In: the frames of one HTTP/2 connection. Out: HEADERS and DATA of media answers, written here; the frames of every
// other stream go on to the multiplexer behind and through it to Hummingbird.
// Bounds: 64 KiB of a stream and 256 KiB of the connection are in flight; flow control is NIOHTTP2Handler's.
// A reader that stalls is closed by `patience`; a stream that is reset or closed leaves the waiting room.

import NIOCore
import NIOHPACK
import NIOHTTP2

final class HTTP2Connection: ChannelDuplexHandler, Guest, WaitingViewer {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    let patience: Patience
    private let desk: Desk
    private let viewerKey: UInt64
    private var context: ChannelHandlerContext?
    private var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    /// Streams with content to send, in turns.
    private var writers: [HTTP2Stream] = []
    /// Answered streams whose request still sends content that is not read.
    private var unwanted: [HTTP2Stream] = []
    private var inFlight = 0
    /// Answered streams that the peer has not read to the end.
    private var unread = 0
    private var isPumping = false
    private var isReading = false
    private var needsFlush = false
    private var isStopping = false
    private var isClosing = false
    /// Streams of the multiplexer.
    private var others = 0

    private static let inFlightAtMost = 4 * BodyCursor.slice

    init(desk: Desk) {
        self.desk = desk
        self.viewerKey = desk.house.newViewerKey()
        self.patience = Patience(until: desk.now + TimeAmount(desk.house.limits.headDeadline))
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { desk.guests.enter(self) }
    }

    func channelActive(context: ChannelHandlerContext) {
        desk.guests.enter(self)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        gone()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        gone()
        self.context = nil
    }

    private func gone() {
        for stream in streams.values {
            if case .held(let waiter) = stream.phase { desk.leave(waiter) }
        }
        streams = [:]
        writers = []
        desk.guests.leave(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        isReading = true
        guard frame.streamID != .rootStream else {
            if unread == 0, streams.isEmpty, others == 0 { restInPeace() }
            context.fireChannelRead(data)
            return
        }
        if streams[frame.streamID] != nil {
            // The rest of a media request: content or trailers, of no interest. A reset closes the stream.
            return
        }
        if case .headers(let headers) = frame.payload, begin(frame.streamID, headers, context) { return }
        if case .headers = frame.payload {
            others += 1
            patience.deadline = .distantFuture
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        pump(context)
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { pump(context) }
        if unread == 0 { rest(afterProgress: false) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let closed as StreamClosedEvent:
            if let stream = streams.removeValue(forKey: closed.streamID) {
                ended(stream)
            } else {
                others = max(0, others - 1)
                rest(afterProgress: true)
                context.fireUserInboundEventTriggered(event)
            }
            closeIfDone(context)
        case let window as NIOHTTP2WindowUpdatedEvent where window.streamID != .rootStream:
            if streams[window.streamID] == nil { context.fireUserInboundEventTriggered(event) }
        case ChannelEvent.inputClosed: context.channel.closeNow()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A stream's error ends the stream only; NIOHTTP2Handler has reset it.
        if error is NIOHTTP2Errors.StreamError {
            context.fireErrorCaught(error)
        } else {
            context.close(promise: nil)
        }
    }

    // MARK: Requests

    /// False where the request is not for media.
    private func begin(
        _ id: HTTP2StreamID, _ headers: HTTP2Frame.FramePayload.Headers, _ context: ChannelHandlerContext
    ) -> Bool {
        guard let request = MediaRequest(headers.headers) else { return false }
        let stream = HTTP2Stream(id: id, hasInput: !headers.endStream)
        streams[id] = stream
        let key = viewerKey
        switch desk.decide(request, viewer: self, key: key, stream: Int(id)) {
        case .held(let waiter):
            stream.phase = .held(waiter)
            rest(afterProgress: false)
        case .answer(let shared): write(shared, request.kind, stream, context)
        }
        return true
    }

    // MARK: Answers

    func answer(_ waiter: Waiter, with shared: SharedAnswer) {
        guard let context, let stream = streams[HTTP2StreamID(waiter.stream)],
            case .held(let mine) = stream.phase, mine === waiter
        else { return }
        write(shared, waiter.request.kind, stream, context)
    }

    func flushAnswers() {
        guard let context, !isReading else { return }
        pump(context)
    }

    private func write(
        _ shared: SharedAnswer, _ kind: RequestKind, _ stream: HTTP2Stream, _ context: ChannelHandlerContext
    ) {
        let plan = shared.plan
        desk.tally.count(kind, status: plan.status.rawValue)
        desk.tally.bytes += plan.body.length
        stream.phase = .answered
        stream.cursor = BodyCursor(plan.body)
        unread += 1
        rest(afterProgress: true)
        needsFlush = true
        let isWhole = stream.cursor.remaining == 0
        let head = HTTP2Frame.FramePayload.Headers(
            headers: shared.http2(date: desk.date), endStream: isWhole)
        context.write(frame(stream, .headers(head)), promise: nil)
        if isWhole {
            written(stream, context)
        } else if stream.cursor.remaining <= SharedAnswer.joined, let bytes = stream.cursor.next(),
            stream.cursor.remaining == 0
        {
            context.write(
                frame(stream, .data(.init(data: .byteBuffer(bytes), endStream: true))), promise: nil)
            written(stream, context)
        } else {
            // A small answer cut in two is sent as a large one.
            if stream.cursor.remaining < plan.body.length { stream.cursor = BodyCursor(plan.body) }
            writers.append(stream)
        }
    }

    private func frame(_ stream: HTTP2Stream, _ payload: HTTP2Frame.FramePayload) -> NIOAny {
        wrapOutboundOut(HTTP2Frame(streamID: stream.id, payload: payload))
    }

    /// The end of the answer is handed down. A request whose content is not wanted is told so.
    private func written(_ stream: HTTP2Stream, _ context: ChannelHandlerContext) {
        guard stream.hasInput, streams[stream.id] === stream else { return }
        stream.hasInput = false
        // Not before the answer has been flushed: a reset throws away what is buffered.
        unwanted.append(stream)
    }

    private func resetUnwanted(_ context: ChannelHandlerContext) {
        guard !unwanted.isEmpty else { return }
        for stream in unwanted where streams[stream.id] === stream {
            context.write(frame(stream, .rstStream(.noError)), promise: nil)
        }
        unwanted = []
        context.flush()
    }

    /// Sends content in turns, for as long as there is room, and flushes.
    private func pump(_ context: ChannelHandlerContext) {
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        var wrote = needsFlush
        repeat {
            if wrote || needsFlush {
                needsFlush = false
                context.flush()
                resetUnwanted(context)
            }
            wrote = false
            guard context.channel.isWritable else { return }
            var index = 0
            while index < writers.count, inFlight < HTTP2Connection.inFlightAtMost {
                let stream = writers[index]
                if stream.inFlight > 0 {
                    index += 1
                    continue
                }
                if sendSlice(stream, context) { wrote = true }
                if stream.cursor.remaining == 0 { writers.removeAll { $0 === stream } } else { index += 1 }
            }
        } while wrote
    }

    private func sendSlice(_ stream: HTTP2Stream, _ context: ChannelHandlerContext) -> Bool {
        guard streams[stream.id] === stream, let slice = stream.cursor.next() else {
            stream.cursor = BodyCursor(.none)
            return false
        }
        let count = slice.readableBytes
        let isLast = stream.cursor.remaining == 0
        stream.inFlight += count
        inFlight += count
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] result in
            stream.inFlight -= count
            self?.sent(count, result)
        }
        context.write(
            frame(stream, .data(.init(data: .byteBuffer(slice), endStream: isLast))), promise: promise)
        if isLast { written(stream, context) }
        return true
    }

    private func sent(_ count: Int, _ result: Result<Void, any Error>) {
        inFlight -= count
        guard let context, case .success = result else { return }
        rest(afterProgress: true)
        if !isPumping, !writers.isEmpty { pump(context) }
    }

    private func ended(_ stream: HTTP2Stream) {
        switch stream.phase {
        case .held(let waiter): desk.leave(waiter)
        case .answered: unread -= 1
        }
        if stream.cursor.remaining > 0 {
            stream.cursor = BodyCursor(.none)
            writers.removeAll { $0 === stream }
        }
        rest(afterProgress: true)
    }

    // MARK: The clock and the end

    /// Sets what the connection is now patient for.
    private func rest(afterProgress: Bool) {
        guard !isClosing else { return }
        if unread > 0 {
            if afterProgress { patience.deadline = desk.now + TimeAmount(desk.house.limits.stalled) }
        } else if !streams.isEmpty || others > 0 {
            let isWritable = context?.channel.isWritable ?? true
            patience.deadline =
                isWritable ? .distantFuture : desk.now + TimeAmount(desk.house.limits.stalled)
        } else {
            restInPeace()
        }
    }

    private func restInPeace() {
        patience.deadline = desk.now + TimeAmount(desk.house.limits.idle)
    }

    func expired() {
        guard let context else { return }
        if unread > 0 {
            desk.tally.slowReaders += 1
            desk.tally.isEmpty = false
            context.channel.closeNow()
        } else {
            goAway(context)
            hangUp(context)
        }
    }

    /// Says goodbye; who does not answer it in time is closed.
    private func hangUp(_ context: ChannelHandlerContext) {
        guard !isClosing else { return context.channel.closeNow() }
        isClosing = true
        patience.deadline = desk.now + .seconds(2)
        context.close(promise: nil)
    }

    func quiesce() {
        guard let context else { return }
        isStopping = true
        goAway(context)
        closeIfDone(context)
    }

    func abort() {
        context?.channel.closeNow()
    }

    private func goAway(_ context: ChannelHandlerContext) {
        let payload = HTTP2Frame.FramePayload.goAway(
            lastStreamID: .maxID, errorCode: .noError, opaqueData: nil)
        context.writeAndFlush(
            wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)), promise: nil)
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        if isStopping, !isClosing, streams.isEmpty, others == 0 { hangUp(context) }
    }
}
