package import Media

/// Decides where segments start, in all renditions alike. Pure.
package struct CutPlanner {
    package struct Cut: Hashable, Sendable {
        package var time: MediaTime
        package var isDiscontinuity: Bool
        /// The host's pictures are passed through no longer, from here on.
        package var endsPassthrough: Bool

        package init(time: MediaTime, isDiscontinuity: Bool = false, endsPassthrough: Bool = false) {
            self.time = time
            self.isDiscontinuity = isDiscontinuity
            self.endsPassthrough = endsPassthrough
        }
    }

    /// What the picture's parameters have become since the last cut.
    package enum Change: Sendable {
        case none
        /// New parameters that may be passed through: a discontinuity.
        case fit
        /// New parameters that may not.
        case unfit
    }

    /// Shorter segments are not worth a request.
    private static let shortest = MediaTime(milliseconds: 400)
    /// A segment of 2.5 s would break the target duration of 2 s: without a key frame it ends by then at the latest,
    private static let patience = MediaTime(milliseconds: 2400)
    /// and with one by then.
    private static let longest = MediaTime(milliseconds: 2490)
    private static let period = MediaTime(milliseconds: 2000)

    private let frameDuration: MediaTime
    package private(set) var followsSource: Bool
    private var lastCut: MediaTime?
    private var highest: MediaTime?
    private var next: MediaTime

    /// With `followsSource`, cuts lie at the host's IDR pictures; without, every 2 s on the output's grid.
    package init(start: MediaTime, frameRate: FrameRate, followsSource: Bool) {
        self.followsSource = followsSource
        frameDuration = frameRate.frameDuration
        next = start
    }

    /// One of the host's pictures, in decoding order. Returns the cut that it brings, which may lie before it: after
    /// the last picture that was passed through.
    package mutating func source(pts: MediaTime, isIDR: Bool, change: Change = .none) -> Cut? {
        guard followsSource else { return nil }
        defer { highest = max(highest ?? pts, pts) }
        guard let lastCut, let highest else {
            guard isIDR else { return nil }
            self.lastCut = pts
            return Cut(time: pts)
        }
        // Told before the picture that would be too much is in, whose own length counts at low rates.
        let isLate = pts + frameDuration > lastCut + CutPlanner.patience && pts > highest
        if isIDR && pts <= max(highest, lastCut + CutPlanner.longest) {
            switch change {
            case .unfit: return leave(at: pts)
            case .fit:
                self.lastCut = pts
                return Cut(time: pts, isDiscontinuity: true)
            case .none:
                guard pts >= lastCut + CutPlanner.shortest else { return nil }
                self.lastCut = pts
                return Cut(time: pts)
            }
        }
        return isLate ? leave(at: highest + frameDuration) : nil
    }

    /// The host's pictures are away: a segment starts at `time` that is not theirs. Nil where none are passed through.
    package mutating func abandonSource(at time: MediaTime) -> Cut? {
        followsSource ? leave(at: time) : nil
    }

    /// An IDR picture of the host's is expected at `time`, at most 0.4 s after the next cut: that waits for it, so that the
    /// source may be followed from there.
    package mutating func awaitSource(at time: MediaTime) {
        if !followsSource, time - next <= CutPlanner.shortest { next = max(next, time) }
    }

    /// The host's pictures may be passed through again, from an IDR picture at `time` on. Nil where the segment before
    /// would be too short: the next IDR picture may do.
    package mutating func followSource(from time: MediaTime) -> Cut? {
        guard !followsSource, let lastCut, time >= lastCut + CutPlanner.shortest else { return nil }
        followsSource = true
        self.lastCut = time
        highest = time
        return Cut(time: time, isDiscontinuity: true)
    }

    private mutating func leave(at time: MediaTime) -> Cut {
        followsSource = false
        lastCut = time
        next = time + CutPlanner.period
        return Cut(time: time, isDiscontinuity: true, endsPassthrough: true)
    }

    /// A picture of the output's grid, in display order. Returns the cut that starts there.
    package mutating func output(at time: MediaTime) -> Cut? {
        guard !followsSource, time >= next else { return nil }
        next = next + CutPlanner.period
        if next <= time { next = time + CutPlanner.period }
        lastCut = time
        return Cut(time: time)
    }

    /// The same, where something changes that players must be told of: a segment starts now, unless the one before
    /// would be too short.
    package mutating func discontinuity(at time: MediaTime) -> Cut? {
        guard !followsSource, let lastCut, time >= lastCut + CutPlanner.shortest else {
            return output(at: time)
        }
        next = time + CutPlanner.period
        self.lastCut = time
        return Cut(time: time, isDiscontinuity: true)
    }
}
