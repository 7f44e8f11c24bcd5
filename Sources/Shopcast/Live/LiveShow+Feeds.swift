import CoreMetrics
import Ingest
import Logging
import Media
import Packaging
import People
import Preflight
import Restream
import Shows
import Synchronization

// Hosts' connections, and which of them the run shows. What a connection sends goes to the run where it is on air, and is
// kept warm where it is not.

extension LiveShow {
    /// A host with a right key has connected. Takes over from the connection that has its role.
    func accept(_ request: FeedRequest, key: KnownKey) -> FeedAdmission {
        let role: FeedSwitch.Role = key.role == .primary ? .primary : .backup
        let settings = settings
        let (session, previous, refusal) = state.withLock {
            state -> (FeedSession?, FeedSession?, String) in
            guard state.record.state.takesFeed else {
                return (nil, nil, LiveShow.refusal(state.record.state))
            }
            guard !state.isClosing else { return (nil, nil, "the show is not ready: try again") }
            state.lastFeed += 1
            let session = FeedSession(
                show: self, role: role, key: key.id, number: state.lastFeed, transport: request.transport,
                observer: FeedObserver(
                    name: id.text, rules: PreflightRules(show: settings, ladder: ladder),
                    isOn: feed.isObserved, logger: logger),
                disconnect: request.disconnect)
            let previous = state.feeds[role]
            state.feeds[role] = session
            log.feed(
                id, "connected",
                [
                    "role": .text(role.rawValue), "transport": .text(request.transport),
                    "feed": .int(session.number), "takesOver": .bool(previous != nil),
                ], by: .streamKey(id))
            carryOut(state.board.connect(role), &state, now: .now, isTakeover: true)
            return (session, previous, "")
        }
        guard let session else { return .refused(reason: refusal) }
        log.used(key.id)
        if let previous {
            logger.notice("a newer feed takes over", metadata: ["role": "\(role)"])
            previous.disconnect("another connection with the same key took over")
        }
        return .accepted(show: id, sink: session)
    }

    func receive(_ event: FeedEvent, from session: FeedSession) {
        switch event {
        case .metadata, .videoFormat, .audioFormat:
            if let (kind, codec) = session.remember(event) {
                log.feed(
                    id, "codec",
                    [
                        "role": .text(session.role.rawValue), "feed": .int(session.number),
                        "kind": .text(kind), "codec": .text(codec),
                    ])
            }
            pipeline(showing: session)?.receive(event, feed: session.number)
        case .video(let unit): receive(unit, from: session)
        case .audio(let unit):
            if let pipeline = pipeline(showing: session) {
                pipeline.receive(event, feed: session.number)
                sendOn(unit, from: session)
            } else {
                session.keepWarm(event)
            }
        case .ended(let reason):
            state.withLock { state in
                guard state.feeds[session.role] === session else { return }
                state.feeds[session.role] = nil
                log.feed(
                    id, "lost",
                    [
                        "role": .text(session.role.rawValue), "feed": .int(session.number),
                        "reason": .text(String(reason.prefix(200))),
                    ], by: .streamKey(id))
                logger.notice("feed lost", metadata: ["role": "\(session.role)", "reason": "\(reason)"])
                carryOut(state.board.disconnect(session.role, now: .now), &state, now: .now)
                if state.lastShown != nil, state.board.onAir == nil {
                    state.awaySince = state.awaySince ?? .now
                }
            }
        }
    }

    private func receive(_ unit: AccessUnit, from session: FeedSession) {
        defer { sendOn(unit, from: session) }
        let (pipeline, opens) = state.withLock { state -> (ShowPipeline?, Bool) in
            guard state.feeds[session.role] === session else { return (nil, false) }
            let wasOnAir = state.board.onAir == session.role
            let decision = state.board.picture(session.role, now: unit.arrival)
            if state.run == nil {
                // Whoever is on air opens the run, with an IDR picture.
                let opens = state.board.onAir == session.role && unit.isSync && !state.isClosing
                if opens || state.board.onAir != session.role { session.keepWarm(.video(unit)) }
                return (nil, opens)
            }
            if !wasOnAir { session.keepWarm(.video(unit)) }
            carryOut(decision, &state, now: unit.arrival)
            // What was kept warm has been handed over with the decision, this picture with it.
            return (wasOnAir && state.board.onAir == session.role ? state.run?.pipeline : nil, false)
        }
        if let pipeline {
            readCaptions(in: unit, from: session)
            return pipeline.receive(.video(unit), feed: session.number)
        }
        if opens, let pipeline = open(session, firstArrival: unit.arrival) {
            // What was kept warm is this picture: an IDR picture is the first of it.
            for event in session.takeStart() { pipeline.receive(event, feed: session.number) }
        }
    }

    /// Of a rehearsal nothing is kept.
    private func readCaptions(in unit: AccessUnit, from session: FeedSession) {
        guard let language = settings.embeddedLanguage, let codec = session.formats.video?.codec,
            state.withLock({ $0.curtain == nil })
        else { return }
        embedded.receive(unit, codec, feed: session.number, language: language)
    }

    /// To the show's targets, if it has any and this feed is what viewers see: of a rehearsal they get nothing.
    private func sendOn(_ unit: AccessUnit, from session: FeedSession) {
        guard let relay else { return }
        let isShown = state.withLock { state in
            state.feeds[session.role] === session && state.board.onAir == session.role && state.run != nil
                && state.curtain == nil
        }
        if isShown { relay.send(unit, session.formats) }
    }

    private func pipeline(showing session: FeedSession) -> ShowPipeline? {
        state.withLock { state in
            guard state.feeds[session.role] === session, state.board.onAir == session.role else { return nil }
            return state.run?.pipeline
        }
    }

    /// Tells the run who is on air. One that has not opened yet has nothing to go on with, and where no slate is wanted
    /// none can: it ends, and whoever is next opens another.
    /// `isTakeover`: the feed has only changed its connection.
    func carryOut(
        _ decision: FeedSwitch.Decision?, _ state: inout State, now: MonotonicTime, isTakeover: Bool = false
    ) {
        guard let decision, let run = state.run else { return }
        if decision == .lose, !isTakeover, run.pipeline?.isOpened == true {
            state.awaySince = state.awaySince ?? now
        }
        guard let pipeline = run.pipeline, pipeline.isOpened, feed.reconnectWindow > .zero else {
            return finishRun(&state, now: now)
        }
        if state.slateSince == nil { state.slateSince = now }
        // Told every time: the run may have taken a feed in that is gone again, before its news of that was heard.
        pipeline.loseFeed()
        guard case .show(let role) = decision, let session = state.feeds[role] else {
            logger.notice("no feed is on air: the slate is shown")
            var facts: [String: JSONValue] = [:]
            if !isTakeover, let last = state.lastShown, state.feeds[last] != nil {
                facts = ["role": .text(last.rawValue), "reason": "it is connected, and sends no pictures"]
            }
            log.feed(id, "slate", facts, isOnScreen: true)
            return
        }
        logger.notice("a feed comes on air", metadata: ["role": "\(role)", "feed": "\(session.number)"])
        feedChanges.increment()
        log.feed(id, "switched", state.showing(session), isOnScreen: true)
        pipeline.joinFeed(session.number)
        for event in session.takeStart() { pipeline.receive(event, feed: session.number) }
    }

    /// Opens a run for a feed whose first IDR picture is here.
    private func open(_ session: FeedSession, firstArrival: MonotonicTime) -> ShowPipeline? {
        let run = Run(began: firstArrival)
        let (window, isRehearsal) = state.withLock { state -> (LiveWindow?, Bool) in
            guard state.feeds[session.role] === session, state.run == nil, state.record.state != .ended else {
                return (nil, false)
            }
            state.run = run
            state.slateSince = nil
            state.plan = nil
            // Another than before the pause.
            if let last = state.lastShown, last != session.role {
                log.feed(id, "switched", state.showing(session))
            }
            state.lastShown = session.role
            drawCurtain(&state)
            return (state.window, state.curtain != nil)
        }
        guard let window else { return nil }
        window.feedReturned(now: firstArrival)
        let pipeline = ShowPipeline(
            show: settings, ladder: ladder, feed: session.number, window: window,
            // Of a rehearsal nothing is kept.
            ear: isRehearsal ? nil : speech.ear(), capacity: capacity, logger: logger
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
}

extension LiveShow.State {
    /// A feed comes on air: what the log tells of it.
    fileprivate mutating func showing(_ session: FeedSession) -> [String: JSONValue] {
        var facts: [String: JSONValue] = [
            "role": .text(session.role.rawValue), "feed": .int(session.number),
        ]
        if let lastShown, lastShown != session.role { facts["from"] = .text(lastShown.rawValue) }
        lastShown = session.role
        return facts
    }

    /// Viewers see a feed: how long they have been without, where they have.
    mutating func endAway() -> [String: JSONValue] {
        defer { awaySince = nil }
        guard let awaySince else { return [:] }
        let milliseconds = (MonotonicTime.now.nanoseconds - awaySince.nanoseconds) / 1_000_000
        return ["awaySeconds": .number(Double(milliseconds) / 1000)]
    }
}
