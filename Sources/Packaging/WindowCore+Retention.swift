import DequeModule
import Media
import NIOCore

/// How far back a window reaches, what of it is in memory, and how it comes back after a restart.
///
/// In memory: init sections, parts of the last seconds (`partsKept`), and segments until they are on disk and older than
/// `hot`; so memory does not grow with the window. Without an archive, segments stay in memory while they are listed.
extension WindowCore {
    /// How long after its segment is closed a part may be fetched: three target durations while it is listed, as long
    /// again, and one more.
    var partsKept: Duration { (settings.targetDuration * 7).duration }
    /// How long after it is closed a segment is served from memory: players at the live edge fetch it from there.
    var hot: Duration { (settings.targetDuration * 10).duration }
    /// Gaps that are listed for an outage longer than the window.
    private static let fewest = 6

    /// Lists what an earlier start has left: away until the host is back, or ended for good.
    ///
    /// Numbers go on where they stopped, since players count segments by their place in the list; whatever number may
    /// have been seen before the stop is a gap.
    mutating func restore(_ restored: RestoredWindow, now: MonotonicTime, unixMilliseconds: Int64) {
        order = restored.order
        textOrder = restored.tracks.filter { $0.value.rendition.kind == .text }.keys.sorted {
            $0.text < $1.text
        }
        for (name, from) in restored.tracks {
            var track = WindowTrack(rendition: from.rendition)
            track.isActive = from.isActive
            track.format = from.format
            track.map = from.map
            track.closed = Deque(from.segments)
            for (file, object) in from.files { track.shelf.put(file, object) }
            tracks[name] = track
        }
        guard let last = order.first.flatMap({ tracks[$0] })?.closed.last else { return }
        discontinuitySequence = restored.discontinuities
        nextSequence = last.sequence + 1
        clock = Clock(
            epoch: restored.epoch, start: MediaTime(milliseconds: unixMilliseconds - restored.epoch),
            startArrival: now)
        phase = restored.isEnded ? .ended : .away
        if !restored.isEnded {
            while nextSequence <= min(restored.taken, last.sequence + 10) {
                listGap(at: nextStart, epoch: restored.epoch)
            }
            addGaps(now: now)
        }
        slide(now: now)
        isDirty = true
    }

    /// Gaps by the wall clock, while nobody sends.
    mutating func addGaps(now: MonotonicTime) {
        guard let clock else { return }
        let due = clock.media(at: now)
        // After a stop that is longer than the window there is no use in listing every gap that was missed.
        if due - nextStart > min(settings.span, WindowSettings.fifteenMinutes) + settings.targetDuration {
            let start = due - settings.targetDuration * Self.fewest
            while due - nextStart >= settings.targetDuration {
                listGap(at: max(nextStart, start), epoch: clock.epoch)
            }
        } else {
            while due - nextStart >= settings.targetDuration { listGap(at: nextStart, epoch: clock.epoch) }
        }
        slide(now: now)
    }

    private mutating func listGap(at start: MediaTime, epoch: Int64) {
        let sequence = nextSequence
        nextSequence += 1
        for name in order {
            var gap = WindowTrack.Segment(
                sequence: sequence, start: start, programDateTime: epoch + start.milliseconds,
                // A gap of an encrypted show tells neither key nor init section.
                isDiscontinuity: false, map: settings.segmentsPerKey == nil ? tracks[name]?.map : nil,
                file: names.gap(sequence))
            gap.gapDuration = settings.targetDuration
            tracks[name]?.closed.append(gap)
            if name == order.first { outbox.append(.segment(name, gap, [])) }
        }
        gapSegments += 1
        isDirty = true
    }

    /// Keeps the lists at their length, in step: the first leaves where what remains still spans the window.
    mutating func slide(now: MonotonicTime) {
        guard let lead = order.compactMap({ tracks[$0]?.closed }).max(by: { $0.count < $1.count }),
            let first = lead.first, let last = lead.last
        else { return }
        var leaving = 0
        var discontinuities: UInt64 = 0
        // Sound's boundaries are not exact, hence the slack.
        let enough = settings.span - MediaTime(milliseconds: 250)
        while lead.count - leaving > settings.fewestSegments, last.end - lead[leaving].end >= enough {
            if lead[leaving].isDiscontinuity { discontinuities += 1 }
            leaving += 1
        }
        firstSequence = first.sequence + UInt64(leaving)
        guard leaving > 0 else { return }
        discontinuitySequence += discontinuities
        // Kept for as long as the longest list that named it, and its own duration (6.2.2).
        let kept = lead.reduce(MediaTime.zero) { $0 + $1.duration } + settings.targetDuration * 2
        for name in order + textOrder {
            tracks[name]?.retire(below: firstSequence, until: now + kept.duration)
        }
    }

    /// Parts, segments and files whose time is over.
    mutating func forget(now: MonotonicTime) {
        for name in order + textOrder {
            let gone = tracks[name]?.forget(now: now) ?? []
            if !gone.isEmpty { outbox.append(.gone(name, gone)) }
            cool(name, now: now)
        }
    }

    private mutating func cool(_ name: RenditionName, now: MonotonicTime) {
        // In place: a copy of a track counts every reference in it.
        let (partsKept, hot) = (partsKept, hot)
        let lost = tracks[name]?.cool(now: now, partsKept: partsKept, hot: hot) ?? 0
        guard lost > 0 else { return }
        lostSegments += lost
        rewritten += lost
        isDirty = true
    }

    /// The archive has written a segment, or has given it up.
    mutating func settle(_ name: RenditionName, sequence: UInt64, place: WindowTrack.Warm.Place) {
        guard let index = tracks[name]?.warm.firstIndex(where: { $0.sequence == sequence }) else { return }
        tracks[name]?.warm[index].place = place
    }

    /// DISCONTINUITY tags before what comes next.
    var discontinuitiesSoFar: UInt64 {
        let listed = order.compactMap { tracks[$0]?.closed }.max { $0.count < $1.count }
        return discontinuitySequence + UInt64(listed?.count(where: \.isDiscontinuity) ?? 0)
    }
}
