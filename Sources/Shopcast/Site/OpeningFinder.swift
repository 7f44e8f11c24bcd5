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

    /// The rendition that an opening is in: the best up to so many bits a second, sound included, else the smallest.
    private static let bandwidth = 900_000
    /// So many seconds before the live edge an opening's key frame lies at least, where there is one: a player that
    /// took over nearer to the edge would have to wait at once.
    private static let distance = 0.95
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
        guard let text = snapshot.multivariant?.plain,
            let variants = try? MultivariantPlaylist(parsing: text).variants,
            let variant = starting(variants),
            let rendition = variant.uri.split(separator: "/").first.map({ RenditionName(String($0)) }),
            case .ready(let list) = snapshot.playlist(rendition, BlockingRequest()),
            let playlist = try? MediaPlaylist(parsing: list.plain),
            let start = OpeningFinder.start(of: playlist)
        else { return nil }
        return Opening(
            show: show, rendition: rendition.text,
            codecs: variant.codecs.first { $0.hasPrefix("avc1") } ?? "avc1.640028",
            width: variant.width ?? 16, height: variant.height ?? 9, initSection: start.map,
            parts: start.parts, date: start.date)
    }

    private static func starting(_ variants: [MultivariantPlaylist.Variant]) -> MultivariantPlaylist.Variant?
    {
        let pictures = variants.filter { $0.height != nil }
        let light = pictures.filter { ($0.averageBandwidth ?? $0.bandwidth) <= bandwidth }
        return light.max { $0.bandwidth < $1.bandwidth } ?? pictures.min { $0.bandwidth < $1.bandwidth }
    }

    private struct Start {
        var map: String
        var parts: [String]
        var date: Int64
    }

    /// The newest key frame that is far enough from the live edge, and the parts from it on.
    private static func start(of playlist: MediaPlaylist) -> Start? {
        let segments = playlist.segments.suffix(4)
        var map = playlist.segments.prefix(max(0, playlist.segments.count - 4)).last { $0.map != nil }?.map
        var starts: [Start] = []
        var lengths: [Double] = []
        for segment in segments {
            if segment.isDiscontinuity { (starts, lengths) = ([], []) }
            map = segment.map ?? map
            var date = segment.programDateTime
            for part in segment.parts {
                if part.isGap {
                    (starts, lengths) = ([], [])
                } else {
                    for index in starts.indices {
                        starts[index].parts.append(part.uri)
                        lengths[index] += part.duration
                    }
                    if part.isIndependent, let map, let date {
                        starts.append(Start(map: map, parts: [part.uri], date: date))
                        lengths.append(part.duration)
                    }
                }
                date = date.map { $0 + Int64(part.duration * 1000) }
            }
        }
        let chosen = lengths.lastIndex { $0 >= distance } ?? lengths.indices.first
        return chosen.map { index in
            var start = starts[index]
            start.parts = Array(start.parts.prefix(partsAtMost))
            return start
        }
    }
}
