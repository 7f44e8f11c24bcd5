import Foundation
import Media
import People
import Shows

/// The JSON that a receiver gets, UTF-8, members in order:
///
///     {"at":"2026-11-30T18:00:00.000Z","event":"feed.restored","feed":{"awaySeconds":12.5,"role":"primary"},
///      "id":"e…","show":{"endsAt":"…Z","id":"evening","startsAt":"…Z","state":"live","timeZone":"Asia/Shanghai",
///      "title":"An evening with us","url":"https://…/shows/evening"}}
///
/// - `id` names the event (the same in every webhook that is told), `at` is when it happened, in UTC.
/// - `show` is there for everything but `webhook.test`; of it `startsAt`, `endsAt`, `timeZone`, `url` where they are known.
/// - `previousStartsAt`: with `show.rescheduled`, where it had a time before.
/// - `feed`: `{"role"}` is `primary` or `backup`; `reason` with `feed.lost` and `awaySeconds` with `feed.restored` where
///   they are known; `{"from","to"}` with `feed.switched`.
/// - `recording`: `{"url","durationSeconds"}` with `recording.ready` (`url` where it is known), `{"reason"}` with
///   `recording.failed`.
/// - `key`: `{"role"}` with `key.rotated`; never the key.
///
/// Members may be added; receivers pass over those that they do not know.
struct HookBody: Encodable {
    struct Show: Encodable {
        var id, title, state: String
        var startsAt, endsAt: Date?
        var timeZone, url: String?
    }

    struct Feed: Encodable {
        var role, reason, from, to: String?
        var awaySeconds: Double?
    }

    struct Recording: Encodable {
        var url, reason: String?
        var durationSeconds: Double?
    }

    struct Key: Encodable {
        var role: String
    }

    var id, event: String
    var at: Date
    var show: Show?
    var previousStartsAt: Date?
    var feed: Feed?
    var recording: Recording?
    var key: Key?

    init(_ told: HookEvent) {
        id = told.id
        event = told.kind.rawValue
        at = told.at
        show = told.show.map {
            Show(
                id: $0.id.text, title: $0.title, state: $0.state.rawValue,
                startsAt: $0.startsAt, endsAt: $0.endsAt, timeZone: $0.timeZone,
                url: $0.url)
        }
        switch told.happening {
        case .rescheduled(let previous): previousStartsAt = previous
        case .feedLost(let role, let reason): feed = Feed(role: role.rawValue, reason: reason)
        case .feedRestored(let role, let away):
            feed = Feed(role: role.rawValue, awaySeconds: away?.roundedSeconds)
        case .feedSwitched(let from, let to): feed = Feed(from: from.rawValue, to: to.rawValue)
        case .recordingReady(let url, let duration):
            recording = Recording(url: url, durationSeconds: duration.roundedSeconds)
        case .recordingFailed(let reason): recording = Recording(reason: reason)
        case .keyRotated(let role): key = Key(role: role.rawValue)
        case .scheduled, .cancelled, .rehearsal, .live, .ended, .reopened, .test: break
        }
    }
}

extension HookEvent {
    /// The message of this event; every attempt and every webhook gets the same bytes.
    package func body() throws -> String {
        return String(decoding: try WireJSON.encoder().encode(HookBody(self)), as: UTF8.self)
    }
}

extension Duration {
    /// To the millisecond.
    fileprivate var roundedSeconds: Double {
        let (seconds, attoseconds) = components
        return (Double(seconds) * 1000 + Double(attoseconds) / 1e15).rounded() / 1000
    }

    var timeInterval: TimeInterval {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
