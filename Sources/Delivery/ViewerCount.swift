package import Media
import Synchronization

/// Who asked for a playlist of a show in the last ten seconds.
///
/// A viewer is a connection of HTTP/2, or an address and user agent of HTTP/1.1 (whose players use several
/// connections). Bounds: 500,000 viewers a show, 10,000 shows; more are not counted.
package final class ViewerCount: Sendable {
    /// Seconds for which a viewer counts after a playlist.
    package static let span: Int64 = 10
    fileprivate static let viewersAtMost = 500_000
    private static let showsAtMost = 10_000

    fileprivate struct Seen {
        var viewers: [UInt64: Int64] = [:]
        var sweepAt = 1024
    }

    private let seen = Mutex<[ShowID: Seen]>([:])

    package init() {}

    /// Notes a viewer at `second` of any steady clock.
    package func saw(_ viewer: UInt64, of show: ShowID, at second: Int64) {
        seen.withLock { seen in
            if seen[show] == nil {
                guard seen.count < ViewerCount.showsAtMost else { return }
                seen[show] = Seen()
            }
            seen[show]?.note(viewer, at: second)
        }
    }

    package func count(of show: ShowID, at second: Int64) -> Int {
        seen.withLock { seen in
            guard var one = seen[show] else { return 0 }
            one.sweep(at: second)
            seen[show] = one.viewers.isEmpty ? nil : one
            return one.viewers.count
        }
    }

    /// Every show that has viewers.
    package func counts(at second: Int64) -> [ShowID: Int] {
        let shows = seen.withLock { Array($0.keys) }
        return Dictionary(uniqueKeysWithValues: shows.map { ($0, count(of: $0, at: second)) })
    }
}

extension ViewerCount.Seen {
    mutating func note(_ viewer: UInt64, at second: Int64) {
        if viewers.count >= sweepAt, viewers[viewer] == nil {
            sweep(at: second)
            sweepAt = max(1024, viewers.count * 2)
            guard viewers.count < ViewerCount.viewersAtMost else { return }
        }
        viewers[viewer] = second
    }

    mutating func sweep(at second: Int64) {
        viewers = viewers.filter { second - $0.value <= ViewerCount.span }
    }
}
