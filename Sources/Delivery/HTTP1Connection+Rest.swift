import NIOCore
import Synchronization

extension HTTP1Connection {
    func openRest(_ head: RequestHead, _ context: ChannelHandlerContext) {
        guard restEnd == nil else {
            sendToRest(head, context)
            return
        }
        phase = .openingRest(head)
        patience.deadline = .distantFuture
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let conversation = RestConversation(channel: context.channel) { try bound.value.installRest() }
        if !desk.house.rest.offer(.conversation(conversation)) {
            refuse(.unavailable, "The server is stopping.", context)
        }
    }

    /// Puts the codec and Hummingbird's end behind this handler, and sends the request that waits.
    func installRest() throws -> RestConversation.Parts {
        guard let context, case .openingRest(let head) = phase else { throw ChannelError.ioOnClosedChannel }
        let end = RestEnd(self, desk: desk)
        let parts = try RestConversation.install(end, isSecure: isSecure, context.channel)
        restEnd = end
        sendToRest(head, context)
        advance(context)
        // What came while Hummingbird was asked in filled up `pending`, and reading stopped.
        resumeReading(context)
        if inputEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        return parts
    }

    func sendToRest(_ head: RequestHead, _ context: ChannelHandlerContext) {
        patience.deadline = .distantFuture
        restEnd?.begin()
        if !head.keepsAlive || head.isOpenEnded || isLeaving {
            restEnd?.closesAfter = true
        }
        phase = head.isOpenEnded ? .tunnel : .rest(left: head.length + head.bodyLength)
    }

    /// Some of the content of the request that Hummingbird has is still to come.
    var owesContent: Bool {
        if case .rest(let left) = phase { left > 0 } else { false }
    }

    /// Hummingbird's answer is written; `closes` where it was the connection's last.
    func restAnswered(closes: Bool) {
        guard let context else { return }
        needsFlush = true
        if closes {
            finish(context)
        } else if case .rest(left: 0) = phase {
            phase = .head
            awaitHead(context)
            if inputEnded && pending.readableBytes == 0 { finish(context) } else { advance(context) }
            resumeReading(context)
            flushUnlessReading(context)
        } else if case .rest = phase {
            // Answered before the request was read to its end: the answer says all there is to say.
            finish(context)
        }
    }
}
