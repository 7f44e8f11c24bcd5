package import Foundation
package import Media
import People
package import Shows

/// Something that other systems are told. It carries facts, no secrets: nobody's name, address or key.
package struct HookEvent: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable, Comparable {
        case showScheduled = "show.scheduled"
        case showRescheduled = "show.rescheduled"
        case showCancelled = "show.cancelled"
        case showRehearsal = "show.rehearsal"
        case showLive = "show.live"
        case showEnded = "show.ended"
        case showReopened = "show.reopened"
        case feedLost = "feed.lost"
        case feedRestored = "feed.restored"
        case feedSwitched = "feed.switched"
        case recordingReady = "recording.ready"
        case recordingFailed = "recording.failed"
        case keyRotated = "key.rotated"
        case webhookTest = "webhook.test"

        package static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
    }

    /// What a receiver learns of the show.
    package struct Show: Hashable, Sendable {
        package var id: ShowID
        package var title: String
        package var state: ShowState
        package var startsAt: Date?
        package var endsAt: Date?
        /// As in the time zone database: Asia/Shanghai.
        package var timeZone: String?
        /// The watch page, where the server knows its own public address.
        package var url: String?

        package init(
            id: ShowID, title: String, state: ShowState, startsAt: Date? = nil, endsAt: Date? = nil,
            timeZone: String? = nil, url: String? = nil
        ) {
            self.id = id
            self.title = title
            self.state = state
            self.startsAt = startsAt
            self.endsAt = endsAt
            self.timeZone = timeZone
            self.url = url
        }
    }

    package enum Role: String, Hashable, Sendable {
        case primary, backup
    }

    /// What happened, with what belongs to it.
    package enum Happening: Hashable, Sendable {
        case scheduled
        /// From when it has been moved; nil where it had no time.
        case rescheduled(from: Date?)
        case cancelled
        case rehearsal
        case live
        case ended
        case reopened
        case feedLost(Role, reason: String?)
        /// `away`: how long it was.
        case feedRestored(Role, away: Duration?)
        case feedSwitched(from: Role, to: Role)
        /// `url`: its playlist, where the server knows its own public address.
        case recordingReady(url: String?, duration: Duration)
        case recordingFailed(reason: String)
        case keyRotated(Role)
        case test
    }

    /// Names the event in all its deliveries: `e` and 20 letters and digits.
    package let id: String
    package let at: Date
    /// Nil for what is about no show.
    package let show: Show?
    package let happening: Happening

    package init(_ happening: Happening, show: Show?, at: Date) {
        id = "e" + Name32.random(20)
        self.at = at.toMilliseconds
        self.show = show
        self.happening = happening
    }

    package var kind: Kind {
        switch happening {
        case .scheduled: .showScheduled
        case .rescheduled: .showRescheduled
        case .cancelled: .showCancelled
        case .rehearsal: .showRehearsal
        case .live: .showLive
        case .ended: .showEnded
        case .reopened: .showReopened
        case .feedLost: .feedLost
        case .feedRestored: .feedRestored
        case .feedSwitched: .feedSwitched
        case .recordingReady: .recordingReady
        case .recordingFailed: .recordingFailed
        case .keyRotated: .keyRotated
        case .test: .webhookTest
        }
    }
}
