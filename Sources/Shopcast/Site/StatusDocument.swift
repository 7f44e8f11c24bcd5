import Audience
import Foundation
import Media
import People
import Shows

/// What `GET /api/v1/status` answers: how the whole house stands, for its console.
struct StatusDocument: Encodable, Sendable {
    struct Disk: Encodable, Sendable {
        let freeBytes: Int
        let totalBytes: Int
    }

    struct Recordings: Encodable, Sendable {
        let count: Int
        /// With the files that were made to be downloaded.
        let bytes: Int
        /// The oldest go beyond it.
        let maximumBytes: Int
    }

    /// One show that is live or rehearses, or whose feed is there: what its host is told, and how it is watched.
    struct RunningShow: Encodable, Sendable {
        let show: FeedDocument
        /// Of the last hour, half of the viewers; nil where nobody told.
        var latencySeconds: Double?
        var joinSeconds: Double?
        var stallRatio: Double?

        private enum Keys: String, CodingKey { case latencySeconds, joinSeconds, stallRatio }

        func encode(to encoder: any Encoder) throws {
            try show.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encodeIfPresent(latencySeconds, forKey: .latencySeconds)
            try container.encodeIfPresent(joinSeconds, forKey: .joinSeconds)
            try container.encodeIfPresent(stallRatio, forKey: .stallRatio)
        }
    }

    struct Alert: Encodable, Sendable {
        let severity: String
        let title: String
        let fix: String
    }

    let version: String
    let startedAt: Date
    let now: Date
    let viewers: Int
    let disk: Disk
    /// As of the last sweep, a minute ago at most (`recording.sweepSeconds`).
    let recordings: Recordings
    let shows: [RunningShow]
    /// What is wrong with the machine.
    let alerts: [Alert]

    /// Blocks for the disk. `floor`: bytes that should stay free.
    init(
        _ shows: [LiveShow], _ audience: AudienceDesk, recordings: Recordings, folder: String, floor: Int,
        startedAt: Date
    ) {
        self.recordings = recordings
        version = shopcastVersion
        self.startedAt = startedAt
        now = Date()
        let running = shows.filter {
            let state = $0.summary.state
            return state == .live || state == .rehearsal || $0.onAir.feed != nil
        }
        self.shows = running.map { StatusDocument.RunningShow($0, audience) }
            .sorted { $0.show.id < $1.show.id }
        viewers = self.shows.reduce(0) { $0 + $1.show.viewers }
        let facts = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        let free = (facts?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        disk = Disk(freeBytes: free, totalBytes: (facts?[.systemSize] as? NSNumber)?.intValue ?? 0)
        alerts =
            free >= floor
            ? []
            : [
                Alert(
                    severity: "error", title: "The disk is nearly full.",
                    fix: "Delete recordings, or shorten how long they are kept.")
            ]
    }
}

extension StatusDocument.RunningShow {
    init(_ show: LiveShow, _ audience: AudienceDesk) {
        let id = show.summary.id
        let heard = try? audience.report(of: id, hours: 1).total
        self.init(
            show: FeedDocument(show, viewers: audience.viewers(of: id)),
            latencySeconds: heard?.latencySecondsP50, joinSeconds: heard?.joinSecondsP50,
            stallRatio: heard?.stallRatio)
    }
}
