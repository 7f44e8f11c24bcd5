import Ingest
import Logging
import Media
import Packaging
import People
import Shows
import Synchronization

// What a run tells its show, from the run's threads.

extension LiveShow {
    func handle(_ report: ShowPipeline.Report, of run: Run) {
        switch report {
        case .opened(let plan):
            let (record, facts) = state.withLock { state -> (ShowRecord?, [String: JSONValue]) in
                guard state.run === run else { return (nil, [:]) }
                var facts = state.endAway()
                facts["role"] = state.lastShown.map { .text($0.rawValue) }
                state.isPaused = false
                state.plan = plan
                state.relief = nil
                let hasMoved = move(&state, state.curtain == nil ? .goLive : .rehearse, by: .server)
                return (hasMoved ? state.record : nil, facts)
            }
            if let record { store(record) }
            log.feed(
                id, "shown",
                facts.merging(["renditions": .list(plan.renditions.map { .text($0.name.text) })]) { $1 },
                isOnScreen: true)
            logger.notice(
                summary.state == .rehearsal ? "rehearsing" : "on air",
                metadata: [
                    "renditions": "\(plan.renditions.map(\.name.text).joined(separator: " "))",
                    "source":
                        "\(plan.unfitReasons.isEmpty ? "passed through" : plan.unfitReasons.joined(separator: "; "))",
                ])
        case .news(let news): hear(news, of: run)
        case .failed(let reason):
            logger.error("the feed cannot be used", metadata: ["reason": "\(reason)"])
            log.feed(id, "refused", ["reason": .text(reason)])
            let feed = state.withLock { state -> FeedSession? in
                if state.finishing?.run === run { state.finishing = nil }
                guard state.run === run else { return nil }
                state.run = nil
                state.slateSince = nil
                state.isPaused = state.record.state == .live
                return state.onAir
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

    private func hear(_ news: RunNews, of run: Run) {
        switch news {
        case .slate: break
        case .relief(let relief):
            state.withLock { state in
                guard state.run === run else { return }
                state.relief = relief.level == 0 ? nil : (relief, state.relief?.since ?? .now)
            }
        case .feed(let number):
            let shown = state.withLock { state -> [String: JSONValue]? in
                guard state.run === run, let feed = state.onAir, feed.number == number else { return nil }
                state.slateSince = nil
                return state.endAway().merging([
                    "feed": .int(number), "role": .text(feed.role.rawValue),
                ]) { $1 }
            }
            guard let shown else { return }
            log.feed(id, "restored", shown, isOnScreen: true)
            logger.notice("a feed is shown again", metadata: ["feed": "\(number)"])
        case .unusable(let reason, let number):
            let feed = state.withLock { state in
                state.run === run ? state.feeds.all.first { $0.number == number } : nil
            }
            feed?.disconnect(reason)
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
}
