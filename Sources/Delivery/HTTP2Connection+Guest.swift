import NIOCore

extension HTTP2Connection: Guest {
    /// Something waits for the peer to take it, or will when the disk has given it.
    private var hasUnsent: Bool {
        if !writers.isEmpty || !(context?.channel.isWritable ?? true) { return true }
        return streams.values.contains(where: \.isFetching)
    }

    /// Sets what the connection is now patient for.
    func setPatience() {
        guard !isClosing else { return }
        let limits = desk.house.limits
        guard !hasUnsent else {
            // Content alone counts: who only asks for control frames, or takes a byte now and then, could keep a hundred
            // answers in memory for ever.
            if let givenTime, gathered - givenTime < DeliverySettings.Limits.stalledBytes { return }
            givenTime = gathered
            patience.deadline = desk.now + TimeAmount(limits.stalled)
            return
        }
        givenTime = nil
        if streams.values.contains(where: \.awaitsInput) {
            patience.deadline = desk.now + TimeAmount(limits.stalled)
        } else if session.count > 0 {
            patience.deadline = .distantFuture
        } else {
            patience.deadline = desk.now + TimeAmount(limits.idle)
        }
    }

    func expired() {
        guard let context else { return }
        if hasUnsent {
            desk.tally.slowReaders += 1
            desk.tally.isEmpty = false
            context.channel.closeNow()
        } else if isClosing {
            context.channel.closeNow()
        } else {
            fail(.noError)
        }
    }

    /// All that is asked is still answered; the number says that it may be anything (RFC 9113, 6.8).
    func sendAway() {
        guard !isClosing else { return }
        out.writeGoAway(last: UInt32(Int32.max), .noError)
        pump()
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
