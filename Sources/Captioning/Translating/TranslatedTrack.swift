import Media
import Synchronization

/// A track that is made from another of its show, and what of it is to be done. One task works on it at a time.
final class TranslatedTrack: Sendable {
    private struct State {
        var errands: CueErrands
        var rendered: RenderedTrack
        /// A task works on it, or will.
        var isClaimed = false
        var told = (late: 0, lost: 0)
    }

    let name: TrackName
    /// The language of the track that it is made from.
    let from: LanguageTag
    private let state: Mutex<State>

    init(_ name: TrackName, rendered: RenderedTrack, rules: CueErrands.Rules) {
        self.name = name
        from = rendered.from
        state = Mutex(State(errands: CueErrands(rules: rules), rendered: rendered))
    }

    /// Cues of the track that it is made from are new, changed or gone.
    func put(_ ids: [Int]) {
        state.withLock { state in for id in ids { state.errands.put(id) } }
    }

    func owe(_ ids: [Int]) { state.withLock { $0.errands.owe(ids) } }

    func clear() { state.withLock { $0.errands.clear() } }

    /// Its own cues are other than they were.
    func follow(_ news: CaptionHall.News) {
        state.withLock { state in
            switch news {
            case .put(let cues): state.rendered.put(cues)
            case .removed(let ids): state.rendered.remove(ids)
            case .replaced(let cues): state.rendered.replace(cues)
            case .partial, .state, .wanted, .anchored, .opened: break
            }
        }
    }

    func standing(of source: Int) -> RenderedTrack.Standing {
        state.withLock { $0.rendered.standing(of: source) }
    }

    /// All that something here was made from.
    var sources: [Int] { state.withLock { $0.rendered.rendered } }

    /// Whether a task has to begin to work on it.
    func claim(at now: MonotonicTime) -> Bool {
        state.withLock { state in
            guard !state.isClaimed, state.errands.isDue(at: now) else { return false }
            state.isClaimed = true
            return true
        }
    }

    /// Nil: there is nothing to do just now, and whoever worked on it is done.
    func next(at now: MonotonicTime) -> Int? {
        state.withLock { state in
            let id = state.errands.next(at: now)
            if id == nil { state.isClaimed = false }
            return id
        }
    }

    func done(_ id: Int) { state.withLock { $0.errands.done(id) } }
    func failed(_ id: Int, at now: MonotonicTime) { state.withLock { $0.errands.failed(id, at: now) } }

    /// Those that stepped back, and those that were given up, since this was last asked.
    func count() -> (late: Int, lost: Int) {
        state.withLock { state in
            let now = (late: state.errands.late, lost: state.errands.lost)
            defer { state.told = now }
            return (now.late - state.told.late, now.lost - state.told.lost)
        }
    }

    var isIdle: Bool { state.withLock { !$0.isClaimed && $0.errands.count == 0 } }
}
