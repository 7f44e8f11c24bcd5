package import Media

/// When a target is called, given up and called again. Pure: time comes with each call.
///
/// It is called once there is something to send, and called again after a failure, later each time, with the next IDR
/// picture. While nothing is on air the connection is kept for a while, then ended in order: servers drop publishers that
/// are silent, and the target is called anew when the feed is back.
package struct RelayLink: Sendable {
    package struct Policy: Sendable, Hashable {
        /// From the call to "publish".
        package var patience = Duration.seconds(15)
        /// Without a byte taken for so long, the target has stalled.
        package var stall = Duration.seconds(10)
        /// How long a connection is kept with nothing to send.
        package var silence = Duration.seconds(20)
        /// The first pause after a failure; each further one is twice as long.
        package var pause = Duration.seconds(1)
        package var longestPause = Duration.seconds(60)
        /// A connection that held for so long was good: what fails afterwards begins anew.
        package var settled = Duration.seconds(30)

        package init() {}
    }

    package enum Phase: Sendable, Hashable {
        /// Nothing to send.
        case idle
        case connecting(since: MonotonicTime)
        case open(since: MonotonicTime)
        case waiting(until: MonotonicTime)
    }

    package enum Action: Sendable, Hashable {
        /// Open a connection of this number.
        case connect(Int)
        /// Give the connection up.
        case close
        /// Say goodbye first.
        case finish
    }

    private let policy: Policy
    package private(set) var phase = Phase.idle
    /// Counts the connections; what is heard of an older one is not heard.
    package private(set) var number = 0
    /// Why the last connection failed; nil once one stands.
    package private(set) var trouble: RelayTrouble?
    private var failures = 0
    private var lastMedia: MonotonicTime?

    package init(policy: Policy = Policy()) {
        self.policy = policy
    }

    /// Media is wanted: there is a connection, or soon will be.
    package var takesMedia: Bool {
        switch phase {
        case .connecting, .open: true
        case .idle, .waiting: false
        }
    }

    package var isOpen: Bool { if case .open = phase { true } else { false } }

    /// Something is on air; `isStart` for an IDR picture, with which a connection may begin.
    package mutating func media(isStart: Bool, now: MonotonicTime) -> Action? {
        lastMedia = now
        guard isStart else { return nil }
        switch phase {
        case .idle: break
        case .waiting(let until): if now < until { return nil }
        case .connecting, .open: return nil
        }
        number += 1
        phase = .connecting(since: now)
        return .connect(number)
    }

    /// Connection `number` takes media.
    package mutating func opened(_ number: Int, now: MonotonicTime) {
        guard number == self.number, case .connecting = phase else { return }
        phase = .open(since: now)
        trouble = nil
    }

    /// Connection `number` is gone; false where that was known. `chance`, 0 to 1, spreads the calls of many.
    @discardableResult
    package mutating func lost(
        _ number: Int, _ trouble: RelayTrouble, now: MonotonicTime, chance: Double
    ) -> Bool {
        guard number == self.number, takesMedia else { return false }
        if case .open(let since) = phase {
            if now - since > policy.settled { failures = 0 }
            // With nothing to send, its end is no failure.
            if isSilent(for: .seconds(5), now: now) {
                phase = .idle
                return true
            }
        }
        self.trouble = trouble
        let doubled = policy.pause * (1 << min(failures, 16))
        let pause = min(doubled, policy.longestPause) * (0.8 + 0.4 * min(max(chance, 0), 1))
        failures += 1
        phase = .waiting(until: now + pause)
        return true
    }

    /// What is due. `stuckSince`: since when a write has not been taken; nil where none waits.
    package mutating func tick(now: MonotonicTime, stuckSince: MonotonicTime?, chance: Double) -> Action? {
        switch phase {
        case .connecting(let since) where now - since > policy.patience:
            lost(number, .silent, now: now, chance: chance)
            return .close
        case .open:
            if let stuckSince, now - stuckSince > policy.stall {
                lost(number, .stalled, now: now, chance: chance)
                return .close
            }
            guard isSilent(for: policy.silence, now: now) else { return nil }
            return end()
        case .idle, .connecting, .waiting: return nil
        }
    }

    /// Nothing follows for now: the show is over.
    package mutating func end() -> Action? {
        let was = phase
        phase = .idle
        failures = 0
        trouble = nil
        switch was {
        case .connecting: return .close
        case .open: return .finish
        case .idle, .waiting: return nil
        }
    }

    private func isSilent(for span: Duration, now: MonotonicTime) -> Bool {
        lastMedia.map { now - $0 > span } ?? true
    }
}
