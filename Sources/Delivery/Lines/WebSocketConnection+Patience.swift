import NIOCore

/// How long a peer may be silent, and a reader slow.
extension WebSocketConnection: Guest {
    /// The peer is there, and may be silent for a while.
    func awaitPeer() {
        guard phase == .open, isSettled else { return }
        patience.deadline = isAsked ? patience.deadline : lastHeard + TimeAmount(desk.lineLimits.ping)
    }

    /// The peer is to take some of what waits for it.
    func awaitReader() {
        leftWaiting = unwritten
        patience.deadline = desk.now + TimeAmount(desk.lineLimits.stalled)
    }

    var unwritten: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func expired() {
        guard let context else { return }
        guard phase == .open else { return context.channel.closeNow() }
        if !context.channel.isWritable {
            if unwritten < leftWaiting { return awaitReader() }
            end(.stalled)
            desk.tally.slowReaders += 1
            context.channel.closeNow()
        } else if !isSettled {
            shut(.policy, "nobody said who they are", as: .policy)
        } else if isAsked {
            end(.silent)
            context.channel.closeNow()
        } else if lastHeard + TimeAmount(desk.lineLimits.ping) > desk.now {
            awaitPeer()
        } else {
            isAsked = true
            patience.deadline = desk.now + TimeAmount(desk.lineLimits.pong)
            send(.ping, ByteBuffer())
        }
    }

    func sendAway() {
        guard phase == .open else { return }
        if let last = admission.guest.farewell() { write(last) }
        shut(.goingAway, "the server stops", as: .stopping)
    }

    func quiesce() { sendAway() }

    func abort() { context?.channel.closeNow() }
}
