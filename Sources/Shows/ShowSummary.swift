package import Media

/// What anybody may know of a show: what the pages and the public API tell.
package struct ShowSummary: Sendable, Hashable {
    package var id: ShowID
    package var title: String
    package var state: ShowState
    /// The show is live and its feed is away: viewers see "the host will be right back".
    package var isPaused: Bool
    /// The show has ended and can be seen again.
    package var hasReplay: Bool

    package init(id: ShowID, title: String, state: ShowState, isPaused: Bool, hasReplay: Bool = false) {
        self.id = id
        self.title = title
        self.state = state
        self.isPaused = isPaused
        self.hasReplay = hasReplay
    }
}
