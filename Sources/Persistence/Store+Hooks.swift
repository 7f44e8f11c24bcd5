import Foundation
import GRDB
import Hooks
import Media
import People
import ShowTimeline
import Shows

extension Store {
    /// From here on, what webhooks may want to know becomes their deliveries, in the transaction that it happens in: it is
    /// told if and only if it is kept. `publicURL` is how the server is called from outside, where it knows; `wake` is called
    /// when there may be something to send.
    package func tellHooks(
        waitingLimit: Int, publicURL: String?, wake: @escaping @Sendable () -> Void
    ) {
        setWitness { db, tidings in
            for news in tidings.events.compactMap(ShowNews.init) + tidings.news {
                guard let show = try Store.show(news.show, in: db) else { continue }
                let place = show.visibility == .token ? nil : publicURL
                let event = HookEvent(
                    news.happening.published(at: place, show.id),
                    show: HookEvent.Show(show, page: place.map { "\($0)/shows/\(show.id)" }), at: news.at)
                _ = try SQLiteHookStore.append(event, at: news.at, waitingLimit: waitingLimit, in: db)
            }
        } afterwards: {
            wake()
        }
    }
}

extension HookEvent.Show {
    init(_ show: Show, page: String?) {
        self.init(
            id: show.id, title: show.title(), state: show.state, startsAt: show.start,
            endsAt: show.lengthMinutes.flatMap { minutes in
                show.start?.addingTimeInterval(Double(minutes) * 60)
            }, timeZone: show.zone, url: page)
    }
}

extension HookEvent.Role {
    init(_ role: FeedRole) { self = role == .primary ? .primary : .backup }
}

extension HookEvent.Happening {
    /// With the address of what it tells of, where there is one.
    fileprivate func published(at place: String?, _ show: ShowID) -> Self {
        guard case .recordingReady(_, let duration) = self else { return self }
        return .recordingReady(url: place.map { "\($0)/replay/\(show)/index.m3u8" }, duration: duration)
    }
}

extension ShowNews {
    /// Nil for what no webhook is told.
    init?(_ event: TimelineEvent) {
        guard let happening = HookEvent.Happening(event) else { return nil }
        self.init(show: event.show, happening: happening, at: event.shopTime)
    }
}

extension HookEvent.Happening {
    /// Nil for what no webhook is told.
    init?(_ event: TimelineEvent) {
        let told = event.payload
        switch event.kind {
        case .state:
            switch (told["event"]?.text, told["to"]?.text) {
            case ("cancel", _): self = .cancelled
            case ("rehearse", _): self = .rehearsal
            case ("goLive", _): self = .live
            case ("end", _): self = .ended
            case ("reopen", _): self = .reopened
            // Made as scheduled, or scheduled later.
            case (_, "scheduled"): self = .scheduled
            default: return nil
            }
        case .feed:
            let role = told["role"]?.text.flatMap(HookEvent.Role.init(rawValue:)) ?? .primary
            switch told["what"]?.text {
            case "lost": self = .feedLost(role, reason: told["reason"]?.text)
            case "slate":
                // Of one that is gone it was told already.
                guard let reason = told["reason"]?.text else { return nil }
                self = .feedLost(role, reason: reason)
            case "shown", "restored":
                // Without it nobody saw that a feed was away.
                guard let away = told["awaySeconds"]?.seconds else { return nil }
                self = .feedRestored(role, away: away)
            case "switched":
                guard let before = told["from"]?.text.flatMap(HookEvent.Role.init(rawValue:)) else {
                    return nil
                }
                self = .feedSwitched(from: before, to: role)
            default: return nil
            }
        case .recording:
            switch told["what"]?.text {
            case "ready": self = .recordingReady(url: nil, duration: told["seconds"]?.seconds ?? .zero)
            case "failed": self = .recordingFailed(reason: told["reason"]?.text ?? "")
            default: return nil
            }
        case .note, .chapter, .question: return nil
        }
    }
}

extension JSONValue {
    fileprivate var seconds: Duration? {
        switch self {
        case .int(let value): .seconds(value)
        case .number(let value): .seconds(value)
        default: nil
        }
    }
}
