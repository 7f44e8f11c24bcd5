import DequeModule
import Media

/// Cuts an audio rendition where video is cut: each segment and part starts at the frame nearest to its boundary.
///
/// In: `RenditionEvent`s of one run. Out: `CutEvent`s. Frames wait until it is known that no segment starts before them
/// (the watermark). Every part holds at least one frame. Frames before the first segment are dropped, but for the one
/// that primes the decoder; where no frame comes for a second, a gap is listed.
///
/// Bound: frames wait for video at most `waitingLimit`; beyond it the oldest are dropped and counted.
struct AudioCutter: Sendable {
    /// Ten seconds of AAC at 48 kHz.
    static let waitingLimit = 469
    private static let lateness = MediaTime(milliseconds: 1000)

    private(set) var dropped = 0
    private let grid: PartGrid
    private var marks: Deque<(start: MediaTime, isDiscontinuity: Bool)> = []
    private var watermark = MediaTime(ticks: .min / 2)
    private var waiting: Deque<AccessUnit> = []
    private var segment: CutSegment?
    private var nextOrdinal: UInt64 = 0
    private var index = 0
    /// Where the open part starts on the grid, and where its first frame starts.
    private var boundary = MediaTime.zero
    private var partStart = MediaTime.zero
    private var samples: [AccessUnit] = []
    /// Holds from the next discontinuity on: what is open and what waits belongs to the format before.
    private var nextFormat: TrackFormat?

    init(grid: PartGrid) {
        self.grid = grid
    }

    mutating func take(_ event: RenditionEvent) -> [CutEvent] {
        switch event {
        case .begin(let format):
            if segment == nil { return [.initSection(format)] }
            nextFormat = format
            return []
        case .segment(let start, let isDiscontinuity):
            marks.append((start, isDiscontinuity))
            watermark = max(watermark, start)
            return place()
        case .rest:
            // Sound is never left out.
            return []
        case .sample(let unit):
            waiting.append(unit)
            if waiting.count > AudioCutter.waitingLimit {
                waiting.removeFirst()
                dropped += 1
            }
            return place()
        case .watermark(let time):
            watermark = max(watermark, time)
            return place()
        case .end:
            watermark = MediaTime(ticks: .max / 2)
            var events = place(isFinal: true)
            if segment != nil {
                if !samples.isEmpty { events.append(closePart(at: boundary, next: endOfSamples)) }
                events.append(.segmentEnded)
                segment = nil
            }
            return events
        }
    }

    /// Before pictures have come so far, the open part's last frame waits for them.
    var due: MediaTime? {
        segment.map { grid.end(ofPart: index, from: $0.start) - grid.rate.frameDuration }
    }

    private var endOfSamples: MediaTime { samples.last.map { $0.pts + $0.duration } ?? partStart }

    private mutating func place(isFinal: Bool = false) -> [CutEvent] {
        var events: [CutEvent] = []
        while let frame = waiting.first {
            let centre = frame.pts + MediaTime(ticks: frame.duration.ticks / 2)
            guard centre < watermark || (marks.count > 0 && centre < marks[0].start) else { break }
            if let mark = marks.first, segment == nil || centre >= mark.start {
                if segment == nil, frame.pts + frame.duration * 2 <= mark.start {
                    waiting.removeFirst()  // before the run's first picture
                    continue
                }
                // A part that would stay empty borrows this frame; the segment then starts with the next one.
                if segment != nil, samples.isEmpty, isOwed(before: mark.start) {
                    samples.append(frame)
                    waiting.removeFirst()
                }
                let isLate = frame.pts - mark.start > frame.duration
                events += open(mark, at: !samples.isEmpty ? endOfSamples : isLate ? mark.start : frame.pts)
                marks.removeFirst()
                continue
            }
            guard let segment else {
                waiting.removeFirst()
                continue
            }
            let end = grid.end(ofPart: index, from: segment.start)
            if centre >= end {
                events.append(closePart(at: end, next: samples.isEmpty ? end : frame.pts))
                continue
            }
            waiting.removeFirst()
            samples.append(frame)
            if centre + frame.duration >= end {
                events.append(closePart(at: end, next: frame.pts + frame.duration))
            }
        }
        if !isFinal { events += skipMissing() }
        return events
    }

    /// The open part has a place of its own before `start`, so the other renditions have it too.
    private func isOwed(before start: MediaTime) -> Bool {
        index == 0 || (boundary < start && !grid.isSame(boundary, start))
    }

    private mutating func open(_ mark: (start: MediaTime, isDiscontinuity: Bool), at first: MediaTime)
        -> [CutEvent]
    {
        var events: [CutEvent] = []
        if segment != nil {
            if !samples.isEmpty { events.append(closePart(at: mark.start, next: first)) }
            events.append(.segmentEnded)
        }
        if mark.isDiscontinuity, let format = nextFormat {
            events.append(.initSection(format))
            nextFormat = nil
        }
        let opened = CutSegment(
            ordinal: nextOrdinal, start: mark.start, isDiscontinuity: mark.isDiscontinuity)
        nextOrdinal += 1
        segment = opened
        index = 0
        boundary = mark.start
        partStart = first
        events.append(.segment(opened))
        return events
    }

    private mutating func closePart(at end: MediaTime, next: MediaTime) -> CutEvent {
        let part = CutPart(
            index: index, start: partStart, duration: next - partStart, samples: samples,
            isIndependent: !samples.isEmpty)
        samples.removeAll(keepingCapacity: true)
        index += 1
        boundary = end
        partStart = next
        return .part(part)
    }

    /// The host's audio stopped while video goes on: after a second, list what is missing as gaps.
    private mutating func skipMissing() -> [CutEvent] {
        var events: [CutEvent] = []
        while waiting.isEmpty {
            guard let segment else {
                guard let mark = marks.first, watermark - mark.start > Self.lateness else { break }
                events += open(mark, at: mark.start)
                marks.removeFirst()
                continue
            }
            let end = grid.end(ofPart: index, from: segment.start)
            if let mark = marks.first, mark.start < end || grid.isSame(mark.start, end) {
                guard watermark - mark.start > Self.lateness else { break }
                if samples.isEmpty, isOwed(before: mark.start) {
                    events.append(closePart(at: mark.start, next: mark.start))
                }
                events += open(mark, at: mark.start)
                marks.removeFirst()
            } else {
                guard watermark - end > Self.lateness else { break }
                events.append(closePart(at: end, next: end))
            }
        }
        return events
    }
}
