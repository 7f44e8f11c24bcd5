import Delivery
import M3U8
import Media
import Packaging
import Shows
import Synchronization
import Web

/// Finds what a watch page begins with, from the same playlists that players read; once for each snapshot.
final class OpeningFinder: Sendable {
    private let found = Mutex<[ShowID: (version: UInt64, opening: Opening?)]>([:])

    /// An opening is in the best rendition up to so many bits a second, sound included, …
    private static let bandwidth = 900_000
    /// … whose init section and first part are no larger than this (bytes): so much does a new connection carry in one
    /// round trip right behind the page. Else in the smallest.
    private static let firstFlight = 26_000
    private static let partsAtMost = 6

    func opening(of show: ShowID, in window: LiveWindow) -> Opening? {
        let snapshot = window.snapshot
        guard snapshot.state == .live else { return nil }
        if let known = found.withLock({ $0[show] }), known.version == snapshot.version {
            return known.opening
        }
        let opening = OpeningFinder.opening(of: show, in: snapshot)
        found.withLock { $0[show] = (snapshot.version, opening) }
        return opening
    }

    private static func opening(of show: ShowID, in snapshot: WindowSnapshot) -> Opening? {
        guard let text = snapshot.multivariant?.plain, let master = try? MultivariantPlaylist(parsing: text)
        else { return nil }
        let pictures = master.variants.filter { $0.height != nil }.sorted { $0.bandwidth > $1.bandwidth }
        let light = pictures.filter { ($0.averageBandwidth ?? $0.bandwidth) <= bandwidth }
        let audio = master.audio.first { $0.isDefault }?.uri
        var smallest: Opening?
        for variant in light.isEmpty ? pictures.suffix(1) : light[...] {
            guard let (opening, size) = opening(of: show, in: snapshot, variant, audio) else { continue }
            if size <= firstFlight { return opening }
            smallest = opening
        }
        return smallest
    }

    /// The opening in one rendition, and how many bytes its first picture takes.
    private static func opening(
        of show: ShowID, in snapshot: WindowSnapshot, _ variant: MultivariantPlaylist.Variant,
        _ audio: String?
    ) -> (Opening, size: Int)? {
        guard let rendition = variant.uri.split(separator: "/").first.map({ RenditionName(String($0)) }),
            case .ready(let list) = snapshot.playlist(rendition, BlockingRequest()),
            let playlist = try? MediaPlaylist(parsing: list.plain), let start = start(of: playlist),
            case .ready(let head) = snapshot.media(rendition, file: start.map[...]),
            case .ready(let part) = snapshot.media(rendition, file: start.parts[0][...]),
            let opening = Opening(
                show: show, rendition: rendition.text,
                codecs: variant.codecs.first { $0.hasPrefix("avc1") } ?? "avc1.640028",
                width: variant.width ?? 16, height: variant.height ?? 9, initSection: start.map,
                parts: start.parts, date: start.date,
                playlists: ["index.m3u8", variant.uri] + (audio.map { [$0] } ?? []))
        else { return nil }
        return (opening, head.length + part.length)
    }

    private struct Start {
        var map: String
        var parts: [String]
        var date: Int64
    }

    /// The newest key frame, the parts from it on, and the one that is hinted: the server holds its request.
    private static func start(of playlist: MediaPlaylist) -> Start? {
        let segments = playlist.segments.suffix(4)
        var map = playlist.segments.dropLast(segments.count).last { $0.map != nil }?.map
        var start: Start?
        for segment in segments {
            if segment.isDiscontinuity { start = nil }
            map = segment.map ?? map
            var date = segment.programDateTime
            for part in segment.parts {
                if part.isGap {
                    start = nil
                } else if part.isIndependent, let map, let date {
                    start = Start(map: map, parts: [part.uri], date: date)
                } else {
                    start?.parts.append(part.uri)
                }
                date = date.map { $0 + Int64(part.duration * 1000) }
            }
        }
        guard var start else { return nil }
        if let hint = playlist.hintedPart { start.parts.append(hint) }
        start.parts = Array(start.parts.prefix(partsAtMost))
        return start
    }
}
