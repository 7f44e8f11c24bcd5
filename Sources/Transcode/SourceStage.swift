import Codecs
import CoreMetrics
import Logging
import Media

/// A run's source thread, from its first event to its last. In: the mailbox of its feeds, which drops what comes while it
/// is full; one feed after another, and the time while there is none. Out: the plan, then everything through `LiveRun`. It alone waits for encoders: while it catches up with
/// what the probe collected it waits for them always, later only until the feed is a second behind.
final class SourceStage {
    private static let lateAfter = Duration.seconds(1)
    private static let caughtUp = Duration.milliseconds(300)
    /// A machine that needs longer to catch up never will: from then on slow rungs lose pictures.
    private static let longestCatchUp = Duration.seconds(8)

    private let settings: TranscodeSettings
    private let start: @Sendable () -> MediaTime
    private let sink: any RunSink
    private let metrics: TranscodeMetrics
    private let capacity: EncodingCapacity
    private let logger: Logger
    private var probe: FeedProbe? = FeedProbe()
    private var run: LiveRun?
    /// The feed that counts.
    private var feed: Int
    /// The feed whose pictures were shown last: its clock is known.
    private var shownFeed: Int
    private var state = FeedState.there
    /// The time where it does not come from the clock.
    private var latest = MonotonicTime(nanoseconds: 0)

    private enum FeedState {
        case there
        /// The slate is shown.
        case away
        /// The slate is shown, and the feed that joined is looked at.
        case returning(FeedProbe, isSameHost: Bool)
    }

    /// Pictures before this need not wake the thread.
    private var quietUntil: MediaTime?
    private var isCatchingUp = true
    private var catchUpEnd = MonotonicTime(nanoseconds: Int64.max)
    private var isLate = false

    init(
        settings: TranscodeSettings, feed: Int, start: @escaping @Sendable () -> MediaTime, sink: any RunSink,
        metrics: TranscodeMetrics,
        capacity: EncodingCapacity, logger: Logger
    ) {
        self.settings = settings
        self.feed = feed
        shownFeed = feed
        self.start = start
        self.sink = sink
        self.metrics = metrics
        self.capacity = capacity
        self.logger = logger
    }

    /// Works until the mailbox is closed and empty, or the run has failed.
    func work(on mailbox: FeedMailbox) {
        while true {
            switch mailbox.take(
                atMost: .milliseconds(probe == nil ? 10_000 : 200), quietUntil: quietUntil)
            {
            case .input(let input):
                let depth = mailbox.depth
                if input.isVideo {
                    metrics.feedDepth.record(depth)
                    run?.burden.heldUp(mailbox.takeHold())
                }
                take(input, isLast: depth == 0)
                if depth == 0 { quietUntil = run?.quietUntil }
                if case .event(.ended, let number) = input, number == feed { mailbox.close() }
            case .nothing:
                if var probe, settings.pace == .live { settle(probe.tick(now: .now), &probe) }
            case .closed:
                if var probe { settle(probe.end(), &probe) }
                run?.finish()
                if run != nil { sink.finished() }
                run = nil
                return
            }
            if probe == nil && run == nil {
                // The run has failed: what still comes is thrown away until the feed is closed.
                mailbox.close()
            }
        }
    }

    private func take(_ input: RunInput, isLast: Bool) {
        if let unit = input.unit { latest = max(latest, unit.arrival) }
        switch input {
        case .event(let event, let number):
            guard number == feed else { return metrics.feedDropped.increment() }
            take(event, isLast: isLast)
        case .lost:
            guard let run else { return }
            run.loseFeed()
            state = .away
            sink.news(.slate)
        case .joined(let number):
            var probe = FeedProbe(.joining)
            settleReturn(probe.tick(now: now), probe, number == shownFeed)
            feed = number
        case .time(let now):
            latest = max(latest, now)
            if case .returning(var probe, let isSameHost) = state {
                settleReturn(probe.tick(now: now), probe, isSameHost)
            }
            run?.tick(now: now)
        }
    }

    /// A feed that has joined is asked for little: what its decoder and its clock need.
    private func settleReturn(_ verdict: FeedProbe.Verdict, _ probe: FeedProbe, _ isSameHost: Bool) {
        switch verdict {
        case .undecided: state = .returning(probe, isSameHost: isSameHost)
        case .failed(let reason):
            state = .away
            logger.warning("the feed that came back cannot be shown", metadata: ["reason": "\(reason)"])
            sink.news(.unusable(reason, feed: feed))
        case .decided(let facts, let events):
            guard let run else { return }
            guard run.rejoin(facts, isSameHost: isSameHost) else {
                // Its next key frame may be newer than the slate.
                state = .returning(probe.again(), isSameHost: isSameHost)
                return
            }
            state = .there
            shownFeed = feed
            sink.news(.feed(feed))
            for event in events { run.receive(event, mayDrop: false) }
        }
    }

    private func take(_ event: FeedEvent, isLast: Bool) {
        if case .video = event { metrics.unitsIn.increment() }
        if var probe {
            // The probe's copy of what it collected goes back with its verdict: kept in one place only.
            self.probe = nil
            let verdict = probe.receive(
                event, now: settings.pace == .live ? .now : MonotonicTime(nanoseconds: 0))
            settle(verdict, &probe)
            return
        }
        switch state {
        case .there:
            run?.receive(event, mayDrop: isBehind(event, isLast))
            guard case .video = event, !isCatchingUp || settings.pace == .offline else { return }
            run?.lookAtLoad(now: now)
        case .away: metrics.feedDropped.increment()
        case .returning(var probe, let isSameHost):
            state = .away
            settleReturn(probe.receive(event, now: now), probe, isSameHost)
        }
    }

    /// Files come with the time in them.
    private var now: MonotonicTime { settings.pace == .live ? .now : latest }

    /// Whether slow rungs are to lose pictures.
    private func isBehind(_ event: FeedEvent, _ isLast: Bool) -> Bool {
        guard settings.pace == .live, case .video(let unit) = event else { return isLate && !isCatchingUp }
        let now = MonotonicTime.now
        let lag = now - unit.arrival
        if isCatchingUp && (isLast || lag < SourceStage.caughtUp || now > catchUpEnd) { isCatchingUp = false }
        isLate = lag > SourceStage.lateAfter || run?.isLate(now: now) == true
        return isLate && !isCatchingUp
    }

    private func settle(_ verdict: FeedProbe.Verdict, _ probe: inout FeedProbe) {
        switch verdict {
        case .undecided: self.probe = probe
        case .failed(let reason):
            self.probe = nil
            fail(reason)
        case .decided(let facts, let events):
            self.probe = nil
            begin(facts, events)
        }
    }

    private func begin(_ facts: FeedFacts, _ events: [FeedEvent]) {
        let layout = RunLayout(facts: facts, settings: settings, start: start())
        guard capacity.reserve(layout.cost, always: !settings.admits) else {
            return fail(capacity.refusal(layout.cost))
        }
        metrics.sourceIsFit.record(layout.ladder.passesSource ? 1 : 0)
        logger.info(
            "the run is planned",
            metadata: [
                "renditions": "\(layout.plan.renditions.map(\.name.text).joined(separator: " "))",
                "source": "\(facts.format.parameters.width)x\(facts.format.parameters.height)",
                "rate": "\(facts.timing.rate)\(facts.timing.isConstant ? "" : " (variable)")",
                "kbps": "\(facts.videoKilobits)", "cores": "\(layout.cost.cores)",
                "unfit": "\(layout.plan.unfitReasons.joined(separator: "; "))",
            ])
        sink.opened(layout.plan)
        do throws(CodecFault) {
            let run = try LiveRun(
                facts: facts, layout: layout, reserved: [layout.cost], settings: settings, sink: sink,
                metrics: metrics, capacity: capacity, logger: logger)
            self.run = run
            catchUpEnd = .now + SourceStage.longestCatchUp
            for event in events { run.receive(event, mayDrop: false) }
        } catch {
            capacity.release(layout.cost)
            fail("the run could not be set up: \(error)")
        }
    }

    private func fail(_ reason: String) {
        logger.warning("the feed cannot be shown", metadata: ["reason": "\(reason)"])
        sink.failed(reason)
    }
}
