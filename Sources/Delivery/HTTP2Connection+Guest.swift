import NIOCore

extension HTTP2Connection: Guest {
    /// Sets what the connection is now patient for.
    func setPatience(afterProgress: Bool) {
        guard !isClosing else { return }
        let limits = desk.house.limits
        let isWritable = context?.channel.isWritable ?? true
        if !writers.isEmpty || !isWritable {
            if afterProgress || patience.deadline == .distantFuture {
                patience.deadline = desk.now + TimeAmount(limits.stalled)
            }
        } else if streams.values.contains(where: \.awaitsInput) {
            patience.deadline = desk.now + TimeAmount(limits.stalled)
        } else if session.count > 0 {
            patience.deadline = .distantFuture
        } else {
            patience.deadline = desk.now + TimeAmount(limits.idle)
        }
    }

    func expired() {
        guard let context else { return }
        if !writers.isEmpty || !context.channel.isWritable {
            desk.tally.slowReaders += 1
            desk.tally.isEmpty = false
            context.channel.closeNow()
        } else if isClosing {
            context.channel.closeNow()
        } else {
            fail(.noError)
        }
    }

    func quiesce() {
        isStopping = true
        session.goAway()
        out.writeGoAway(last: session.lastStream, .noError)
        pump()
    }

    func abort() {
        context?.channel.closeNow()
    }

    /// Says goodbye; who does not answer it in time is closed.
    func hangUp() {
        guard let context, !isClosing else { return }
        isClosing = true
        patience.deadline = desk.now + .seconds(2)
        context.close(promise: nil)
    }
}
