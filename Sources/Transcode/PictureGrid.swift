import Media

/// Puts a feed's pictures, already on the run's timeline, on its frame grid, or keeps them in order where they lie on
/// none. Presentation times are the truth; decoding times are bent to them. Pure.
struct PictureGrid {
    typealias Times = TimestampRepair.Times

    /// No encoder composes pictures more than a few frames late; a wilder value is a fault.
    private static let longestLead = MediaTime(milliseconds: 1500)
    private static let squeeze = MediaTime(milliseconds: 1)

    let timing: FrameTiming
    /// The first picture's place.
    let origin: MediaTime
    /// How far the host's pictures run ahead of the grid, in ticks: its clock is never exactly ours.
    private var phase = 0.0
    /// By how much the host has said that pictures are shown before they are decoded: its decoding times are that
    /// much too late.
    private var lateness = MediaTime.zero
    private var isReordered = false
    /// All that follows is decoded later.
    private(set) var lastDecoded: MediaTime?
    private(set) var highest: MediaTime
    /// Where the last pictures are shown: no place is given twice.
    private var shown: [MediaTime] = []
    /// Pictures in a row that the host puts well before their places, and how far the nearest of them is off.
    private var behind: (count: Int, least: MediaTime) = (0, .zero)

    init(timing: FrameTiming, origin: MediaTime, after lastDecoded: MediaTime? = nil) {
        self.timing = timing
        self.origin = origin
        self.lastDecoded = lastDecoded
        highest = origin
    }

    private var frame: MediaTime { timing.rate.frameDuration }

    /// The grid's place nearest to `time`; the time itself where there is no grid.
    func nearest(_ time: MediaTime) -> MediaTime {
        guard timing.isConstant else { return time }
        return origin + timing.rate.time(ofFrame: timing.rate.frame(nearest: time - origin))
    }

    mutating func decodeAfter(_ time: MediaTime) {
        lastDecoded = max(lastDecoded ?? time, time)
    }

    /// The host's clock has jumped: where its pictures lie between two places says nothing any more.
    mutating func forgetPhase() {
        phase = 0
        behind = (0, .zero)
    }

    /// A picture's place, in decoding order; `room` is how much later the feed's whole timeline is from here on,
    /// because its pictures come faster than there are places for them.
    mutating func place(
        pts: MediaTime, dts: MediaTime, isIDR: Bool = false
    ) -> (times: Times, room: MediaTime) {
        var pts = pts
        let lead = pts - dts
        if lead < .zero - PictureGrid.longestLead {
            pts = dts - lateness
        } else if lead < .zero {
            lateness = max(lateness, .zero - lead)
        }
        let dts = dts - lateness
        pts = min(pts, dts + PictureGrid.longestLead)
        if (pts - dts).ticks * 2 > frame.ticks { isReordered = true }
        var room = MediaTime.zero
        let times: Times
        if timing.isConstant {
            times = snapped(pts: pts, dts: dts)
            room = follow(pts: pts, shown: times.pts, isIDR: isIDR)
        } else {
            times = ordered(Times(pts: pts, dts: dts))
        }
        lastDecoded = times.dts
        highest = max(highest, times.pts)
        shown.append(times.pts)
        if shown.count > 16 { shown.removeFirst() }
        return (times, room)
    }

    private func snapped(pts: MediaTime, dts: MediaTime) -> Times {
        let rate = timing.rate
        let shift = MediaTime(ticks: Int64(phase.rounded()))
        func index(_ time: MediaTime) -> Int64 { rate.frame(nearest: time - origin - shift) }
        func time(_ index: Int64) -> MediaTime { origin + rate.time(ofFrame: index) }
        let place = index(pts)
        let times = Times(pts: time(place), dts: time(min(index(dts), place)))
        guard !isReordered, let lastDecoded, times.dts <= lastDecoded else { return ordered(times) }
        let next = time(rate.frame(nearest: lastDecoded - origin) + 1)
        return Times(pts: max(times.pts, next), dts: next)
    }

    /// Between places, where it must be: what is squeezed together leaves the pictures that follow where they belong.
    private func ordered(_ wanted: Times) -> Times {
        var times = wanted
        if let lastDecoded, times.dts <= lastDecoded {
            times.dts = lastDecoded + PictureGrid.squeeze
            times.pts = max(times.pts, times.dts)
        }
        while shown.contains(times.pts) { times.pts += PictureGrid.squeeze }
        return times
    }

    /// Learns how the host's clock goes against the grid. Where it is slow, the place behind an IDR picture stays empty
    /// now and then: that picture's part is not out yet, so it can be shown for longer. Behind a segment's last picture
    /// it would be a part without pictures.
    private mutating func follow(pts: MediaTime, shown: MediaTime, isIDR: Bool) -> MediaTime {
        let length = Double(frame.ticks)
        let residual = Double((pts - shown).ticks)
        if abs(residual - phase) < length * 2 { phase += (residual - phase) / 16 }
        if phase > length * (isIDR ? 0.52 : 0.75) {
            // The host is slower than its rate says: one place of the grid stays empty.
            phase -= length
        } else if phase < -length * 0.52 {
            phase += length
            return frame
        }
        guard residual < -length * 1.5 else {
            behind = (0, .zero)
            return .zero
        }
        // A step back that is too small to be told from one odd picture, until it stays.
        let missing = shown - pts
        behind = (behind.count + 1, behind.count == 0 ? missing : min(behind.least, missing))
        guard behind.count >= max(8, Int(timing.rate.framesPerSecond / 3)) else { return .zero }
        let room = nearest(origin + behind.least) - origin
        behind = (0, .zero)
        return room
    }
}
