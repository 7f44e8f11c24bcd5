import DequeModule
import Media
import NIOCore

// What has arrived becomes what is listed: parts of one place together, segments as soon as their last part is known.

extension WindowCore {
    mutating func advance(now: MonotonicTime) {
        picturePace = advance(order.filter { tracks[$0]?.isVideo == true }, at: picturePace, now: now)
        soundPace = advance(order.filter { tracks[$0]?.isVideo == false }, at: soundPace, now: now)
        closeCounted(now: now)
        if someRest { fillRetired() }
        slide(now: now)
    }

    /// Renditions that the run has not, or not now, get a gap for each number that all others have closed.
    private mutating func fillRetired() {
        let active = order.compactMap { tracks[$0] }.filter { $0.isProducing && $0.rest == .none }
        func reach(_ track: WindowTrack) -> (UInt64, Int) {
            // Pictures' boundaries are the exact ones.
            (track.closed.last?.sequence ?? 0, track.isVideo ? 0 : 1)
        }
        guard let lead = active.min(by: { reach($0) < reach($1) })?.closed, let last = lead.last else {
            return
        }
        for name in order {
            guard let track = tracks[name], !track.isProducing, let own = track.closed.last,
                own.sequence < last.sequence
            else { continue }
            let missing = lead.filter { $0.sequence > own.sequence }.map { gap(like: $0) }
            tracks[name]?.closed.append(contentsOf: missing)
            isDirty = true
        }
    }

    /// Lists what is ready in `names`, which keep step with each other; returns how far they have come.
    private mutating func advance(
        _ names: [RenditionName], at former: ListingPace, now: MonotonicTime
    ) -> ListingPace {
        var pace = former
        while true {
            joinLate(names, after: pace.released, now: now)
            let active = names.filter { tracks[$0]?.isProducing == true }
            let keys = active.compactMap { tracks[$0]?.pending.first?.key }
            guard let key = keys.min() else { break }
            // A rendition that missed the last place is late: it is not waited for.
            let inStep = active.filter { tracks[$0]?.listed == pace.released || pace.released == nil }
            let isReady = inStep.allSatisfy { name in
                (tracks[name]?.pending.first?.key).map { $0 >= key } ?? false
            }
            guard isReady || pace.hasWaited(for: key, now: now, atLeast: Self.patience) else { break }
            guard !isEndUncertain(key) || pace.hasWaited(for: key, now: now, atLeast: foresight(of: active))
            else { break }
            if !isReady { lateParts += 1 }
            for name in active where tracks[name]?.pending.first?.key == key { listFirst(of: name, now: now) }
            pace.release(key)
        }
        return pace
    }

    /// How long a part waits for what tells how its segment goes on: two pictures' time. Sound waits for encoders, too, where
    /// they alone tell.
    private func foresight(of names: [RenditionName]) -> Duration {
        let isSound = names.contains { tracks[$0]?.isVideo == false }
        return isSound && someRest ? settings.partDuration.duration : .milliseconds(100)
    }

    /// Whether the segment of `key` may end there or go on: a list hints at what comes next, and a hint is a promise. Where
    /// the host's picture is passed through, or may be again, its IDR pictures end segments; the next picture tells, a
    /// frame later. Our own encoders keep to their grid.
    private func isEndUncertain(_ key: PartKey) -> Bool {
        let goesOn = begunParts[key.sequence] ?? 0 > key.index
        guard !goesOn, partCounts[key.sequence] == nil else { return false }
        return order.contains { name in
            guard let track = tracks[name] else { return false }
            return track.isVideo && track.rendition.isPassthrough && track.isActive && !track.hasEnded
        }
    }

    /// What arrives after its place was released is listed at once.
    private mutating func joinLate(_ names: [RenditionName], after released: PartKey?, now: MonotonicTime) {
        guard let released else { return }
        for name in names {
            while let key = tracks[name]?.pending.first?.key, key <= released {
                listFirst(of: name, now: now)
            }
        }
    }

    mutating func listFirst(of name: RenditionName, now: MonotonicTime) {
        guard var track = tracks.removeValue(forKey: name) else { return }
        defer { tracks[name] = track }
        guard let pending = track.pending.popFirst(), let clock else { return }
        unlisted -= 1
        let part = pending.part
        if let opening = pending.opening, track.open?.sequence != pending.key.sequence {
            note(track.closeOpen(now: now), of: name)
            if track.rest == .returning { fillRest(&track, up: pending.key.sequence, to: part.start) }
            let isFirstOfRun = pending.key.sequence == base && !track.closed.isEmpty
            track.open = .init(
                sequence: pending.key.sequence, start: part.start,
                programDateTime: clock.epoch + part.start.milliseconds,
                isDiscontinuity: opening.isDiscontinuity || isFirstOfRun, map: pending.map,
                file: names.segment(pending.key.sequence))
            if let span = settings.segmentsPerKey { sealOpened(of: &track, span: span) }
            if pending.key.sequence > lastOpened {
                lastOpened = pending.key.sequence
                outbox.append(.taken(lastOpened))
            }
        }
        guard track.open?.sequence == pending.key.sequence else { return }
        let file = names.part(pending.key)
        let isGap = part.bytes == nil
        track.open?.parts.append(
            .init(
                file: file, duration: part.duration, isIndependent: part.isIndependent, isGap: isGap,
                bytes: part.bytes))
        if part.index == 0 { track.open?.keyLength = part.keyLength }
        track.open?.size += part.bytes?.readableBytes ?? 0
        if let bytes = part.bytes {
            let buffers = track.open?.key.map { key in key.sealed([bytes]).map { [$0] } ?? [] } ?? [bytes]
            track.files[file] = MediaObject(kind: track.isVideo ? .video : .audio, buffers: buffers)
        }
        track.listed = pending.key
        if let arrival = part.arrival { delays.append((name, now - arrival)) }
        isDirty = true
    }

    /// Gaps for the last numbers that a rendition has rested through, which others may not have closed yet. Its next
    /// segment has number `sequence` and starts at `start`: every number stands in its list once.
    private mutating func fillRest(_ track: inout WindowTrack, up sequence: UInt64, to start: MediaTime) {
        while let last = track.closed.last, last.sequence + 1 < sequence {
            let number = last.sequence + 1
            let others = order.compactMap { tracks[$0] }.filter(\.isVideo)
            let like = others.lazy.compactMap { other -> WindowTrack.Segment? in
                if let place = other.place(of: number) { return other.closed[place] }
                return other.open?.sequence == number ? other.open : nil
            }.first
            var gap = gap(like: like ?? last)
            if like == nil {
                (gap.sequence, gap.start, gap.isDiscontinuity) = (number, last.end, false)
                gap.programDateTime += (last.end - last.start).milliseconds
                gap.file = names.gap(number)
            }
            if number + 1 == sequence { gap.gapDuration = max(start - gap.start, MediaTime(ticks: 1)) }
            track.closed.append(gap)
        }
        someRest = order.contains { tracks[$0]?.isProducing == false }
    }

    /// Gives the segment that has just opened its key.
    private mutating func sealOpened(of track: inout WindowTrack, span: UInt64) {
        guard let open = track.open else { return }
        let names = names
        let (key, map) = track.sealing(open.sequence, map: open.map, span: span) {
            keys += 1
            return .fresh(file: names.key(keys))
        }
        track.open?.key = key
        track.open?.map = map
    }

    /// Closes segments whose last part is listed, as soon as it is known that it was the last.
    private mutating func closeCounted(now: MonotonicTime) {
        for name in order {
            guard let open = tracks[name]?.open, let count = partCounts[open.sequence],
                open.parts.count >= count
            else {
                continue
            }
            // hls.js takes what follows a list's end for a continuation, and keeps to that when the next list says
            // otherwise: a break is told together with what comes before it.
            if open.sequence + 1 == lastBreak { continue }
            if open.duration.seconds >= Double(settings.targetSeconds) + 0.5 { overlongSegments += 1 }
            close(name, now: now)
            expectedParts = max(1, count)
            isDirty = true
        }
        if partCounts.count > 16 {
            let oldest =
                order.compactMap { tracks[$0] }.filter(\.isProducing)
                .compactMap { $0.open?.sequence ?? $0.closed.last?.sequence }.min()
                ?? 0
            partCounts = partCounts.filter { $0.key >= oldest }
            begunParts = begunParts.filter { $0.key >= oldest }
        }
    }

    mutating func close(_ name: RenditionName, now: MonotonicTime) {
        note(tracks[name]?.closeOpen(now: now), of: name)
    }

    private mutating func note(
        _ closed: (segment: WindowTrack.Segment, buffers: [ByteBuffer])?, of name: RenditionName
    ) {
        if let closed { outbox.append(.segment(name, closed.segment, closed.buffers)) }
    }

    // MARK: What comes next

    /// The part that comes after what a track lists, as far as one can tell.
    func hinted(_ track: WindowTrack) -> PartKey? {
        guard phase == .live, track.isProducing else { return nil }
        guard let open = track.open else {
            // What comes after a rest is known once it is there.
            if track.rest == .returning { return nil }
            return track.closed.last.map { PartKey(sequence: $0.sequence + 1, index: 0) }
        }
        let count = open.parts.count
        let goesOn = begunParts[open.sequence] ?? 0 >= count
        let isLast = partCounts[open.sequence].map { count >= $0 } ?? (count >= expectedParts && !goesOn)
        return isLast
            ? PartKey(sequence: open.sequence + 1, index: 0) : PartKey(sequence: open.sequence, index: count)
    }
}
