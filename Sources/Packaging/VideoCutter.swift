import Media

/// Cuts a video rendition into segments and parts.
///
/// In: `RenditionEvent`s of one run. Out: `CutEvent`s. A part is closed as soon as its last picture is there: the frame
/// rate tells how long that one lasts, so nothing is held back; whether its segment goes on is told by the next picture.
/// Pictures before the first segment are dropped; a part
/// whose pictures were all lost becomes a gap. Decoding times have no hole, wherever pictures were lost: at a hole,
/// browsers throw away all that comes before the next IDR picture.
struct VideoCutter: Sendable {
    private let grid: PartGrid
    private var segment: CutSegment?
    /// Decoding time of the segment's first sample: boundaries are counted from it, so that B-frames do not blur them.
    private var firstDecoding: MediaTime?
    private var nextOrdinal: UInt64 = 0
    private var index = 0
    private var partStart = MediaTime.zero
    private var samples: [AccessUnit] = []
    /// Decoding time at which the last part's last picture ends; nil after a gap, and at a segment's start.
    private var lastEnd: MediaTime?

    init(grid: PartGrid) {
        self.grid = grid
    }

    mutating func take(_ event: RenditionEvent) -> [CutEvent] {
        switch event {
        case .begin(let format):
            // Told at once, so that players may fetch it; it holds from the next segment on.
            return [.initSection(format)]
        case .segment(let start, let isDiscontinuity):
            var events = closeSegment(at: start)
            let opened = CutSegment(ordinal: nextOrdinal, start: start, isDiscontinuity: isDiscontinuity)
            nextOrdinal += 1
            segment = opened
            firstDecoding = nil
            index = 0
            partStart = start
            lastEnd = nil
            events.append(.segment(opened))
            return events
        case .rest(let time):
            nextOrdinal += 1
            return closeSegment(at: time) + [.resting]
        case .sample(let unit):
            return take(unit)
        case .watermark:
            return []
        case .end:
            guard segment != nil else { return [] }
            let end = samples.last.map { position($0) + length($0) } ?? partStart
            return closeSegment(at: end)
        }
    }

    private mutating func take(_ unit: AccessUnit) -> [CutEvent] {
        guard let segment else { return [] }
        if firstDecoding == nil { firstDecoding = unit.dts }
        var events: [CutEvent] = []
        settleLast(before: unit)
        let slack = MediaTime(ticks: length(unit).ticks / 2)
        while position(unit) + slack >= grid.end(ofPart: index, from: segment.start) {
            events.append(closePart(at: grid.end(ofPart: index, from: segment.start)))
        }
        let end = position(unit) + length(unit)
        var unit = unit
        // The picture before has been sent off with its usual length: this one is decoded earlier than it would be.
        if samples.isEmpty, let lastEnd, unit.dts > lastEnd {
            unit.duration = length(unit) + (unit.dts - lastEnd)
            unit.dts = lastEnd
        }
        if samples.isEmpty, index > 0 { events.append(.partBegun(index)) }
        samples.append(unit)
        if end + slack >= grid.end(ofPart: index, from: segment.start) {
            events.append(closePart(at: grid.end(ofPart: index, from: segment.start)))
        }
        return events
    }

    /// Pictures that are decoded before this do not end the open part. Nil where the next one opens a part.
    var due: MediaTime? {
        guard let segment, let firstDecoding, !samples.isEmpty else { return nil }
        let end = grid.end(ofPart: index, from: segment.start) - segment.start
        return firstDecoding + end - MediaTime(ticks: grid.rate.frameDuration.ticks * 3 / 2)
    }

    /// Where a sample stands in its segment, by decoding time.
    private func position(_ unit: AccessUnit) -> MediaTime {
        guard let segment, let firstDecoding else { return unit.dts }
        return segment.start + (unit.dts - firstDecoding)
    }

    private func length(_ unit: AccessUnit) -> MediaTime {
        unit.duration > .zero ? unit.duration : grid.rate.frameDuration
    }

    /// A picture is shown until the next one is: lost frames stretch it, they leave no hole.
    private mutating func settleLast(before unit: AccessUnit) {
        guard let last = samples.indices.last else { return }
        let gap = unit.dts - samples[last].dts
        if gap > .zero { samples[last].duration = gap }
    }

    private mutating func closePart(at end: MediaTime) -> CutEvent {
        for position in samples.indices where samples[position].duration <= .zero {
            samples[position].duration = grid.rate.frameDuration
        }
        lastEnd = samples.last.map { $0.dts + length($0) }
        let part = CutPart(
            index: index, start: partStart, duration: end - partStart, samples: samples,
            isIndependent: samples.contains(where: \.isSync))
        samples.removeAll(keepingCapacity: true)
        partStart = end
        index += 1
        return .part(part)
    }

    private mutating func closeSegment(at end: MediaTime) -> [CutEvent] {
        guard let open = segment else { return [] }
        var events: [CutEvent] = []
        // Frames lost before the end must not make one long part of several places.
        while case let boundary = grid.end(ofPart: index, from: open.start), boundary < end,
            !grid.isSame(boundary, end)
        {
            events.append(closePart(at: boundary))
        }
        let isWhole = index > 0 && grid.isSame(partStart, end)
        if let last = samples.indices.last {
            samples[last].duration = max(length(samples[last]), end - position(samples[last]))
        }
        if !samples.isEmpty || (!isWhole && end > partStart) {
            events.append(closePart(at: max(end, partStart + MediaTime(ticks: 1))))
        }
        segment = nil
        events.append(.segmentEnded)
        return events
    }
}
