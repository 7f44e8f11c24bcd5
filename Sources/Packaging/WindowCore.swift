import DequeModule
import Media
import NIOCore

/// The rules of a live window: pure, time comes as an argument.
///
/// Parts of the same place are listed in all pictures together, at most half a part after the first is ready; a
/// rendition that is late joins as it arrives and is not waited for until it has caught up. Sound keeps its own pace: a
/// host sends it a frame after the picture and its encoder looks ahead by one more, and pictures gain nothing by waiting
/// for that. Every list starts at the same number. While the feed is away whole gap segments follow by the wall clock, without parts: players storm on
/// gaps in parts.
struct WindowCore: Sendable {
    enum Phase: Sendable, Hashable { case waiting, live, away, returning(since: MonotonicTime), ended }

    /// One run's clock: Unix time of media time zero, and the monotonic instant of its start.
    struct Clock: Sendable, Hashable {
        var epoch: Int64
        var start: MediaTime
        var startArrival: MonotonicTime

        /// The media time that is due now.
        func media(at now: MonotonicTime) -> MediaTime {
            start + MediaTime(seconds: Double((now - startArrival).components.seconds))
                + MediaTime(
                    ticks: (now - startArrival).components.attoseconds / 1_000_000_000 * 240_000
                        / 1_000_000_000)
        }
    }

    /// How long parts of one place wait for each other.
    static let patience = Duration.milliseconds(250)
    /// How often what is over is looked for: what must go soon may go a little later.
    static let forgetting = Duration.milliseconds(400)
    /// How long a returning feed may take to open its run before gaps go on.
    static let returnDeadline = Duration.seconds(4)

    let settings: WindowSettings
    let names: FileNames
    var phase = Phase.waiting
    var tracks: [RenditionName: WindowTrack] = [:]
    /// Renditions in the order of the plan, best first; those of earlier runs after them.
    var order: [RenditionName] = []
    var clock: Clock?
    var run = 0
    var discontinuitySequence: UInt64
    /// The number that the next run's first segment gets.
    var nextSequence: UInt64
    /// The number of the current run's segment 0.
    var base: UInt64 = 0
    /// The first number in every list.
    var firstSequence: UInt64
    /// What the archive is to be told, in order; taken after each change.
    var outbox: [ArchiveEvent] = []
    var lastOpened: UInt64 = 0
    var picturePace = ListingPace()
    var soundPace = ListingPace()
    var partCounts: [UInt64: Int] = [:]
    /// The last part of each of these segments of which a picture has arrived.
    var begunParts: [UInt64: Int] = [:]
    /// Parts that have arrived and are not listed yet, in all renditions: without any, time alone changes no list.
    var unlisted = 0
    var lastForgot = MonotonicTime(nanoseconds: 0)
    /// There are renditions of which no more is to come in this run.
    var someRest = false
    /// The newest segment that starts with a discontinuity, where it has opened in any rendition.
    var lastBreak: UInt64?
    /// How many parts the last segment had.
    var expectedParts: Int
    var inits = 0
    var keys = 0
    /// Text renditions that players are told of.
    var texts: [TextRendition] = []
    /// All that there are tracks of, those of earlier settings too; none of them is in `order`.
    var textOrder: [RenditionName] = []
    /// Of which the journal knows.
    var toldTexts: Set<RenditionName> = []
    /// Delays from a part's last sample to its listing, since they were last taken.
    var delays: [(RenditionName, Duration)] = []
    var lateParts = 0
    var gapSegments = 0
    var overlongSegments = 0
    /// Segments that could not be written and have left memory.
    var lostSegments = 0
    /// How often a segment that was closed has been changed: then its text is written again.
    var rewritten = 0
    var isDirty = false

    init(settings: WindowSettings, names: FileNames, firstSequence: UInt64, discontinuitySequence: UInt64) {
        self.settings = settings
        self.names = names
        self.nextSequence = firstSequence
        self.firstSequence = firstSequence
        self.discontinuitySequence = discontinuitySequence
        self.expectedParts = Int(settings.targetDuration.ticks / settings.partDuration.ticks)
    }

    // MARK: Runs

    /// Where the next run starts: ten seconds for the first, so that no decoding time is negative; else the end of
    /// what is listed.
    var nextStart: MediaTime {
        tracks.values.compactMap(\.end).max() ?? MediaTime(milliseconds: 10_000)
    }

    /// A run begins. `unixMilliseconds` is the wall clock at `now`; it ties media time to dates anew.
    mutating func beginRun(_ plan: RunPlan, now: MonotonicTime, unixMilliseconds: Int64) {
        closeRun(now: now)
        run += 1
        let sinceStart = MediaTime(seconds: (now - plan.startArrival).inSeconds)
        clock = Clock(
            epoch: unixMilliseconds - sinceStart.milliseconds - plan.start.milliseconds, start: plan.start,
            startArrival: plan.startArrival)
        base = nextSequence
        picturePace = ListingPace()
        soundPace = ListingPace()
        // Text follows at the end of this change.
        let history = tracks.values.first { !$0.isText && !$0.closed.isEmpty }?.closed ?? []
        for name in tracks.keys { tracks[name]?.isActive = false }
        for rendition in plan.renditions {
            var track = tracks[rendition.name] ?? WindowTrack(rendition: rendition)
            if track.closed.isEmpty { track.closed = Deque(history.map { gap(like: $0) }) }
            track.rendition = rendition
            track.isActive = true
            track.hasEnded = false
            track.rest = .none
            track.format = nil
            track.pending = []
            track.listed = nil
            track.arriving = nil
            track.key = nil
            tracks[rendition.name] = track
        }
        order =
            plan.renditions.map(\.name)
            + order.filter { name in !plan.renditions.contains { $0.name == name } }
        someRest = order.contains { tracks[$0]?.isProducing == false }
        unlisted = 0
        phase = .live
        isDirty = true
        outbox.append(.run(epoch: clock?.epoch ?? 0, plan.renditions))
    }

    /// The feed is away: what is open is closed as it stands, gaps follow by the wall clock.
    mutating func loseFeed(now: MonotonicTime) {
        switch phase {
        case .live, .returning:
            closeRun(now: now)
            phase = clock == nil ? .waiting : .away
            isDirty = true
        case .waiting, .away, .ended: break
        }
    }

    /// The feed is back and its run is being prepared: no more gaps, so that dates do not overlap.
    mutating func feedReturned(now: MonotonicTime) {
        if phase == .away || phase == .live { phase = phase == .away ? .returning(since: now) : phase }
    }

    /// The show is over.
    mutating func end(now: MonotonicTime) {
        guard phase != .ended else { return }
        closeRun(now: now)
        phase = .ended
        isDirty = true
        outbox.append(.ended)
    }

    /// Lists everything that has arrived and closes every segment, so that all lists end at the same number.
    private mutating func closeRun(now: MonotonicTime) {
        for name in order {
            while tracks[name]?.pending.isEmpty == false { listFirst(of: name, now: now) }
            close(name, now: now)
            tracks[name]?.arriving = nil
        }
        evenOut()
        slide(now: now)
        run += 1  // what the old packagers still send goes nowhere
    }

    /// Gives every rendition a gap for each number that only others have.
    private mutating func evenOut() {
        guard
            let lead = order.compactMap({ tracks[$0]?.closed }).max(by: {
                ($0.last?.sequence ?? 0) < ($1.last?.sequence ?? 0)
            }),
            let last = lead.last
        else { return }
        for name in order {
            guard var track = tracks[name] else { continue }
            let have = track.closed.last?.sequence
            for segment in lead where segment.sequence > (have ?? 0) {
                track.closed.append(gap(like: segment))
            }
            tracks[name] = track
        }
        nextSequence = max(nextSequence, last.sequence + 1)
    }

    func gap(like segment: WindowTrack.Segment) -> WindowTrack.Segment {
        var gap = segment
        gap.gapDuration = segment.duration
        gap.parts = []
        gap.map = nil
        // A key's file is found beside the list that names it first, and a gap needs none.
        gap.key = nil
        (gap.size, gap.keyLength) = (0, nil)
        gap.file = names.gap(segment.sequence)
        return gap
    }

    // MARK: What packagers send

    mutating func take(_ steps: [WindowStep], of name: RenditionName, run: Int, now: MonotonicTime) {
        // Taken out, not copied: a second holder would have all its tables copied at the first change.
        guard run == self.run, phase == .live, var track = tracks.removeValue(forKey: name) else { return }
        var (hasEnded, isResting) = (false, false)
        for step in steps {
            switch step {
            case .initSection(let format, let bytes):
                inits += 1
                let file = names.initSection(inits)
                if settings.segmentsPerKey == nil {
                    track.files[file] = MediaObject(
                        kind: track.isVideo ? .videoInit : .audioInit, buffers: [bytes])
                } else {
                    track.inits = track.inits.filter { $0.key == track.map }
                    track.inits[file] = bytes
                }
                track.map = file
                track.format = format
                isDirty = true
                outbox.append(.initSection(name, file: file, bytes))
            case .segment(let segment):
                track.arriving = (base + segment.ordinal, segment, track.map)
                if track.rest == .resting { track.rest = .returning }
                track.arrivedParts = 0
                nextSequence = max(nextSequence, base + segment.ordinal + 1)
                if segment.isDiscontinuity { lastBreak = base + segment.ordinal }
            case .part(let part):
                guard let arriving = track.arriving else { continue }
                let key = PartKey(sequence: arriving.sequence, index: part.index)
                track.pending.append(
                    .init(key: key, part: part, opening: arriving.opening, map: arriving.map ?? track.map))
                unlisted += 1
                track.arriving?.opening = nil
                track.arrivedParts += 1
                if track.isVideo { picturePace.ready(key, now) } else { soundPace.ready(key, now) }
            case .partBegun(let index):
                guard let arriving = track.arriving else { continue }
                begunParts[arriving.sequence] = max(begunParts[arriving.sequence] ?? 0, index)
            case .segmentEnded:
                if let arriving = track.arriving {
                    partCounts[arriving.sequence] = max(
                        partCounts[arriving.sequence] ?? 0, track.arrivedParts)
                }
                track.arriving = nil
            case .resting: isResting = true
            case .ended: hasEnded = true
            }
        }
        tracks[name] = track
        if isResting, track.rest != .resting {
            breakOff(name, now: now)
            tracks[name]?.rest = .resting
        }
        if hasEnded {
            breakOff(name, now: now)
            tracks[name]?.hasEnded = true
        }
        advance(now: now)
    }

    /// A rendition that the run goes on without, for a while or for good: what it has is listed, others do not wait for
    /// it.
    private mutating func breakOff(_ name: RenditionName, now: MonotonicTime) {
        while tracks[name]?.pending.isEmpty == false { listFirst(of: name, now: now) }
        close(name, now: now)
        tracks[name]?.arriving = nil
        someRest = true
        isDirty = true
    }

    /// Late parts, gaps, and files whose time is over.
    mutating func tick(now: MonotonicTime) {
        if phase == .live, unlisted > 0 { advance(now: now) }
        if case .returning(let since) = phase, now - since > Self.returnDeadline { phase = .away }
        if phase == .away { addGaps(now: now) }
        if now - lastForgot >= Self.forgetting {
            lastForgot = now
            forget(now: now)
        }
    }

    mutating func takeOutbox() -> [ArchiveEvent] {
        defer { outbox = [] }
        return outbox
    }

    mutating func takeDelays() -> [(RenditionName, Duration)] {
        defer { delays = [] }
        return delays
    }

    mutating func clean() {
        isDirty = false
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
