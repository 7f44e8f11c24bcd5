import Foundation
package import Media
import People
package import Shows
import Synchronization

/// The bare facts of every show and every good stream key, in memory: doors are answered at once, from any thread.
///
/// A key is found by its SHA-256, so the time of the search tells nothing of a secret. Some 300 bytes a show.
package final class ShowIndex: Sendable {
    private struct State {
        var facts: [ShowID: ShowFacts] = [:]
        var keys: [ShowID: [KnownKey]] = [:]
        var byHash: [SecretHash: Set<ShowID>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func load(_ facts: [ShowFacts], _ keys: [KnownKey]) {
        state.withLock { state in
            state = State()
            for fact in facts { state.facts[fact.id] = fact }
            for key in keys {
                state.keys[key.show, default: []].append(key)
                state.byHash[key.hash, default: []].insert(key.show)
            }
        }
    }

    /// Nil: the show is gone.
    package func set(_ id: ShowID, _ facts: ShowFacts?, keys: [KnownKey]) {
        state.withLock { state in
            for key in state.keys[id] ?? [] {
                state.byHash[key.hash]?.remove(id)
                if state.byHash[key.hash]?.isEmpty == true { state.byHash[key.hash] = nil }
            }
            state.facts[id] = facts
            state.keys[id] = facts == nil || keys.isEmpty ? nil : keys
            guard facts != nil else { return }
            for key in keys { state.byHash[key.hash, default: []].insert(id) }
        }
    }

    package subscript(id: ShowID) -> ShowFacts? { state.withLock { $0.facts[id] } }

    package var all: [ShowFacts] { state.withLock { Array($0.facts.values) } }

    /// Whether `secret` is a good key of this show.
    package func admits(_ secret: String, to show: ShowID) -> Bool {
        let hash = SecretHash(of: secret)
        return state.withLock { $0.byHash[hash]?.contains(show) == true }
    }

    /// What a key opens. The shows of a series have the same: of them the one that is on air, else the next one, else the
    /// latest.
    package func opening(_ secret: String) -> (key: KnownKey, facts: ShowFacts)? {
        let hash = SecretHash(of: secret)
        return state.withLock { state in
            let candidates = (state.byHash[hash] ?? []).compactMap { state.facts[$0] }
            guard let best = candidates.min(by: ShowIndex.isRather),
                let key = state.keys[best.id]?.first(where: { $0.hash == hash })
            else { return nil }
            return (key, best)
        }
    }

    private static func isRather(_ a: ShowFacts, _ b: ShowFacts) -> Bool {
        func rank(_ state: ShowState) -> Int {
            switch state {
            case .live: 0
            case .rehearsal: 1
            case .scheduled: 2
            case .draft: 3
            case .ended, .replay: 4
            case .cancelled: 5
            }
        }
        let (first, second) = (rank(a.state), rank(b.state))
        if first != second { return first < second }
        // The next one of those to come, the latest of those that are over.
        let (early, late) = (a.start ?? .distantFuture, b.start ?? .distantFuture)
        if early != late { return first < 4 ? early < late : early > late }
        return a.id.text < b.id.text
    }
}
