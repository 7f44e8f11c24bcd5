package import Media

/// The clock of the picture: where it is, when it waited and how long. What there is to play is told to it.
package struct Playhead: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Nothing has been shown yet.
        case joining
        case playing
        /// A stall, since then.
        case waiting(since: MonotonicTime)
        case ended
    }

    package private(set) var state = State.joining
    /// Seconds of the media's time.
    package private(set) var position = 0.0
    /// Media seconds a second.
    package var rate = 1.0
    package private(set) var stalls = 0
    package private(set) var stalled = Duration.zero
    /// Time in which the picture moved.
    package private(set) var played = Duration.zero
    private var updated = MonotonicTime(nanoseconds: 0)

    package init() {}

    /// Puts the picture at a place.
    package mutating func seek(to position: Double) { self.position = position }

    /// Begins or goes on.
    package mutating func play(at now: MonotonicTime) {
        if case .waiting(let since) = state { stalled += now - since }
        state = .playing
        updated = now
    }

    /// Lets time pass until `now` over what each track has to play. `isAll`: nothing more will come.
    package mutating func advance(to now: MonotonicTime, over tracks: [Buffered], isAll: Bool) {
        guard state == .playing else { return }
        var left = (now - updated).inSeconds
        updated = now
        while left > 0 {
            guard let end = Playhead.end(of: tracks, from: position), end > position else {
                if let next = Playhead.start(of: tracks, after: position) {
                    position = next
                    continue
                }
                state = isAll ? .ended : .waiting(since: now + .seconds(-left))
                if !isAll { stalls += 1 }
                return
            }
            let step = min(left, (end - position) / rate)
            // What is left of an end that rounding has missed.
            position = step < left ? end : position + step * rate
            played += .seconds(step)
            left -= step
        }
    }

    /// How long it can go on from where it is (media seconds).
    package func ahead(over tracks: [Buffered]) -> Double {
        max(0, (Playhead.end(of: tracks, from: position) ?? position) - position)
    }

    /// All stalls so far, one that goes on included.
    package func stalled(at now: MonotonicTime) -> Duration {
        if case .waiting(let since) = state { stalled + (now - since) } else { stalled }
    }

    /// The time until which every track has media; nil where one has none.
    static func end(of tracks: [Buffered], from position: Double) -> Double? {
        var least: Double?
        for track in tracks {
            guard let end = track.end(from: position) else { return nil }
            least = min(least ?? end, end)
        }
        return least
    }

    /// The next time after a hole at which every track has media; nil where there is none.
    static func start(of tracks: [Buffered], after position: Double) -> Double? {
        var next: Double?
        for track in tracks where track.end(from: position) == nil {
            guard let start = track.start(after: position) else { return nil }
            next = max(next ?? start, start)
        }
        guard let next, end(of: tracks, from: next) != nil else { return nil }
        return next
    }
}

extension Duration {
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
