import NIOCore

extension HTTP1Connection: Guest {
    func expired() {
        guard let context else { return }
        switch phase {
        case .content: endStalled(context)
        case .head: if context.channel.isWritable { hangUp(context) } else { endStalled(context) }
        case .closing: if isWrittenOut { context.channel.closeNow() } else { endStalled(context) }
        default: context.channel.closeNow()
        }
    }

    /// Closes a reader that stands still; one that goes on, however slowly, gets more time.
    private func endStalled(_ context: ChannelHandlerContext) {
        if leftWaiting - unwritten(context) >= DeliverySettings.Limits.stalledBytes {
            return awaitReader(context)
        }
        desk.tally.slowReaders += 1
        desk.tally.isEmpty = false
        context.channel.closeNow()
    }

    func quiesce() {
        guard let context else { return }
        switch phase {
        case .head: hangUp(context)
        case .content: keepsAlive = false
        case .rest, .tunnel: restEnd?.closesAfter = true
        case .held, .openingRest, .closing: break
        }
    }

    func abort() {
        context?.channel.closeNow()
    }
}
