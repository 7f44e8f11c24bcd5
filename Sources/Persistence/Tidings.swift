package import Foundation
package import Hooks
package import Media
package import ShowTimeline

/// What a transaction has to tell others.
package struct Tidings: Sendable {
    /// Appended to timelines.
    package var events: [TimelineEvent]
    /// In no timeline: not for everybody who reads those, or not about what is seen.
    package var news: [ShowNews]

    package var isEmpty: Bool { events.isEmpty && news.isEmpty }
}

/// Something about a show that webhooks may want to know.
package struct ShowNews: Sendable, Hashable {
    package var show: ShowID
    package var happening: HookEvent.Happening
    package var at: Date
}
