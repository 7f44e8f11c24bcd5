package import Media

/// Brings a host's timestamps onto the run's timeline: the first IDR picture is at `start`, pictures lie on the frame
/// grid, decoding times rise, and jumps that no clock explains are closed. Pure.
package struct TimestampMapper {
    package struct Times: Hashable, Sendable {
        package var pts: MediaTime
        package var dts: MediaTime

        package init(pts: MediaTime, dts: MediaTime) {
            self.pts = pts
            self.dts = dts
        }
    }

    /// Silence up to this long is a gap in the show; beyond it the host's clock is believed only where arrivals agree.
    private static let believed = MediaTime(milliseconds: 2000)
    private static let longestGap = MediaTime(milliseconds: 10_000)
    /// How far a host's clock and the arrivals may disagree about a gap.
    private static let disagreement = MediaTime(milliseconds: 1000)

    private let timing: FrameTiming
    private let start: MediaTime
    /// Added to the host's time.
    private var offset: MediaTime
    /// How far the host's pictures run ahead of the grid: its clock is never exactly ours.
    private var phase = 0.0
    private var last: (source: MediaTime, times: Times, arrival: MonotonicTime)?
    private var highest: MediaTime
    /// Jumps that were closed.
    package private(set) var repairs = 0

    /// `sourceStart` is the first IDR picture's presentation time in the host's time.
    package init(timing: FrameTiming, sourceStart: MediaTime, start: MediaTime) {
        self.timing = timing
        self.start = start
        offset = start - sourceStart
        highest = start
    }

    /// A picture's place, in decoding order. `arrival` zero means that arrivals say nothing. Where the host's clock is
    /// slow, the grid's place behind an IDR picture stays empty now and then: that picture's part is not out yet, so it
    /// can be shown for longer. Behind a part's last picture, it would be a hole.
    package mutating func video(
        pts: MediaTime, dts: MediaTime, arrival: MonotonicTime, isIDR: Bool = false
    ) -> Times {
        if let last { closeJump(from: last, to: dts, arrival) }
        // No encoder composes pictures more than a few frames late; a wild value is a fault.
        let lead = min(max(pts - dts, .zero), MediaTime(milliseconds: 1500))
        let source = dts
        var times: Times
        if timing.isConstant {
            times = snapped(pts: dts + lead + offset, dts: dts + offset, isIDR: isIDR)
        } else {
            times = Times(pts: dts + lead + offset, dts: dts + offset)
            if let last, times.dts <= last.times.dts {
                times.dts = last.times.dts + MediaTime(milliseconds: 1)
                times.pts = max(times.pts, times.dts)
            }
        }
        last = (source, times, arrival)
        highest = max(highest, times.pts)
        return times
    }

    /// A sound's place; nil where it lies nowhere near the pictures (its clock has jumped, theirs not yet).
    package func audio(_ time: MediaTime) -> MediaTime? {
        let mapped = time + offset
        return (mapped - highest).magnitude <= MediaTime(milliseconds: 4000) ? mapped : nil
    }

    private mutating func closeJump(
        from last: (source: MediaTime, times: Times, arrival: MonotonicTime), to dts: MediaTime,
        _ arrival: MonotonicTime
    ) {
        let delta = dts - last.source
        if delta >= .zero - MediaTime(milliseconds: 200) && delta <= TimestampMapper.believed { return }
        let isTimed = arrival.nanoseconds != 0 && last.arrival.nanoseconds != 0
        let waited = MediaTime(ticks: (arrival.nanoseconds - last.arrival.nanoseconds) * 3 / 12_500)
        let agrees = !isTimed || (delta - waited).magnitude <= TimestampMapper.disagreement
        if delta > .zero && delta <= TimestampMapper.longestGap && agrees { return }
        let step = min(max(isTimed ? waited : .zero, timing.rate.frameDuration), TimestampMapper.believed)
        offset = last.times.dts + step - dts
        phase = 0
        repairs += 1
    }

    private mutating func snapped(pts: MediaTime, dts: MediaTime, isIDR: Bool) -> Times {
        let rate = timing.rate
        let frame = Double(rate.frameDuration.ticks)
        func index(_ time: MediaTime) -> Int64 {
            rate.frame(nearest: MediaTime(ticks: (time - start).ticks - Int64(phase.rounded())))
        }
        func time(_ index: Int64) -> MediaTime { start + rate.time(ofFrame: index) }
        var shown = index(pts)
        var decoded = min(index(dts), shown)
        if let last {
            let lastDecoded = rate.frame(nearest: last.times.dts - start)
            if decoded <= lastDecoded {
                decoded = lastDecoded + 1
                shown = max(shown, decoded)
            }
        }
        let residual = Double((dts - time(decoded)).ticks)
        if abs(residual - phase) < frame * 2 { phase += (residual - phase) / 64 }
        if phase > frame || (isIDR && phase > frame * 0.6) {
            // The host is slower than its rate says: one place of the grid stays empty.
            phase -= frame
        } else if phase < -frame * 0.6 {
            // The host is faster: the whole timeline makes room for a picture.
            phase += frame
            offset += rate.frameDuration
        }
        return Times(pts: time(shown), dts: time(decoded))
    }
}
