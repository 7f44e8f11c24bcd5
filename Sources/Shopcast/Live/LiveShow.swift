import Ingest
import Logging
import Media
import Packaging
import Preflight
import Shows
import Synchronization
import Transcode

/// One show on this machine: its state, its window, the feed that is connected and the run that it feeds.
///
/// In: feed events (event loops), ticks (ten a second), commands. Out: snapshots of the window. One lock guards the
/// decisions and is never held while media moves. A newer feed takes over from an older one at once.
final class LiveShow: Sendable {
    /// A feed that sends no picture for this long is away: gaps are listed until it is back.
    private static let patience = Duration.seconds(2)
    /// A run that has not opened by then, with its feed away, is given up.
    private static let openingDeadline = Duration.seconds(6)
    /// How long the last pictures may take to come out when a show ends.
    private static let finishDeadline = Duration.seconds(10)

    struct State {
        var record: ShowRecord
        /// What the feed runs into: the show's own window, or that of a rehearsal.
        var window: LiveWindow
        /// The show's own window during a rehearsal: all that viewers get.
        var curtain: LiveWindow?
        var plan: RunPlan?
        var feed: FeedSession?
        var run: Run?
        /// When the run that is being finished was told to; nil where none is.
        var finishing: (run: Run, since: MonotonicTime)?
        var isPaused = false
    }

    let settings: Settings.Show
    private let key: StreamKey
    private let ladder: Settings.LadderSettings
    private let makeWindow: @Sendable (ShowRecord, _ isFresh: Bool) -> LiveWindow
    let makeRehearsal: @Sendable () -> LiveWindow
    let store: @Sendable (ShowRecord) -> Void
    private let recorded: @Sendable () -> Void
    private let capacity: EncodingCapacity
    let logger: Logger
    let state: Mutex<State>

    /// One run and when it began; a class, so that runs are told apart by identity.
    final class Run: Sendable {
        let began: MonotonicTime
        private let path = Mutex<ShowPipeline?>(nil)

        init(began: MonotonicTime) {
            self.began = began
        }

        var pipeline: ShowPipeline? {
            get { path.withLock { $0 } }
            set { path.withLock { $0 = newValue } }
        }
    }

    init(
        settings: Settings.Show, ladder: Settings.LadderSettings, record: ShowRecord,
        capacity: EncodingCapacity,
        makeWindow: @escaping @Sendable (ShowRecord, _ isFresh: Bool) -> LiveWindow,
        makeRehearsal: @escaping @Sendable () -> LiveWindow,
        store: @escaping @Sendable (ShowRecord) -> Void,
        recorded: @escaping @Sendable () -> Void,
        logger: Logger
    ) {
        self.settings = settings
        self.key = StreamKey(secret: settings.streamKey)
        self.ladder = ladder
        self.capacity = capacity
        self.makeWindow = makeWindow
        self.makeRehearsal = makeRehearsal
        self.store = store
        self.recorded = recorded
        var logger = logger
        logger[metadataKey: "show"] = "\(settings.id)"
        self.logger = logger
        // A show that was on air when the process died waits for its host.
        self.state = Mutex(
            State(record: record, window: makeWindow(record, false), isPaused: record.state == .live))
    }

    /// Not ended: what was recorded of it is not touched.
    var isOnAir: Bool {
        state.withLock { $0.record.state != .ended && $0.record.state != .replay }
    }

    /// No run is open or being finished.
    var isIdle: Bool { state.withLock { $0.run == nil && $0.finishing == nil } }

    /// What the host sees.
    var window: LiveWindow { state.withLock { $0.window } }

    /// What viewers get: of a rehearsal nothing.
    var audienceWindow: LiveWindow { state.withLock { $0.curtain ?? $0.window } }

    /// The connected feed, and what is made of it.
    var onAir: (feed: FeedSession?, plan: RunPlan?) {
        state.withLock { ($0.feed, $0.run == nil ? nil : $0.plan) }
    }

    var summary: ShowSummary {
        state.withLock {
            ShowSummary(id: settings.id, title: settings.title, state: $0.record.state, isPaused: $0.isPaused)
        }
    }

    func admits(key secret: String) -> Bool { key.admits(secret) }

    /// Whether a feed would be let in now.
    var check: FeedCheck {
        isOnAir ? .welcome(passphrase: settings.srtPassphrase) : .refused(reason: LiveShow.hasEnded)
    }

    private static let hasEnded = "the show has ended: reopen it to go live again"

    // MARK: The feed

    /// A host with the right key has connected. Takes over from the feed that is there.
    func accept(_ request: FeedRequest) -> FeedAdmission {
        let session = FeedSession(
            show: self, transport: request.transport,
            observer: FeedObserver(
                name: settings.id.text, rules: PreflightRules(show: settings, ladder: ladder), logger: logger),
            disconnect: request.disconnect)
        let (refusal, previous) = state.withLock { state -> (String?, FeedSession?) in
            if state.record.state == .ended || state.record.state == .replay {
                return (LiveShow.hasEnded, nil)
            }
            let previous = state.feed
            state.feed = session
            finishRun(&state, now: .now)
            return (nil, previous)
        }
        if let refusal { return .refused(reason: refusal) }
        if let previous {
            logger.notice("a newer feed takes over")
            previous.disconnect("another connection with the same key took over")
        }
        return .accepted(show: settings.id, sink: session)
    }

    func receive(_ event: FeedEvent, from session: FeedSession) {
        switch event {
        case .metadata, .videoFormat, .audioFormat:
            session.remember(event)
            running(session)?.receive(event)
        case .video(let unit):
            session.sawVideo(at: unit.arrival)
            if let run = running(session) {
                run.receive(event)
            } else if unit.isSync, let run = open(session, firstArrival: unit.arrival) {
                session.remembered.forEach(run.receive)
                run.receive(event)
            }
        case .audio:
            running(session)?.receive(event)
        case .ended(let reason):
            state.withLock { state in
                guard state.feed === session else { return }
                state.feed = nil
                finishRun(&state, now: .now)
                logger.notice("feed lost", metadata: ["reason": "\(reason)"])
            }
        }
    }

    private func running(_ session: FeedSession) -> ShowPipeline? {
        state.withLock { $0.feed === session ? $0.run?.pipeline : nil }
    }

    /// Opens a run for a feed whose first IDR picture is here.
    private func open(_ session: FeedSession, firstArrival: MonotonicTime) -> ShowPipeline? {
        let run = Run(began: firstArrival)
        let window = state.withLock { state -> LiveWindow? in
            guard state.feed === session, state.run == nil, state.record.state != .ended else { return nil }
            state.run = run
            state.plan = nil
            drawCurtain(&state)
            return state.window
        }
        guard let window else { return nil }
        window.feedReturned(now: firstArrival)
        let pipeline = ShowPipeline(
            show: settings, ladder: ladder, window: window, capacity: capacity,
            logger: logger
        ) { [weak self, weak run] report in
            if let run { self?.handle(report, of: run) }
        }
        run.pipeline = pipeline
        // Taken over, or ended, while it was being made: it was told nothing, so it is told now.
        guard state.withLock({ $0.run === run }) else {
            pipeline.finish()
            return nil
        }
        return pipeline
    }

    /// Lets a run's last pictures come out; `handle(.finished)` then lists what follows.
    private func finishRun(_ state: inout State, now: MonotonicTime) {
        guard let run = state.run else { return }
        state.run = nil
        state.finishing = (run, now)
        run.pipeline?.finish()
    }

    private func handle(_ report: ShowPipeline.Report, of run: Run) {
        switch report {
        case .opened(let plan):
            let record = state.withLock { state -> ShowRecord? in
                guard state.run === run else { return nil }
                state.isPaused = false
                state.plan = plan
                guard let next = state.record.state.after(state.curtain == nil ? .goLive : .rehearse) else {
                    return nil
                }
                state.record.state = next
                return state.record
            }
            if let record { store(record) }
            logger.notice(
                summary.state == .rehearsal ? "rehearsing" : "on air",
                metadata: [
                    "renditions": "\(plan.renditions.map(\.name.text).joined(separator: " "))",
                    "source":
                        "\(plan.unfitReasons.isEmpty ? "passed through" : plan.unfitReasons.joined(separator: "; "))",
                ])
        case .failed(let reason):
            logger.error("the feed cannot be used", metadata: ["reason": "\(reason)"])
            let feed = state.withLock { state -> FeedSession? in
                if state.finishing?.run === run { state.finishing = nil }
                guard state.run === run else { return nil }
                state.run = nil
                return state.feed
            }
            settleFailed(reason, feed)
        case .finished:
            let isOver = state.withLock { state -> Bool? in
                guard state.finishing?.run === run else { return nil }
                state.finishing = nil
                if state.record.state == .ended { return true }
                // A newer run that is already probing keeps its place; gaps start only where nobody is coming.
                if state.run != nil { return nil }
                state.isPaused = state.record.state == .live
                return false
            }
            switch isOver {
            case true: window.end(onStored: recorded)
            case false: window.loseFeed(now: .now)
            case nil: break
            }
        }
    }

    /// A run has failed. Where its feed is still the one on air, it has to go; a show that has ended meanwhile ends.
    private func settleFailed(_ reason: String, _ feed: FeedSession?) {
        let (isOver, isReplaced) = state.withLock {
            ($0.record.state == .ended && $0.finishing == nil, $0.run != nil)
        }
        if isOver {
            window.end(onStored: recorded)
        } else if !isReplaced {
            window.loseFeed(now: .now)
        }
        feed?.disconnect(reason)
    }

    // MARK: Time and commands

    /// Called ten times a second.
    func tick(now: MonotonicTime) {
        let (window, isStuck, isReplaced) = state.withLock { state -> (LiveWindow, Bool, Bool) in
            var isStuck = false
            if let feed = state.feed, let run = state.run, now - feed.lastVideo > Self.patience {
                if run.pipeline?.isOpened == true || now - run.began > Self.openingDeadline {
                    logger.warning("the feed sends no picture", metadata: ["patience": "\(Self.patience)"])
                    finishRun(&state, now: now)
                }
            }
            if let finishing = state.finishing, now - finishing.since > Self.finishDeadline {
                state.finishing = nil
                isStuck = true
            }
            return (state.window, isStuck, state.run != nil)
        }
        if isStuck {
            logger.error("a run did not finish in time")
            if summary.state == .ended {
                window.end(onStored: recorded)
            } else if !isReplaced {
                window.loseFeed(now: now)
            }
        }
        window.tick(now: now)
    }

    /// Ends the show: ENDLIST, and no feed until it is reopened. Returns what to tell the one who asked.
    func end() -> ControlReply {
        let (reply, feed, idle, record) = state.withLock {
            state -> (ControlReply, FeedSession?, LiveWindow?, ShowRecord?) in
            guard let next = state.record.state.after(.end) else {
                return (
                    .error("show '\(settings.id)' is \(state.record.state.rawValue), not live"), nil, nil, nil
                )
            }
            state.record.state = next
            state.isPaused = false
            let feed = state.feed
            state.feed = nil
            finishRun(&state, now: .now)
            return (
                .ok("show '\(settings.id)' has ended"), feed, state.finishing == nil ? state.window : nil,
                state.record
            )
        }
        if let record { store(record) }
        feed?.disconnect("the show has ended")
        idle?.end(onStored: recorded)
        if case .ok = reply { logger.notice("show ended") }
        return reply
    }

    /// Opens an ended show for a new airing, with an empty window and numbers that go on.
    func reopen() -> ControlReply {
        let window = makeWindow(state.withLock { $0.record }, true)
        let (reply, record) = state.withLock { state -> (ControlReply, ShowRecord?) in
            guard let next = state.record.state.after(.reopen), state.finishing == nil else {
                return (.error("show '\(settings.id)' is \(state.record.state.rawValue), not ended"), nil)
            }
            state.record.state = next
            state.isPaused = true
            state.window = window
            return (.ok("show '\(settings.id)' is open again: its host may publish"), state.record)
        }
        if let record { store(record) }
        return reply
    }

    /// The window has taken numbers up to `memory`: they must never be used again, even after a kill.
    func remember(lastSequence: UInt64, discontinuitySequence: UInt64) {
        let record = state.withLock { state in
            state.record.lastSequence = max(state.record.lastSequence, lastSequence)
            state.record.discontinuitySequence = max(
                state.record.discontinuitySequence, discontinuitySequence)
            return state.record
        }
        store(record)
    }

    /// The process is going down: the feed is told, the show stays as it is and goes on after the restart.
    func shutDown() {
        let feed = state.withLock { state in
            finishRun(&state, now: .now)
            return state.feed
        }
        feed?.disconnect("the server is shutting down")
    }
}
