import Foundation
import GRDB
import Hooks
package import Media
import People
import ShowTimeline
import Shows

extension Store {
    /// From here on, what webhooks may want to know becomes their deliveries, in the transaction of the timeline's event:
    /// it is told if and only if the event was kept. `page` is the watch page, where the server knows its own public
    /// address; `wake` is called when there may be something to send.
    package func tellHooks(
        waitingLimit: Int, page: @escaping @Sendable (ShowID) -> String?, wake: @escaping @Sendable () -> Void
    ) {
        setWitness { db, events in
            for event in events {
                guard let happening = HookEvent.Happening(event),
                    let show = try Store.show(event.show, in: db)
                else { continue }
                _ = try SQLiteHookStore.append(
                    HookEvent(happening, show: HookEvent.Show(show, page: page(show.id)), at: event.shopTime),
                    at: event.shopTime, waitingLimit: waitingLimit, in: db)
            }
        }
        onEvents { _ in wake() }
    }
}

extension HookEvent.Show {
    init(_ show: Show, page: String?) {
        self.init(
            id: show.id, title: show.title(), state: show.state, startsAt: show.start,
            endsAt: show.lengthMinutes.flatMap { minutes in
                show.start?.addingTimeInterval(Double(minutes) * 60)
            }, timeZone: show.zone, url: show.visibility == .token ? nil : page)
    }
}

extension HookEvent.Happening {
    /// Nil for what no webhook is told.
    init?(_ event: TimelineEvent) {
        switch event.kind {
        case .state:
            switch (event.payload["event"]?.text, event.payload["to"]?.text) {
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
            let role = event.payload["role"]?.text.flatMap(HookEvent.Role.init) ?? .primary
            switch event.payload["what"]?.text {
            case "lost": self = .feedLost(role, reason: event.payload["reason"]?.text)
            case "restored": self = .feedRestored(role, away: nil)
            default: return nil
            }
        case .note, .chapter: return nil
        }
    }
}
