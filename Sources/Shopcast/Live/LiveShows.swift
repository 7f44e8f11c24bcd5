import Foundation
import Logging
import Media
import Packaging
import Shows
import Synchronization

/// The shows that have a place in memory: those on air, and those that somebody has asked for lately.
///
/// A store may have ten thousand shows; a window is made only for those that need one. Bound: `most`; policy: beyond it,
/// those that nobody publishes to and that are neither live nor rehearsing go, the longest unused first; who is on air
/// always stays.
final class LiveShows: Sendable {
    static let most = 200

    private struct State {
        var shows: [ShowID: LiveShow] = [:]
        /// The longest unused first.
        var order: [ShowID] = []
    }

    private let state = Mutex(State())
    private let loading = DispatchQueue(label: "shopcast.shows")

    subscript(id: ShowID) -> LiveShow? { state.withLock { $0.shows[id] } }

    var all: [LiveShow] { state.withLock { Array($0.shows.values) } }

    /// The show, made by `make` where it is not here yet; one at a time, so that none is made twice. Blocks.
    func get(_ id: ShowID, make: () throws -> LiveShow?) rethrows -> LiveShow? {
        if let known = self[id] {
            touch(id)
            return known
        }
        return try loading.sync {
            if let known = self[id] { return known }
            guard let made = try make() else { return nil }
            state.withLock { state in
                state.shows[id] = made
                state.order.append(id)
            }
            shrink()
            return made
        }
    }

    /// Forgets a show that is gone.
    func remove(_ id: ShowID) -> LiveShow? {
        state.withLock { state in
            state.order.removeAll { $0 == id }
            return state.shows.removeValue(forKey: id)
        }
    }

    private func touch(_ id: ShowID) {
        state.withLock { state in
            guard state.shows.count > LiveShows.most / 2, let place = state.order.firstIndex(of: id) else {
                return
            }
            state.order.append(state.order.remove(at: place))
        }
    }

    private func shrink() {
        let known = state.withLock { state -> [LiveShow] in
            state.shows.count > LiveShows.most ? state.order.compactMap { id in state.shows[id] } : []
        }
        var surplus = known.count - LiveShows.most
        // Not the newest: it is what was asked for.
        for show in known.dropLast() where surplus > 0 && show.retire() {
            _ = remove(show.id)
            surplus -= 1
        }
    }
}
