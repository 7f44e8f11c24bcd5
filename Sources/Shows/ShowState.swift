/// Where a show stands. Losing the feed never changes it: "paused" is a badge, not a state.
package enum ShowState: String, Sendable, Hashable, CaseIterable {
    case draft, scheduled, rehearsal, live, ended, replay, cancelled

    /// What can happen to a show.
    package enum Event: Sendable, Hashable, CaseIterable {
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
}
