// Between a host's clocks and the run's one timeline. In: the times of pictures and sounds in the order of arrival, and
// the monotonic time at which each came. Out: times on the run's timeline, decoding times rising. Pure.
//
// It stands in Transcode and not in Ingest, because the frame grid and the place of the first picture are the run's, and
// because a run outlives its feeds. Ingest undoes only what is the wire's own: where its counters start again.

package import Media

/// Brings a host's timestamps onto the run's timeline: the first IDR picture is at `start`, pictures lie on the frame
/// grid, decoding times rise, jumps that no clock explains are closed, and sound stays with its pictures.
package struct TimestampRepair {
    package struct Times: Hashable, Sendable {
        package var pts: MediaTime
        package var dts: MediaTime

        package init(pts: MediaTime, dts: MediaTime) {
            self.pts = pts
            self.dts = dts
        }
    }

    /// Where one of the two streams stands.
    private struct Position {
        var source: MediaTime
        var run: MediaTime
        var arrival: MonotonicTime
    }

    /// Silence up to this long is a gap in the show; beyond it the host's clock is believed only where arrivals, or the
    /// other stream, agree.
    private static let believed = MediaTime(milliseconds: 2000)
    private static let longestGap = MediaTime(milliseconds: 10_000)
    /// How far a host's clock and what speaks for it may disagree about a gap.
    private static let disagreement = MediaTime(milliseconds: 1000)
    /// Steps back up to this are an encoder's bad order, not a jump.
    private static let disorder = MediaTime(milliseconds: -200)
    /// How far from where a stream was expected the clock that the other has jumped to may put it.
    private static let reach = MediaTime(milliseconds: 2500)
    /// Below this, two ways to go on are as good as each other.
    private static let nearly = MediaTime(milliseconds: 300)
    /// How exactly a stream is back where it was before a few odd times, and by when.
    private static let exactly = MediaTime(milliseconds: 60)
    private static let soon = MediaTime(milliseconds: 2000)
    /// The second stream follows a jump of the first by then, or it never does.
    private static let following = MediaTime(milliseconds: 8000)
    /// Sound further than this from its pictures has a clock that has nothing to do with theirs.
    private static let nearby = MediaTime(milliseconds: 4000)

    private var grid: PictureGrid
    private var drift = SoundDrift()
    /// What is added to the host's times, and what was before the last jumps.
    private var pictureOffsets: [MediaTime]
    private var soundOffsets: [MediaTime]
    /// Where the pictures stood at the last jump.
    private var jumpedAt = MediaTime.zero
    /// One stream has jumped by so much then, and the other has not yet.
    private var step: (isOfPictures: Bool, by: MediaTime)?
    /// Sound and pictures go by one clock of the host's.
    private var isShared = true
    private var pictures: Position?
    private var sound: Position?
    /// Where the pictures stood when sound came last.
    private var heardAt = MediaTime.zero
    private var wasHeard = false
    /// From one sound to the next.
    private var soundFrame = MediaTime(milliseconds: 21)
    private var isSoundLost = false
    /// Jumps that were closed.
    package private(set) var repairs = 0

    /// `sourceStart` is the first IDR picture's presentation time in the host's time.
    package init(timing: FrameTiming, sourceStart: MediaTime, start: MediaTime) {
        grid = PictureGrid(timing: timing, origin: start)
        pictureOffsets = [start - sourceStart]
        soundOffsets = pictureOffsets
    }

    /// Another feed goes on with the run: a new clock, and perhaps another frame rate. Its first IDR picture, shown at
    /// `sourceStart` in its own time, is put at `time`, where the clock says, even where other pictures have been shown
    /// there: nobody is shown these, and a place later would leave the whole feed late. No repair: nothing was wrong.
    package mutating func rejoin(
        timing: FrameTiming? = nil, sourceStart: MediaTime, at time: MediaTime
    ) {
        let timing = timing ?? grid.timing
        let counted = repairs
        self = TimestampRepair(timing: timing, sourceStart: sourceStart, start: time)
        repairs = counted
    }

    /// Where a picture of this time would lie on the run's timeline, as far as is known.
    package func place(of time: MediaTime) -> MediaTime { time + pictureOffset }

    /// The host's time of a picture that would lie at `place`, as far as is known.
    package func source(of place: MediaTime) -> MediaTime { place - pictureOffset }

    /// Other pictures have been decoded up to `time`: all that follow are later.
    package mutating func decodeAfter(_ time: MediaTime) {
        grid.decodeAfter(time)
    }

    /// The same feed goes on after a silence that others have filled: its clock is believed, and the silence is no jump.
    package mutating func resume() {
        pictures = nil
        sound = nil
        wasHeard = false
    }

    /// A picture's place, in decoding order. `arrival` zero means that arrivals say nothing.
    package mutating func video(
        pts: MediaTime, dts: MediaTime, arrival: MonotonicTime, isIDR: Bool = false
    ) -> Times {
        let apart = sound.map { $0.run - (dts + pictureOffset) - drift.usual }
        if let last = pictures, !goesOn(dts, after: last, arrival, apart) {
            splicePictures(at: dts, expected: expectedPicture(after: last, arrival))
        }
        var run = dts + pictureOffset
        compareSound(with: run)
        let (times, room) = grid.place(pts: run + (pts - dts), dts: run, isIDR: isIDR)
        if room > .zero {
            pictureOffsets = pictureOffsets.map { $0 + room }
            moveSound(by: room)
            run += room
        }
        pictures = Position(source: dts, run: run, arrival: arrival)
        wasHeard = false
        return times
    }

    /// A sound's place; nil where it comes before all pictures and lies nowhere near the first.
    package mutating func audio(
        _ time: MediaTime, arrival: MonotonicTime = MonotonicTime(nanoseconds: 0)
    ) -> MediaTime? {
        let mapped = time + soundOffset
        guard let pictures else {
            return (mapped - grid.origin).magnitude <= TimestampRepair.nearby ? mapped : nil
        }
        let apart = mapped - pictures.run - drift.usual
        if let last = sound {
            if isSoundLost || !goesOn(time, after: last, arrival, apart) {
                spliceSound(at: time, after: isSoundLost ? nil : last, beside: pictures.run + drift.usual)
            }
        } else if apart.magnitude > TimestampRepair.nearby {
            spliceSound(at: time, after: nil, beside: pictures.run)
        }
        isSoundLost = false
        wasHeard = true
        let run = time + soundOffset
        if let last = sound, run > last.run, run - last.run < MediaTime(milliseconds: 100) {
            soundFrame = run - last.run
        }
        sound = Position(source: time, run: run, arrival: arrival)
        heardAt = pictures.run
        return run
    }

    private var frame: MediaTime { grid.timing.rate.frameDuration }

    private var pictureOffset: MediaTime { pictureOffsets[0] }
    private var soundOffset: MediaTime { soundOffsets[0] }

    /// Whether a stream's clock has not jumped: its time follows the last one, by a gap at most for which something
    /// else speaks. `apart` is how far from the other stream it comes to lie.
    private func goesOn(
        _ source: MediaTime, after last: Position, _ arrival: MonotonicTime, _ apart: MediaTime?
    ) -> Bool {
        let delta = source - last.source
        if delta >= TimestampRepair.disorder && delta <= TimestampRepair.believed { return true }
        guard delta > .zero else { return false }
        if let apart, isShared, apart.magnitude <= TimestampRepair.disagreement { return true }
        guard delta <= TimestampRepair.longestGap else { return false }
        guard let waited = waited(since: last, arrival) else { return true }
        return (delta - waited).magnitude <= TimestampRepair.disagreement
    }

    private func waited(since last: Position, _ arrival: MonotonicTime) -> MediaTime? {
        guard arrival.nanoseconds != 0, last.arrival.nanoseconds != 0 else { return nil }
        return MediaTime(ticks: (arrival.nanoseconds - last.arrival.nanoseconds) * 3 / 12_500)
    }

    /// Where a picture belongs whose own time says nothing: next to the last, unless the sound, or the arrival where there
    /// is none, says that there was a gap.
    private func expectedPicture(after last: Position, _ arrival: MonotonicTime) -> MediaTime {
        let next = last.run + frame
        if let sound, last.run - heardAt <= TimestampRepair.nearly {
            let beside = sound.run - drift.usual
            return beside - next > TimestampRepair.nearly
                ? min(beside, last.run + TimestampRepair.believed) : next
        }
        let waited = waited(since: last, arrival) ?? frame
        return last.run + min(max(waited, frame), TimestampRepair.believed)
    }

    /// The offset that brings `time` near to `expected`: the other stream's step where it has jumped before, `shared` where
    /// what the two have drifted apart by went with the old clock, or one from before a jump, where only one picture or
    /// sound was odd.
    private func found(
        _ time: MediaTime, _ expected: MediaTime, _ history: [MediaTime], other: MediaTime?, shared: MediaTime
    ) -> (offset: MediaTime, follows: Bool)? {
        func error(_ offset: MediaTime) -> MediaTime { (time + offset - expected).magnitude }
        if let other {
            let (stepped, direct) = (error(history[0] + other), error(shared))
            if min(stepped, direct) <= TimestampRepair.reach {
                let keeps = stepped <= max(direct, TimestampRepair.nearly)
                return (keeps ? history[0] + other : shared, true)
            }
        }
        guard let pictures, pictures.run - jumpedAt <= TimestampRepair.soon else { return nil }
        return history.dropFirst().first { error($0) <= TimestampRepair.exactly }.map { ($0, false) }
    }

    /// The pictures' clock has jumped.
    private mutating func splicePictures(at dts: MediaTime, expected: MediaTime) {
        let before = pictureOffset
        let other = stepOfOther(isOfPictures: true)
        let found = found(dts, expected, pictureOffsets, other: other, shared: soundOffset)
        let place = found.map { dts + $0.offset } ?? expected
        // Where the host's new clock would put it before what has been shown, all of that clock comes later.
        let next = grid.nearest(max(place, (grid.lastDecoded ?? place) + frame))
        if found?.follows == true { moveSound(by: next - place) }
        TimestampRepair.add(next - dts, to: &pictureOffsets)
        settle(found?.follows, isOfPictures: true, by: pictureOffset - before)
        grid.forgetPhase()
    }

    /// The sound's clock has jumped.
    private mutating func spliceSound(at time: MediaTime, after last: Position?, beside: MediaTime) {
        let before = soundOffset
        let other = stepOfOther(isOfPictures: false)
        // Sound has no holes of its own: it goes on with the next frame, unless the pictures have gone on without it.
        var expected = beside
        if let last, case let next = last.run + soundFrame,
            (next - beside).magnitude <= TimestampRepair.nearly
        {
            expected = next
        }
        let found = found(time, expected, soundOffsets, other: other, shared: pictureOffset)
        TimestampRepair.add(found?.offset ?? expected - time, to: &soundOffsets)
        settle(found?.follows, isOfPictures: false, by: soundOffset - before)
    }

    private static func add(_ offset: MediaTime, to offsets: inout [MediaTime]) {
        offsets.insert(offset, at: 0)
        if offsets.count > 3 { offsets.removeLast() }
    }

    private func stepOfOther(isOfPictures: Bool) -> MediaTime? {
        guard let step, step.isOfPictures != isOfPictures, let pictures,
            pictures.run - jumpedAt <= TimestampRepair.following
        else { return nil }
        return step.by
    }

    /// `follows` is nil where a stream has jumped by itself, false where it is back from one odd time.
    private mutating func settle(_ follows: Bool?, isOfPictures: Bool, by distance: MediaTime) {
        repairs += 1
        isShared = follows != nil
        step = follows == nil ? (isOfPictures, distance) : nil
        jumpedAt = pictures?.run ?? .zero
        drift.interrupt()
    }

    private mutating func moveSound(by distance: MediaTime) {
        soundOffsets = soundOffsets.map { $0 + distance }
        sound?.run += distance
    }

    /// Keeps the sound beside its pictures, by their distance in the stream.
    private mutating func compareSound(with run: MediaTime) {
        guard let heard = sound, wasHeard || run - heardAt <= MediaTime(milliseconds: 150) else { return }
        if (heard.run - run).magnitude > TimestampRepair.nearby {
            isSoundLost = true
            return
        }
        if let moved = drift.sample(heard.run - run, at: run, isShared: isShared) { moveSound(by: moved) }
        // Apart until then, they are beside each other again.
        if !drift.isInterrupted { isShared = true }
    }
}
