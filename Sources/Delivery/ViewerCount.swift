package import Media
import Synchronization

/// Who asked for a playlist of a show in the last ten seconds; counted now and then, not when somebody wants to know.
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
    private let counted = Mutex<[ShowID: Int]>([:])

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

    /// Viewers of a show when they were last counted.
    package func count(of show: ShowID) -> Int { counted.withLock { $0[show] ?? 0 } }

    /// Viewers of every show that has some, when they were last counted.
    package var counts: [ShowID: Int] { counted.withLock { $0 } }

    /// Counts every show that has viewers. Takes its time where there are many: not for an event loop.
    @discardableResult
    package func recount(at second: Int64) -> [ShowID: Int] {
        var counts: [ShowID: Int] = [:]
        for show in seen.withLock({ Array($0.keys) }) {
            // Outside the lock, which event loops take for every playlist.
            guard let one = seen.withLock({ $0[show] }) else { continue }
            let count = one.count(at: second)
            if count > 0 { counts[show] = count } else { forget(show, at: second) }
        }
        counted.withLock { $0 = counts }
        return counts
    }

    /// Forgets a show that nobody watches any longer.
    private func forget(_ show: ShowID, at second: Int64) {
        seen.withLock { seen in
            if seen[show]?.count(at: second) == 0 { seen[show] = nil }
        }
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

    func count(at second: Int64) -> Int {
        viewers.values.count { second - $0 <= ViewerCount.span }
    }

    mutating func sweep(at second: Int64) {
        viewers = viewers.filter { second - $0.value <= ViewerCount.span }
    }
}
