import Ingest
import Logging
import Media
import Packaging
import People
import Shows
import Synchronization

// What is decided about a show elsewhere, while it has a place in memory.

extension LiveShow {
    /// Why no feed is let in, in plain words.
    static func refusal(_ state: ShowState) -> String {
        switch state {
        case .draft: "the show is a draft: schedule it first"
        case .cancelled: "the show is cancelled"
        default: "the show has ended: reopen it to go live again"
        }
    }

    /// The show has been edited: texts count at once, the rest from the next run on.
    func change(to plan: ShowPlan) {
        self.plan.withLock { $0 = plan }
        speech.change(to: plan)
    }

    /// Feeds that came with another key have to go: it has been revoked.
    func keepFeeds(of good: Set<StreamKeyID>) {
        let cut = state.withLock { state in state.feeds.all.filter { !good.contains($0.key) } }
        for feed in cut {
            logger.notice("the key of a feed was revoked", metadata: ["role": "\(feed.role)"])
            feed.disconnect("the stream key has been revoked")
        }
    }

    /// At start: the process died after it had written here that the show was on air, and before the store knew.
    func catchUp(to remembered: ShowState) {
        state.withLock { state in
            switch (state.record.state, remembered) {
            case (.scheduled, .rehearsal): _ = move(&state, .rehearse, by: .server)
            case (.scheduled, .live), (.rehearsal, .live):
                if move(&state, .goLive, by: .server) { state.isPaused = true }
            default: break
            }
        }
    }

    /// Whether its place in memory can go; it takes no feed any more then.
    func retire() -> Bool {
        state.withLock { state in
            let isQuiet =
                state.feeds.all.isEmpty && state.run == nil && state.finishing == nil
                && state.record.state != .live && state.record.state != .rehearsal
            if isQuiet { state.isClosing = true }
            return isQuiet
        }
    }

    /// Nobody will see it: before it was live.
    func cancel(by actor: Actor) -> ControlReply {
        let reply = state.withLock { state -> ControlReply in
            move(&state, .cancel, by: actor)
                ? .ok("show '\(id)' is cancelled")
                : .error("show '\(id)' is \(state.record.state.rawValue), and cannot be cancelled")
        }
        if case .ok = reply { withdraw() }
        return reply
    }

    /// The show is gone: whoever publishes is told, and nothing is listed any more.
    func withdraw() {
        let (feeds, windows) = state.withLock { state -> ([FeedSession], [LiveWindow]) in
            state.isClosing = true
            let feeds = state.feeds.all
            for feed in feeds { _ = state.board.disconnect(feed.role, now: .now) }
            state.feeds = Feeds()
            state.run?.pipeline?.finish()
            state.run = nil
            state.finishing = nil
            return (feeds, [state.window, state.curtain].compactMap { $0 })
        }
        feeds.forEach { $0.disconnect("the show is cancelled") }
        windows.forEach { $0.end() }
    }
}
