import Media
import Outbound

/// What the desk is asked for, once for all who ask.
struct TranslationKey: Hashable, Sendable {
    var text: String
    var from: LanguageTag
    var to: LanguageTag
    /// Of the glossary.
    var revision: Int
}

/// What is known, and what is under way. Pure.
///
/// Bound: `most` who wait at once; policy: who comes then is turned away, and counted by the desk.
struct DeskState: Sendable {
    /// How a flight ended.
    enum Landing: Sendable {
        /// Nil: no engine could.
        case done(Rendering?)
        /// The one who led it gave up; another may.
        case abandoned
    }

    enum Seat: Sendable {
        case known(Rendering?)
        /// Do it, and tell `land`.
        case lead
        case follow(Waiter<Landing>)
        case turnedAway
    }

    private let most: Int
    private var cache: RenderingCache<TranslationKey, Rendering?>
    private var flights: [TranslationKey: [Waiter<Landing>]] = [:]
    private(set) var waiting = 0

    init(waitingAtMost: Int, cacheEntries: Int) {
        most = waitingAtMost
        cache = RenderingCache(most: cacheEntries)
    }

    /// Outer nil: not known.
    mutating func known(_ key: TranslationKey) -> Rendering?? { cache.value(of: key) }

    mutating func keep(_ rendering: Rendering?, for key: TranslationKey) { cache.insert(rendering, for: key) }

    mutating func join(_ key: TranslationKey) -> Seat {
        if let known = cache.value(of: key) { return .known(known) }
        guard waiting < most else { return .turnedAway }
        waiting += 1
        guard flights[key] != nil else {
            flights[key] = []
            return .lead
        }
        let waiter = Waiter<Landing>()
        flights[key]?.append(waiter)
        return .follow(waiter)
    }

    /// Who has to be told how it ended.
    mutating func land(_ key: TranslationKey) -> [Waiter<Landing>] {
        let waiters = flights.removeValue(forKey: key) ?? []
        waiting -= 1 + waiters.count
        return waiters
    }
}
