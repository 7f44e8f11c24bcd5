package import Foundation
package import Media

/// What anybody may know of a show: what the pages and the public API tell.
package struct ShowSummary: Sendable, Hashable {
    package var id: ShowID
    /// The first show of a weekly series; nil where it stands alone.
    package var series: ShowID?
    package var titles: [LanguageTag: String]
    package var descriptions: [LanguageTag: String]
    /// What is spoken, and the language that texts fall back to; `und` where nobody has said.
    package var language: LanguageTag
    package var state: ShowState
    /// The show is live and its feed is away: viewers see "the host will be right back".
    package var isPaused: Bool
    /// The show has ended and can be seen again.
    package var hasReplay: Bool
    package var start: Date?
    package var lengthMinutes: Int?
    /// The zone in which the start was meant, by its IANA name.
    package var zone: String?
    package var recurrence: Recurrence?
    package var visibility: Visibility
    package var tags: [String]
    package var cover: CoverID?
    /// Whose pages may embed it: origins, or `*` for everybody's. Empty: nobody's but ours.
    package var embedOrigins: [String]
    /// Counts every change.
    package var revision: Int
    package var updatedAt: Date?
    package var liveSince: Date?
    package var endedAt: Date?

    /// A show of which no more is known than these.
    package init(
        id: ShowID, title: String, language: LanguageTag? = nil, state: ShowState, isPaused: Bool,
        hasReplay: Bool = false
    ) {
        let language = language ?? .undetermined
        self.id = id
        self.titles = [language: title]
        self.descriptions = [:]
        self.language = language
        self.state = state
        self.isPaused = isPaused
        self.hasReplay = hasReplay
        visibility = .public
        tags = []
        embedOrigins = []
        revision = 0
    }

    package init(_ show: Show, isPaused: Bool, hasReplay: Bool = false) {
        id = show.id
        series = show.series
        titles = show.titles
        descriptions = show.descriptions
        language = show.language
        state = show.state
        self.isPaused = isPaused
        self.hasReplay = hasReplay
        start = show.start
        lengthMinutes = show.lengthMinutes
        zone = show.zone
        recurrence = show.recurrence
        visibility = show.visibility
        tags = show.tags
        cover = show.cover
        embedOrigins = show.embedOrigins
        revision = show.revision
        updatedAt = show.updatedAt
        liveSince = show.liveSince
        endedAt = show.endedAt
    }

    /// In the show's own language, else in any.
    package var title: String {
        titles[language] ?? titles.min { $0.key.text < $1.key.text }?.value ?? id.text
    }

    /// When it is expected to be over; nil without a start.
    package var end: Date? {
        start?.addingTimeInterval(TimeInterval((lengthMinutes ?? Airing.usualMinutes) * 60))
    }
}
