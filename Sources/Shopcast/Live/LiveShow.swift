import Ingest
import Logging
import Media
import Metrics
import NIOPosix
import Packaging
import People
import Preflight
import Restream
import Shows
import Synchronization
import Transcode

/// One show on this machine: its state, its window, the feed that is connected and the run that it feeds.
///
/// In: feed events (event loops), ticks (ten a second), commands. Out: snapshots of the window. One lock guards the
/// decisions; under it the run is told who is on air, so that it hears of that in order. A newer connection with the
/// same key takes over from an older one at once. While nobody is on air the run goes on with the slate, for as long as
/// the settings say; then it ends, and gaps are listed until somebody is back.
final class LiveShow: Sendable {
    /// A run that has not opened by then, with its feed away, is given up.
    private static let openingDeadline = Duration.seconds(6)
    /// Ticks are so far apart.
    private static let beat = Duration.milliseconds(100)
    /// How long the last pictures may take to come out when a show ends.
    private static let finishDeadline = Duration.seconds(10)

    struct State {
        var record: ShowRecord
        /// What the feed runs into: the show's own window, or that of a rehearsal.
        var window: LiveWindow
        /// The show's own window during a rehearsal: all that viewers get.
        var curtain: LiveWindow?
        var plan: RunPlan?
        /// Who is connected, by role, and which of them is on air.
        var feeds = Feeds()
        var board: FeedSwitch
        var lastFeed = 0
        var run: Run?
        /// The feed that is on air, or else one that is connected.
        var shown: FeedSession? { onAir ?? feeds[.primary] ?? feeds[.backup] }
        var onAir: FeedSession? { board.onAir.flatMap { feeds[$0] } }
        /// The feed that viewers saw last.
        var lastShown: FeedSwitch.Role?
        /// Since when viewers, who have seen a feed, see none.
        var awaySince: MonotonicTime?
        /// Since when the run shows the slate; nil while it shows a feed.
        var slateSince: MonotonicTime?
        /// When the run that is being finished was told to; nil where none is.
        var finishing: (run: Run, since: MonotonicTime)?
        var isPaused = false
        var lastTick: MonotonicTime?
        /// What the run does without because this machine is overloaded, and since when.
        var relief: (Relief, since: MonotonicTime)?
        /// The process is going down: no run is opened any more.
        var isClosing = false
    }

    /// A connection in each role, at most: fields, because each picture asks.
    struct Feeds {
        private var primary: FeedSession?
        private var backup: FeedSession?

        subscript(role: FeedSwitch.Role) -> FeedSession? {
            get { role == .primary ? primary : backup }
            set { if role == .primary { primary = newValue } else { backup = newValue } }
        }

        var all: [FeedSession] { [primary, backup].compactMap { $0 } }
    }

    let id: ShowID
    let plan: Mutex<ShowPlan>
    let ladder: Settings.LadderSettings
    let feed: Settings.Feed
    let feedChanges: Counter
    let makeWindow: @Sendable (ShowPlan, ShowRecord, _ isFresh: Bool) -> LiveWindow
    let makeRehearsal: @Sendable (ShowPlan) -> LiveWindow
    let store: @Sendable (ShowRecord) -> Void
    let recorded: @Sendable () -> Void
    let log: ShowLog
    let capacity: EncodingCapacity
    /// Where the source is sent on to; nil where nowhere.
    let relay: Relay?
    /// Captions that come in the picture.
    let embedded: EmbeddedCaptions
    /// Captions that a machine makes of the sound.
    let speech: SpeechDesk
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
        plan: ShowPlan, ladder: Settings.LadderSettings, feed: Settings.Feed, record: ShowRecord,
        capacity: EncodingCapacity,
        makeWindow: @escaping @Sendable (ShowPlan, ShowRecord, _ isFresh: Bool) -> LiveWindow,
        makeRehearsal: @escaping @Sendable (ShowPlan) -> LiveWindow,
        store: @escaping @Sendable (ShowRecord) -> Void,
        recorded: @escaping @Sendable () -> Void, embedded: EmbeddedCaptions, speech: SpeechDesk,
        log: ShowLog, logger: Logger
    ) {
        id = plan.id
        self.plan = Mutex(plan)
        self.ladder = ladder
        self.feed = feed
        feedChanges = Counter(
            label: "shopcast_feed_changes_total", dimensions: [("show", plan.id.text)])
        self.capacity = capacity
        self.makeWindow = makeWindow
        self.makeRehearsal = makeRehearsal
        self.store = store
        self.recorded = recorded
        self.embedded = embedded
        self.speech = speech
        speech.change(to: plan)
        self.log = log
        var logger = logger
        logger[metadataKey: "show"] = "\(plan.id)"
        self.logger = logger
        relay =
            plan.restream.isEmpty
            ? nil
            : Relay(
                show: plan.id, targets: plan.restream,
                group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        // A show that was on air when the process died waits for its host.
        self.state = Mutex(
            State(
                record: record, window: makeWindow(plan, record, false),
                board: FeedSwitch(policy: feed.policy),
                isPaused: record.state == .live))
    }

    /// How the show is made, from the next run on.
    var settings: ShowPlan { plan.withLock { $0 } }

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
        state.withLock { ($0.shown, $0.run == nil ? nil : $0.plan) }
    }

    /// What the show does without now because this machine is overloaded, and since when; nil where nothing.
    var relief: (relief: Relief, since: MonotonicTime)? {
        state.withLock { state in state.run == nil ? nil : state.relief.map { ($0.0, $0.since) } }
    }

    var summary: ShowSummary {
        var show = settings.show
        return state.withLock {
            show.state = $0.record.state
            return ShowSummary(show, isPaused: $0.isPaused)
        }
    }

    /// Whether a feed would be let in now.
    var check: FeedCheck {
        let state = state.withLock { $0.record.state }
        return state.takesFeed
            ? .welcome(passphrase: settings.srtPassphrase) : .refused(reason: LiveShow.refusal(state))
    }

    /// Lets a run's last pictures come out; `handle(.finished)` then lists what follows.
    func finishRun(_ state: inout State, now: MonotonicTime) {
        guard let run = state.run else { return }
        state.run = nil
        state.slateSince = nil
        state.finishing = (run, now)
        run.pipeline?.finish()
    }

    // MARK: Time and commands

    /// Called ten times a second.
    func tick(now: MonotonicTime) {
        relay?.tick(now: now)
        let (window, isStuck, isReplaced) = state.withLock { state -> (LiveWindow, Bool, Bool) in
            var isStuck = false
            if let last = state.lastTick {
                let late = now - last - Self.beat
                if late > Self.beat { state.board.overslept(late) }
                state.run?.pipeline?.heldUp(by: late)
            }
            state.lastTick = now
            // A run that is still being prepared has more time: there is no picture that could go on.
            let isOpening = state.run.map {
                $0.pipeline?.isOpened != true && now - $0.began < Self.openingDeadline
            }
            if isOpening != true { carryOut(state.board.decide(now: now), &state, now: now) }
            if let run = state.run {
                if let since = state.slateSince, now - since > feed.reconnectWindow {
                    logger.notice(
                        "the host has not come back in time: the show is paused",
                        metadata: ["window": "\(feed.reconnectWindow)"])
                    log.feed(id, "paused")
                    finishRun(&state, now: now)
                } else if state.slateSince != nil {
                    run.pipeline?.tick(now: now)
                } else if run.pipeline?.isOpened != true, now - run.began > Self.openingDeadline * 2 {
                    logger.error("a run did not open in time")
                    finishRun(&state, now: now)
                }
            }
            if let finishing = state.finishing, now - finishing.since > Self.finishDeadline {
                state.finishing = nil
                if state.run == nil { state.isPaused = state.record.state == .live }
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

    /// A person wants this feed on air; it stays there for as long as it sends.
    func choose(_ role: FeedSwitch.Role) -> ControlReply {
        state.withLock { state in
            let now = MonotonicTime.now
            guard state.feeds[role] != nil else {
                return .error("show '\(id)' has no \(role) feed connected")
            }
            carryOut(state.board.choose(role, now: now), &state, now: now)
            return state.board.onAir == role
                ? .ok("the \(role) feed of show '\(id)' is on air")
                : .error("the \(role) feed of show '\(id)' sends no pictures")
        }
    }

    /// Ends the show: ENDLIST, and no feed until it is reopened. Returns what to tell the one who asked.
    func end(by actor: Actor) -> ControlReply {
        let (reply, feeds, idle, record) = state.withLock {
            state -> (ControlReply, [FeedSession], LiveWindow?, ShowRecord?) in
            guard move(&state, .end, by: actor) else {
                return (.error("show '\(id)' is \(state.record.state.rawValue), not live"), [], nil, nil)
            }
            state.isPaused = false
            state.awaySince = nil
            let feeds = state.feeds.all
            for feed in feeds { _ = state.board.disconnect(feed.role, now: .now) }
            state.feeds = Feeds()
            finishRun(&state, now: .now)
            return (
                .ok("show '\(id)' has ended"), feeds, state.finishing == nil ? state.window : nil,
                state.record
            )
        }
        if let record {
            store(record)
            relay?.finish()
        }
        feeds.forEach { $0.disconnect("the show has ended") }
        idle?.end(onStored: recorded)
        if case .ok = reply { logger.notice("show ended") }
        return reply
    }

    /// Opens an ended show for a new airing, with an empty window and numbers that go on.
    func reopen(by actor: Actor) -> ControlReply {
        let window = makeWindow(settings, state.withLock { $0.record }, true)
        let (reply, record) = state.withLock { state -> (ControlReply, ShowRecord?) in
            guard state.finishing == nil, move(&state, .reopen, by: actor) else {
                return (.error("show '\(id)' is \(state.record.state.rawValue), not ended"), nil)
            }
            state.isPaused = true
            (state.lastShown, state.awaySince) = (nil, nil)
            state.window = window
            return (.ok("show '\(id)' is open again: its host may publish"), state.record)
        }
        if let record { store(record) }
        return reply
    }

    /// Moves the state and has that written down, in the order of the moves; false where the move is forbidden.
    func move(_ state: inout State, _ event: ShowState.Event, by actor: Actor) -> Bool {
        guard let next = state.record.state.after(event) else { return false }
        state.record.state = next
        log.move(id, event, by: actor)
        return true
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
        let feeds = state.withLock { state in
            state.isClosing = true
            finishRun(&state, now: .now)
            return state.feeds.all
        }
        relay?.finish()
        feeds.forEach { $0.disconnect("the server is shutting down") }
    }
}
