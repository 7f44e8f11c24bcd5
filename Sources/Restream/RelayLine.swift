// The way to one target. In: what is on air, from any thread. Out: one RTMP connection at a time, on an event loop of its
// own choice. Nobody waits for it: what the target does not take in time is dropped by its queue, and counted there.

import CoreMetrics
import Logging
import Media
import NIOCore
import NIOPosix
import NIOSSL
import RTMP
import Synchronization

final class RelayLine: Sendable {
    private struct State {
        var link: RelayLink
        var queue = RelayQueue()
        var channel: (any Channel)?
        /// Sends what waits; on the channel's event loop.
        var pump: (@Sendable () -> Void)?
        var isPumpDue = false
        /// Writes that the socket has not taken, and when one was last taken.
        var unfinished = 0
        var progress = MonotonicTime(nanoseconds: 0)
        var bytes = 0
        var dropped = 0
        var lastDrop: MonotonicTime?
    }

    /// How long the page says that a target is too slow, after pictures were left out.
    private static let memory = Duration.seconds(30)

    let target: RelayTarget
    private let loop: any EventLoop
    private let metrics: RelayMetrics
    private let logger: Logger
    private let state: Mutex<State>

    init(
        target: RelayTarget, show: ShowID, policy: RelayLink.Policy, group: any EventLoopGroup, logger: Logger
    ) {
        self.target = target
        loop = group.next()
        metrics = RelayMetrics(show: show, target: target.name)
        var logger = logger
        logger[metadataKey: "target"] = "\(target.name)"
        self.logger = logger
        state = Mutex(State(link: RelayLink(policy: policy)))
    }

    // MARK: What is on air

    func offer(_ item: RelayItem, now: MonotonicTime) {
        let (action, pump, lost) = state.withLock {
            state -> (RelayLink.Action?, (@Sendable () -> Void)?, Int) in
            let action = state.link.media(isStart: item.isStart, now: now)
            if case .connect = action { state.queue.restart() }
            guard state.link.takesMedia else { return (action, nil, 0) }
            state.queue.offer(item, isFlowing: state.link.isOpen)
            let lost = state.queue.dropped - state.dropped
            state.dropped = state.queue.dropped
            if lost > 0 { state.lastDrop = now }
            guard let pump = state.pump, !state.isPumpDue else { return (action, nil, lost) }
            state.isPumpDue = true
            return (action, pump, lost)
        }
        if lost > 0 { metrics.dropped.increment(by: lost) }
        carryOut(action)
        if let pump { loop.execute(pump) }
    }

    func tick(now: MonotonicTime) {
        let (action, trouble) = state.withLock { state -> (RelayLink.Action?, RelayTrouble?) in
            let stuck = state.unfinished > 0 ? state.progress : nil
            let action = state.link.tick(now: now, stuckSince: stuck, chance: .random(in: 0...1))
            return (action, action == .close ? state.link.trouble : nil)
        }
        if let trouble { tell(trouble) }
        carryOut(action)
    }

    /// Nothing follows until there is something on air again.
    func finish() { carryOut(state.withLock { $0.link.end() }) }

    func report(now: MonotonicTime) -> RelayReport {
        state.withLock { state in
            var report = RelayReport(
                name: target.name, host: target.address.host, state: .idle, trouble: state.link.trouble,
                bytes: state.bytes, dropped: state.dropped)
            switch state.link.phase {
            case .idle: report.state = .idle
            // A target that has failed is being retried until it takes the stream.
            case .connecting: report.state = state.link.trouble == nil ? .connecting : .retrying
            case .open(let since):
                let isSlow = state.lastDrop.map { now - $0 < Self.memory } ?? false
                report.state = isSlow ? .slow : .connected
                report.since = since
            case .waiting(let until):
                report.state = .retrying
                report.pause = max(.zero, until - now)
            }
            return report
        }
    }

    // MARK: The connection, on its event loop

    /// The next item for connection `number`; nil where there is none, or another connection stands.
    func take(_ number: Int) -> RelayItem? {
        state.withLock { state in
            state.isPumpDue = false
            return state.link.isOpen && state.link.number == number ? state.queue.take() : nil
        }
    }

    func began(_ number: Int) {
        state.withLock { state in
            guard state.link.number == number else { return }
            if state.unfinished == 0 { state.progress = .now }
            state.unfinished += 1
        }
    }

    func wrote(_ bytes: Int, _ number: Int) {
        metrics.bytes.increment(by: bytes)
        state.withLock { state in
            guard state.link.number == number, state.unfinished > 0 else { return }
            state.unfinished -= 1
            state.progress = .now
            state.bytes += bytes
        }
    }

    private func carryOut(_ action: RelayLink.Action?) {
        switch action {
        case .connect(let number): connect(number)
        case .close: part { $0.close(promise: nil) }
        case .finish:
            part { channel in
                channel.writeAndFlush(RTMPOutgoing.finish, promise: nil)
                // Its answer is not waited for any longer.
                channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
            }
        case nil: break
        }
    }

    private func part(_ farewell: (any Channel) -> Void) {
        let channel = state.withLock { RelayLine.forget(&$0) }
        metrics.connected.record(0)
        channel.map(farewell)
    }

    private static func forget(_ state: inout State) -> (any Channel)? {
        defer {
            state.channel = nil
            state.pump = nil
            state.isPumpDue = false
            state.unfinished = 0
            state.queue.restart()
        }
        return state.channel
    }

    private func connect(_ number: Int) {
        metrics.calls.increment()
        let (target, loop) = (target, loop)
        let ready = loop.makePromise(of: Void.self)
        let over = loop.makePromise(of: RTMPFault?.self)
        let opening = RelayLine.context(target, loop).flatMap { tls in
            ClientBootstrap(group: loop)
                .connectTimeout(.seconds(10))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: target.address.host, port: target.address.port)
                // Only on a channel that stands, and not in an initializer: a name with several addresses opens
                // several.
                .flatMapThrowing { channel in
                    do {
                        try self.equip(channel, tls, number, ready, over)
                    } catch {
                        channel.close(promise: nil)
                        throw error
                    }
                }
        }
        opening.whenFailure { error in
            ready.fail(error)
            over.succeed(nil)
        }
        ready.futureResult.whenFailure { [self] in lost(number, trouble(of: $0)) }
        ready.futureResult.and(over.futureResult).whenSuccess { [self] _, fault in
            lost(number, fault.map(trouble(of:)) ?? .closed)
        }
    }

    /// On the channel's event loop, where everything of this connection happens from here on.
    private func equip(
        _ channel: any Channel, _ tls: NIOSSLContext?, _ number: Int, _ ready: EventLoopPromise<Void>,
        _ over: EventLoopPromise<RTMPFault?>
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(try RelayLine.client(tls, target.address.host)) }
        try pipeline.addHandler(FloodGuard { [self] in lost(number, .flooding) })
        let session = RTMPClientSession(
            address: target.address, encoderName: "FMLE/3.0 (compatible; shopcast)",
            announcesCodecs: true, seed: UInt64.random(in: 0...UInt64.max))
        try pipeline.addHandler(RTMPClientHandler(session: session, ready: ready, over: over))
        let handler = RelayHandler(line: self, number: number)
        try pipeline.addHandler(handler)
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        // A call that was given up meanwhile has no use for it.
        let isWanted = state.withLock { state in
            guard state.link.number == number, state.link.takesMedia else { return false }
            state.channel = channel
            return true
        }
        guard isWanted else { throw RelayTrouble.silent }
        ready.futureResult.whenSuccess { [self] in
            opened(number) { bound.value.pump() }
            bound.value.open()
        }
    }

    private func opened(_ number: Int, _ pump: @escaping @Sendable () -> Void) {
        let isNews = state.withLock { state in
            state.link.opened(number, now: .now)
            guard state.link.number == number, state.link.isOpen else { return false }
            state.pump = pump
            return true
        }
        guard isNews else { return }
        metrics.connected.record(1)
        logger.notice("restreaming")
    }

    private func lost(_ number: Int, _ trouble: RelayTrouble) {
        let (isNews, isTrouble, channel) = state.withLock { state -> (Bool, Bool, (any Channel)?) in
            guard state.link.lost(number, trouble, now: .now, chance: .random(in: 0...1)) else {
                return (false, false, nil)
            }
            return (true, state.link.phase != .idle, RelayLine.forget(&state))
        }
        guard isNews else { return }
        metrics.connected.record(0)
        channel?.close(promise: nil)
        if isTrouble { tell(trouble) }
    }

    private func tell(_ trouble: RelayTrouble) {
        metrics.failures.increment()
        logger.warning(
            "a restream target gets nothing; it is called again",
            metadata: ["reason": "\(trouble.title)", "fix": "\(trouble.fix)"])
    }
}
