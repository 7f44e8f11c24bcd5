import Shows

/// What the watch page shows before its script runs; the words are those of `Assets/text.mjs`.
struct Scene: Sendable, Hashable {
    let name: String
    let badge: String
    let title: String
    let line: String

    init(_ show: ShowSummary) {
        switch show.state {
        case .draft, .scheduled, .rehearsal:
            self = .soon
        case .live:
            self = show.isPaused ? .away : .starting
        case .ended, .replay:
            self = .ended
        case .cancelled:
            self = .cancelled
        }
    }

    private init(_ name: String, badge: String, title: String, line: String) {
        self.name = name
        self.badge = badge
        self.title = title
        self.line = line
    }

    private static let soon = Scene(
        "soon", badge: "Starting soon", title: "Starting soon",
        line: "Keep this page open. The show begins here by itself.")
    private static let starting = Scene(
        "starting", badge: "Live", title: "One moment", line: "The picture is on its way.")
    private static let away = Scene(
        "away", badge: "Paused", title: "The host will be right back",
        line: "The show goes on here as soon as the host is connected again.")
    private static let ended = Scene(
        "ended", badge: "Ended", title: "The show has ended", line: "Thank you for watching.")
    private static let cancelled = Scene(
        "cancelled", badge: "Cancelled", title: "This show was cancelled",
        line: "We are sorry. See what else is on.")
}
