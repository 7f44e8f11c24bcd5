/// Where a show stands. Losing the feed never changes it: "paused" is a badge, not a state.
package enum ShowState: String, Sendable, Hashable, Codable, CaseIterable {
    case draft, scheduled, rehearsal, live, ended, replay, cancelled

    /// What can happen to a show.
    package enum Event: String, Sendable, Hashable, CaseIterable {
        case schedule, rehearse, goLive, end, publishReplay, reopen, cancel
    }

    /// The state after `event`, or nil where the move is forbidden.
    package func after(_ event: Event) -> ShowState? {
        switch (self, event) {
        case (.draft, .schedule): .scheduled
        case (.scheduled, .rehearse): .rehearsal
        case (.scheduled, .goLive), (.rehearsal, .goLive): .live
        case (.live, .end): .ended
        case (.ended, .publishReplay): .replay
        case (.ended, .reopen), (.replay, .reopen): .live
        case (.draft, .cancel), (.scheduled, .cancel), (.rehearsal, .cancel): .cancelled
        default: nil
        }
    }

    /// Why `event` is not possible: names the state and the move.
    package func refusal(of event: Event) -> String {
        let wanted = ShowState.allCases.filter { $0.after(event) != nil }.map(\.rawValue)
        return "the show is \(rawValue): to \(event.words), it must be \(wanted.joined(separator: " or "))"
    }

    /// May be deleted, with everything that is kept of it.
    package var canBeDeleted: Bool { self == .draft || self == .cancelled }

    /// Will be on air, or is.
    package var isAhead: Bool {
        switch self {
        case .draft, .scheduled, .rehearsal, .live: true
        case .ended, .replay, .cancelled: false
        }
    }

    /// A feed is let in.
    package var takesFeed: Bool {
        switch self {
        case .scheduled, .rehearsal, .live: true
        case .draft, .ended, .replay, .cancelled: false
        }
    }

    /// Anybody may know of it.
    package var isAnnounced: Bool { self != .draft && self != .cancelled }
}

extension ShowState.Event {
    /// As in "to go live".
    package var words: String {
        switch self {
        case .schedule: "be scheduled"
        case .rehearse: "rehearse"
        case .goLive: "go live"
        case .end: "end"
        case .publishReplay: "be shown as a replay"
        case .reopen: "be reopened"
        case .cancel: "be cancelled"
        }
    }
}
