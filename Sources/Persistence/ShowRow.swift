import Foundation
import GRDB
import Media
import People
import Shows

/// Shows as rows.
enum ShowRow {
    /// After every start: what has none is last.
    private static let endOfTime: Int64 = 9_000_000_000_000_000

    static func show(_ row: Row, hosts: [PersonID]) throws -> Show? {
        guard let id = ShowID(row["id"] as String), let state = ShowState(rawValue: row["state"]) else {
            return nil
        }
        var draft: ShowDraft = try StoreJSON.value(row["draft"])
        draft.hosts = hosts
        draft.srtPassphrase = row["srtPassphrase"]
        draft.slate = row["slate"]
        var show = Show(
            id: id, draft: draft, state: state, at: Date(unixMilliseconds: row["createdAt"]))
        show.series = (row["series"] as String?).flatMap { ShowID($0) }
        show.cover = (row["cover"] as String?).flatMap { CoverID($0) }
        show.revision = row["revision"]
        show.updatedAt = Date(unixMilliseconds: row["updatedAt"])
        show.liveSince = (row["liveSince"] as Int64?).map(Date.init(unixMilliseconds:))
        show.endedAt = (row["endedAt"] as Int64?).map(Date.init(unixMilliseconds:))
        return show
    }

    static func arguments(of show: Show) throws -> StatementArguments {
        var bare = show.draft
        bare.hosts = []
        bare.srtPassphrase = nil
        let words = [show.id.text] + show.titles.values + show.tags
        return [
            "id": show.id.text, "series": show.series?.text, "state": show.state.rawValue,
            "visibility": show.visibility.rawValue, "start": show.start?.unixMilliseconds,
            "startOrder": startOrder(show), "latestOrder": latestOrder(show),
            "draft": try StoreJSON.text(bare), "search": words.joined(separator: "\n").lowercased(),
            "srtPassphrase": show.srtPassphrase, "slate": show.slate, "cover": show.cover?.text,
            "revision": show.revision, "createdAt": show.createdAt.unixMilliseconds,
            "updatedAt": show.updatedAt.unixMilliseconds, "liveSince": show.liveSince?.unixMilliseconds,
            "endedAt": show.endedAt?.unixMilliseconds,
        ]
    }

    static func startOrder(_ show: Show) -> Int64 { show.start?.unixMilliseconds ?? endOfTime }

    static func latestOrder(_ show: Show) -> Int64 {
        (show.liveSince ?? show.start ?? show.createdAt).unixMilliseconds
    }

    static let insert = """
        INSERT INTO show (id, series, state, visibility, start, startOrder, latestOrder, draft, search,
          srtPassphrase, slate, cover, revision, createdAt, updatedAt, liveSince, endedAt)
        VALUES (:id, :series, :state, :visibility, :start, :startOrder, :latestOrder, :draft, :search,
          :srtPassphrase, :slate, :cover, :revision, :createdAt, :updatedAt, :liveSince, :endedAt)
        """

    static let update = """
        UPDATE show SET series = :series, state = :state, visibility = :visibility, start = :start,
          startOrder = :startOrder, latestOrder = :latestOrder, draft = :draft, search = :search,
          srtPassphrase = :srtPassphrase, slate = :slate, cover = :cover, revision = :revision,
          createdAt = :createdAt, updatedAt = :updatedAt, liveSince = :liveSince, endedAt = :endedAt
        WHERE id = :id
        """
}

extension StreamKeyRecord {
    init?(row: Row) {
        guard let show = ShowID(row["show"] as String), let role = FeedRole(rawValue: row["role"]) else {
            return nil
        }
        self.init(
            id: StreamKeyID(known: row["id"]), show: show, role: role, label: row["label"],
            createdAt: Date(unixMilliseconds: row["createdAt"]),
            revokedAt: (row["revokedAt"] as Int64?).map(Date.init(unixMilliseconds:)),
            lastUsedAt: (row["lastUsedAt"] as Int64?).map(Date.init(unixMilliseconds:)),
            isFromSettings: row["isFromSettings"])
    }
}
