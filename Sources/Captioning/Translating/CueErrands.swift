import DequeModule
package import Media

/// Which cues of a track wait to be translated: new ones in their order, and those that have to be made up for. Pure.
///
/// Bound: `Rules.fresh` new ones; policy: the oldest steps back behind all that is new; counter: `late`. Bound: `Rules.owed`
/// to be made up for, each tried `Rules.tries` times; policy: the oldest is given up; counter: `lost`.
package struct CueErrands: Sendable {
    package struct Rules: Sendable, Hashable {
        package var fresh: Int
        package var owed: Int
        package var tries: Int

        package init(fresh: Int = 32, owed: Int = CaptionFile.mostCues, tries: Int = 24) {
            (self.fresh, self.owed, self.tries) = (fresh, owed, tries)
        }
    }

    private let rules: Rules
    private var fresh: Deque<Int> = []
    private var owed: Deque<Int> = []
    /// In one of the two.
    private var waiting: Set<Int> = []
    /// Of those that have failed: how often, and until when they are left alone.
    private var failures: [Int: (count: Int, until: MonotonicTime)] = [:]
    /// While everything fails, what is to be made up for waits together, and one of it is tried now and then.
    private var rest: (failures: Int, until: MonotonicTime)?
    package private(set) var late = 0
    package private(set) var lost = 0

    package init(rules: Rules = Rules()) { self.rules = rules }

    package var count: Int { waiting.count }

    /// The cue is new, changed or gone.
    package mutating func put(_ id: Int) {
        failures[id] = nil
        if !waiting.insert(id).inserted {
            // What was to be made up for is new all the same: it is not told behind what comes after it.
            guard let place = owed.firstIndex(of: id) else { return }
            owed.remove(at: place)
        }
        fresh.append(id)
        guard fresh.count > rules.fresh, let oldest = fresh.popFirst() else { return }
        late += 1
        push(oldest)
    }

    /// These should have been done before, in this order.
    package mutating func owe(_ ids: some Sequence<Int>) {
        for id in ids where waiting.insert(id).inserted { push(id) }
    }

    private mutating func push(_ id: Int) {
        owed.append(id)
        guard owed.count > rules.owed, let oldest = owed.popFirst() else { return }
        waiting.remove(oldest)
        failures[oldest] = nil
        lost += 1
    }

    /// What is to be done next; `done` or `failed` follows.
    package mutating func next(at now: MonotonicTime) -> Int? {
        if let id = fresh.popFirst() {
            waiting.remove(id)
            return id
        }
        guard !rests(at: now), let place = owed.firstIndex(where: { isDue($0, at: now) }) else { return nil }
        let id = owed.remove(at: place)
        waiting.remove(id)
        return id
    }

    package func isDue(at now: MonotonicTime) -> Bool {
        !fresh.isEmpty || (!rests(at: now) && owed.contains { isDue($0, at: now) })
    }

    private func rests(at now: MonotonicTime) -> Bool { rest.map { now < $0.until } ?? false }

    private func isDue(_ id: Int, at now: MonotonicTime) -> Bool {
        failures[id].map { $0.until <= now } ?? true
    }

    package mutating func done(_ id: Int) {
        rest = nil
        if !waiting.contains(id) { failures[id] = nil }
    }

    /// It is tried again: every second while it may still be seen with its picture, then less and less often.
    package mutating func failed(_ id: Int, at now: MonotonicTime) {
        let row = (rest?.failures ?? 0) + 1
        rest = (row, now + .milliseconds(row == 1 ? 500 : 1000))
        // It has changed meanwhile: it is new.
        guard !waiting.contains(id) else { return }
        let count = (failures[id]?.count ?? 0) + 1
        guard count < rules.tries else {
            failures[id] = nil
            lost += 1
            return
        }
        let wait = count == 1 ? 500 : count <= 8 ? 1000 : min(30_000, 1000 << (count - 8))
        failures[id] = (count, now + .milliseconds(wait))
        waiting.insert(id)
        push(id)
    }

    package mutating func clear() {
        (fresh, owed, waiting, failures, rest) = ([], [], [], [:], nil)
    }
}
