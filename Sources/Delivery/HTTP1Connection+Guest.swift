import NIOCore

extension HTTP1Connection: Guest {
    func expired() {
        guard let context else { return }
        switch phase {
        case .content:
            desk.tally.slowReaders += 1
            desk.tally.isEmpty = false
            context.channel.closeNow()
        case .head: hangUp(context)
        default: context.channel.closeNow()
        }
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
