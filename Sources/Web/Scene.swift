import Foundation
import Shows

/// What the watch page shows before its script runs, as keys of the catalogue; `Assets/text.mjs` has the same.
struct Scene: Sendable, Hashable {
    let name: String
    let badge: String

    init(_ show: ShowSummary, at now: Date) {
        (name, badge) =
            switch show.state {
            case .draft, .scheduled, .rehearsal:
                ("soon", show.isAhead(at: now) ? "badge.scheduled" : "badge.soon")
            case .live: show.isPaused ? ("away", "badge.paused") : ("starting", "badge.live")
            case .ended, .replay: ("ended", "badge.ended")
            case .cancelled: ("cancelled", "scene.cancelled.badge")
            }
    }

    var title: String { "scene.\(name).title" }
    var line: String { "scene.\(name).line" }
}
