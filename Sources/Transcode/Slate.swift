import Codecs
import Media

/// The time while the feed is away: the slate takes up where the last picture was, and goes by the clock. Where that
/// picture was ahead of its time, the slate goes at half the clock's speed until it is not: it never stands still. Pure.
struct SlateClock {
    /// The first place of the output's grid that the slate has.
    private let start: MediaTime
    private let frameRate: FrameRate
    /// A place on the run's timeline, and when it was due: the host's last picture and its arrival.
    private let anchor: (time: MediaTime, arrival: MonotonicTime)
    private var shown: Int64 = 0

    init(start: MediaTime, frameRate: FrameRate, anchor: (time: MediaTime, arrival: MonotonicTime)) {
        self.start = start
        self.frameRate = frameRate
        self.anchor = anchor
    }

    /// The next place that is not shown yet.
    var next: MediaTime { start + frameRate.time(ofFrame: shown) }

    /// What the run's time is at `instant`.
    func time(at instant: MonotonicTime) -> MediaTime {
        let (seconds, attoseconds) = (instant - anchor.arrival).components
        return anchor.time + MediaTime(milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    private var isAhead: Bool { start - anchor.time > MediaTime(milliseconds: 250) }

    private func slowed(at instant: MonotonicTime) -> MediaTime {
        MediaTime(ticks: start.ticks + (time(at: instant) - anchor.time).ticks / 2)
    }

    /// The place nearest to `time`.
    func place(nearest time: MediaTime) -> MediaTime {
        start + frameRate.time(ofFrame: frameRate.frame(nearest: time - start))
    }

    /// The next place, where it is due by `instant`; it is shown then.
    mutating func take(by instant: MonotonicTime) -> MediaTime? {
        let place = next
        guard place <= time(at: instant) || isAhead && place <= slowed(at: instant) else { return nil }
        shown += 1
        return place
    }
}

/// The slate of a run, from the feed's loss to its return.
struct Slate {
    var clock: SlateClock
    /// One for each rung, once it has been drawn.
    var cards: [Picture] = []
    /// There is no slate that could be shown.
    var hasFailed = false
    /// When a feed first came back with pictures older than what is shown.
    var staleSince: MonotonicTime?
}
