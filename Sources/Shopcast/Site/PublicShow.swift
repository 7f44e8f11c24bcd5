import Shows

/// A show as the public API tells it.
struct PublicShow: Codable, Sendable, Hashable {
    var id: String
    var title: String
    var state: String
    var isPaused: Bool
    /// The multivariant playlist, from the server's root.
    var playlist: String
    /// Players that asked for a playlist in the last ten seconds.
    var viewers: Int

    init(_ summary: ShowSummary, viewers: Int) {
        id = summary.id.text
        title = summary.title
        state = summary.state.rawValue
        isPaused = summary.isPaused
        playlist = "/live/\(summary.id)/index.m3u8"
        self.viewers = viewers
    }
}

/// All shows, as the public API lists them.
struct PublicShows: Codable, Sendable, Hashable {
    var shows: [PublicShow]
}
