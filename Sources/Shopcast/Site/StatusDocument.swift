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

    /// One show that is live or rehearses, or whose feed is there.
    struct RunningShow: Encodable, Sendable {
        let id: String
        let title: String
        let state: String
        let isPaused: Bool
        let viewers: Int
        /// Of the last hour, half of the viewers; nil where nobody told.
        var latencySeconds: Double?
        var joinSeconds: Double?
        var stallRatio: Double?
        /// Of the host's stream, each second of the last minute.
        let kilobitsPerSecond: [Int]
        let renditions: [FeedDocument.Rendition]
        /// What is wrong with the host's stream.
        let alerts: [FeedDocument.Told]
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
    let shows: [RunningShow]
    /// What is wrong with the machine.
    let alerts: [Alert]

    /// Blocks for the disk. `floor`: bytes that should stay free.
    init(_ shows: [LiveShow], _ audience: AudienceDesk, folder: String, floor: Int, startedAt: Date) {
        version = shopcastVersion
        self.startedAt = startedAt
        now = Date()
        let running = shows.filter {
            let state = $0.summary.state
            return state == .live || state == .rehearsal || $0.onAir.feed != nil
        }
        self.shows = running.map { StatusDocument.RunningShow($0, audience) }.sorted { $0.id < $1.id }
        viewers = self.shows.reduce(0) { $0 + $1.viewers }
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
        let document = FeedDocument(show, viewers: audience.viewers(of: id))
        let heard = try? audience.report(of: id, hours: 1).total
        self.init(
            id: document.id, title: document.title, state: document.state, isPaused: document.isPaused,
            viewers: document.viewers, latencySeconds: heard?.latencySecondsP50,
            joinSeconds: heard?.joinSecondsP50, stallRatio: heard?.stallRatio,
            kilobitsPerSecond: document.feed?.bitrate.kilobitsPerSecond ?? [],
            renditions: document.renditions, alerts: document.findings.filter { $0.severity != "info" })
    }
}
