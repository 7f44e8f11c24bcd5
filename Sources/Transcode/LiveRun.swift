import Codecs
import CoreMetrics
import Logging
import Media
import NIOCore

/// A run that has been decided, on the source thread. In: the host's events, first IDR first. Out: the passed-through
/// source from here, encoded renditions and sound through their stages. Rungs may make it wait; the feed's mailbox in
/// front of it is what absorbs that. Damaged units are counted and left out.
final class LiveRun {
    private let settings: TranscodeSettings
    private let layout: RunLayout
    /// Of the feed that the run began with: they fix its renditions.
    private let opening: FeedFacts
    /// Of the feed that is there, or was last.
    private var facts: FeedFacts
    private let sink: any RunSink
    private let metrics: TranscodeMetrics
    private let capacity: EncodingCapacity
    private let logger: Logger
    private let sourceCounters: TranscodeMetrics.Rendition
    private var reserved: [EncodingCost]
    /// What the source's slot costs while it is encoded.
    private var slotCost: EncodingCost?

    private var mapper: TimestampRepair
    private var planner: CutPlanner
    private let sound: any SoundStage
    private let copier: SoundCopier?
    private var pictures: PictureStage?
    private var format: PictureFormat
    private var nextFormat: PictureFormat?
    private var isPassing: Bool
    private var highest: MediaTime
    /// What a picture of the encoded renditions lasts.
    private let outputDuration: MediaTime
    private var progress = MediaTime(ticks: Int64.min)
    /// The host's pictures since its last IDR, kept where nothing is decoded: an encoder that must take over starts
    /// with them.
    private var recent: [AccessUnit] = []
    private var repairs = 0
    /// Set while the feed is away.
    private var slate: Slate?
    /// Set while a feed that has come back is looked at: it may take its place again.
    private var watch: ReturnWatch?
    private var lastArrival: MonotonicTime

    /// Opens every stage. Throws `CodecFault` where one cannot be had; `reserved` is given back by `finish`.
    init(
        facts: FeedFacts, layout: RunLayout, reserved: [EncodingCost], settings: TranscodeSettings,
        sink: any RunSink, metrics: TranscodeMetrics, capacity: EncodingCapacity, logger: Logger
    ) throws(CodecFault) {
        opening = facts
        self.facts = facts
        self.layout = layout
        self.reserved = reserved
        self.settings = settings
        self.sink = sink
        self.metrics = metrics
        self.capacity = capacity
        self.logger = logger
        sourceCounters = metrics.rendition(.source)
        outputDuration = layout.plan.partGrid.frameDuration
        let start = layout.plan.start
        mapper = TimestampRepair(timing: facts.timing, sourceStart: facts.firstTime, start: start)
        planner = CutPlanner(
            start: start, frameRate: facts.timing.rate, followsSource: layout.ladder.passesSource)
        format = facts.format
        isPassing = layout.ladder.passesSource
        highest = start
        lastArrival = facts.firstArrival
        if layout.copiesAudio, let audio = facts.audio?.aac {
            let copier = SoundCopier(
                format: audio, start: start, sink: sink, metrics: metrics, logger: logger)
            self.copier = copier
            sound = copier
        } else {
            copier = nil
            sound = try SoundEncoder(
                start: start, expectsAudio: facts.audio != nil, kilobits: settings.audioKilobits, sink: sink,
                metrics: metrics, logger: logger)
        }
        if isPassing, let track = format.track { sink.receive(.begin(track), for: .source) }
        var stages: [RungStage] = []
        for rung in layout.ladder.rungs { stages.append(try open(rung, from: start)) }
        if let first = stages.first {
            pictures = try PictureStage.open(
                format: facts.format, reorderDepth: facts.reorderDepth, from: start, rungs: stages,
                frameRate: first.rung.frameRate, metrics: metrics, logger: logger)
        }
    }

    private func open(_ rung: Rung, from: MediaTime) throws(CodecFault) -> RungStage {
        try RungStage(
            rung: rung, from: from, settings: settings, sink: sink, metrics: metrics.rendition(rung.name),
            logger: logger)
    }

    /// With `mayDrop`, slow rungs lose pictures instead of holding the feed up.
    func receive(_ event: FeedEvent, mayDrop: Bool) {
        switch event {
        case .metadata, .ended: break
        case .videoFormat(let next): nextFormat = next == format ? nil : next
        case .audioFormat(let next): sound.receive(.format(next), mayDrop: false)
        case .audio(var unit):
            guard let time = mapper.audio(unit.pts, arrival: unit.arrival) else {
                metrics.damaged.increment()
                return
            }
            unit.pts = time
            unit.dts = time
            sound.receive(.frame(unit), mayDrop: mayDrop)
        case .video(let unit): receive(unit, mayDrop)
        }
    }

    private func receive(_ original: AccessUnit, _ mayDrop: Bool) {
        var unit = original
        let contents = NALUnits(unit.payload, (nextFormat ?? format).codec)
        guard contents.isWhole, contents.hasPicture else {
            metrics.damaged.increment()
            return
        }
        unit.isSync = contents.hasIDR
        // New parameters hold from an IDR picture on; what comes before it belongs to neither.
        if nextFormat != nil && !unit.isSync { return metrics.damaged.increment() }
        lastArrival = unit.arrival
        if let seen = watch?.take(unit) { passAgain(seen, at: unit) }
        let times = mapper.video(
            pts: unit.pts, dts: unit.dts, arrival: unit.arrival, isIDR: unit.isSync)
        if mapper.repairs != repairs {
            repairs = mapper.repairs
            metrics.repaired.increment()
            // A host whose every time is odd would fill the log.
            if repairs <= 10 || repairs % 100 == 0 {
                logger.info(
                    "the host's timestamps jumped; the show's run on", metadata: ["jumps": "\(repairs)"])
            }
        }
        (unit.pts, unit.dts) = (times.pts, times.dts)
        unit.duration = facts.timing.rate.frameDuration
        let change = adoptFormat(mayDrop)
        if let cut = planner.source(pts: unit.pts, isIDR: unit.isSync, change: change) { take(cut, mayDrop) }
        highest = max(highest, unit.pts)
        if isPassing {
            sourceCounters.framesOut.increment()
            sourceCounters.bytes.increment(by: Int64(unit.payload.readableBytes))
            sink.receive(.sample(unit), for: .source)
            if pictures == nil { remember(unit) }
        }
        pictures?.decode(unit, mayDrop: mayDrop) { self.output(at: $0) }
        if planner.followsSource { advance(to: highest) }
    }

    private func remember(_ unit: AccessUnit) {
        if unit.isSync { recent.removeAll(keepingCapacity: true) }
        recent.append(unit)
    }

    private func adoptFormat(_ mayDrop: Bool) -> CutPlanner.Change {
        guard let next = nextFormat else { return copier?.wantsDiscontinuity == true ? .fit : .none }
        nextFormat = nil
        logger.info(
            "the host's picture changed",
            metadata: [
                "size": "\(next.parameters.width)x\(next.parameters.height)", "codecs": "\(next.codecs)",
            ])
        do throws(CodecFault) {
            try pictures?.change(to: next, mayDrop: mayDrop) { self.output(at: $0) }
        } catch {
            logger.error("the host's new picture cannot be decoded", metadata: ["error": "\(error)"])
        }
        // A decoder for the new picture can make nothing of the old one.
        if next.codec != format.codec { recent = [] }
        format = next
        guard isPassing else { return .none }
        var changed = facts
        changed.format = next
        let reasons = settings.fitness.reasons(changed)
        if reasons.isEmpty, let track = next.track {
            sink.receive(.begin(track), for: .source)
            return .fit
        }
        logger.notice(
            "the source is no longer fit to be passed through", metadata: ["reasons": "\(reasons)"])
        return .unfit
    }

    private func take(_ cut: CutPlanner.Cut, _ mayDrop: Bool) {
        sound.receive(.cut(cut), mayDrop: false)
        if cut.endsPassthrough {
            encodeSource(from: cut, mayDrop)
        } else {
            sink.receive(.segment(at: cut.time, isDiscontinuity: cut.isDiscontinuity), for: .source)
            pictures?.schedule(cut)
        }
    }

    /// The `source` slot is encoded from `cut` on, until a feed comes back that may be passed through.
    private func encodeSource(from cut: CutPlanner.Cut, _ mayDrop: Bool) {
        isPassing = false
        metrics.sourceIsFit.record(0)
        logger.notice(
            "the source is not passed through; it is encoded from here on",
            metadata: ["time": "\(cut.time)"])
        let rung = layout.sourceRung(opening, maximumFrameRate: settings.maximumFrameRate)
        let picture = opening.format.parameters
        var cost = EncodingCost(
            sourceWidth: picture.width, sourceHeight: picture.height, sourceRate: opening.timing.rate,
            rungs: [rung], preset: settings.preset, encodesAudio: false)
        if pictures != nil { cost.cores *= 0.8 }
        _ = capacity.reserve(cost, always: true)
        slotCost = cost
        do throws(CodecFault) {
            let stage = try open(rung, from: cut.time)
            if let pictures {
                try pictures.add(stage)
                pictures.schedule(cut)
                return
            }
            let opened = try PictureStage.open(
                format: format, reorderDepth: facts.reorderDepth, from: cut.time, rungs: [stage],
                frameRate: rung.frameRate, metrics: metrics, logger: logger)
            pictures = opened
            opened.schedule(cut)
            for unit in recent { opened.decode(unit, mayDrop: mayDrop) { self.output(at: $0) } }
            recent = []
        } catch {
            logger.error("the source cannot be encoded", metadata: ["error": "\(error)"])
            sink.receive(.end, for: .source)
        }
    }

    /// A picture of the output's grid; tells whether a segment starts there.
    private func output(at time: MediaTime) -> CutPlanner.Cut? {
        guard !planner.followsSource else { return nil }
        let wantsDiscontinuity = copier?.wantsDiscontinuity == true
        let cut = wantsDiscontinuity ? planner.discontinuity(at: time) : planner.output(at: time)
        if let cut { sound.receive(.cut(cut), mayDrop: false) }
        // The grid's next picture is a whole duration away, and no segment starts before it.
        advance(to: time + outputDuration)
        return cut
    }

    private func advance(to time: MediaTime) {
        guard time > progress else { return }
        progress = time
        sound.receive(.progress(time), mayDrop: false)
    }

    /// Brings everything out that is still inside, ends every rendition, and waits for that.
    func finish() {
        pictures?.drain(mayDrop: false) { self.output(at: $0) }
        if isPassing { sink.receive(.end, for: .source) }
        sound.finish()
        for rung in pictures?.rungs ?? [] { rung.finish() }
        pictures = nil
        for cost in reserved + [slotCost].compactMap({ $0 }) { capacity.release(cost) }
        reserved = []
        slotCost = nil
    }

    // MARK: The slate

    /// The feed is away. What is inside comes out; then the slate follows, as `tick` says.
    func loseFeed() {
        guard slate == nil else { return }
        watch = nil
        nextFormat = nil
        let start = isPassing ? highest + facts.timing.rate.frameDuration : nil
        if let start, let cut = planner.abandonSource(at: start) { take(cut, false) }
        // Whatever else comes is another feed's, and its decoder is opened anew.
        pictures?.drain(mayDrop: false) { self.output(at: $0) }
        sound.receive(.lost, mayDrop: false)
        let rate = layout.plan.partGrid
        slate = Slate(
            clock: SlateClock(
                start: start ?? highest + rate.frameDuration, frameRate: rate,
                anchor: (highest, lastArrival)))
        logger.notice("the slate is shown", metadata: ["time": "\(highest)"])
        // Its first picture at once: what was cut for it is not to stay empty, however soon the run ends.
        tick(now: lastArrival + (rate.frameDuration * 2).duration)
    }

    /// The show's own picture for the slate, where it has one that can be read.
    private var own: Picture? {
        guard let path = settings.slate else { return nil }
        do throws(CodecFault) {
            return try StillPicture.read(path: path)
        } catch {
            logger.warning(
                "the show's slate picture cannot be read; the last picture is shown",
                metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// The slate goes on up to `now`.
    func tick(now: MonotonicTime) {
        guard var slate, let pictures else { return }
        if slate.cards.isEmpty {
            do throws(CodecFault) {
                slate.cards = try pictures.cards(own)
            } catch {
                logger.error("the slate cannot be drawn", metadata: ["error": "\(error)"])
            }
        }
        while !slate.cards.isEmpty, let time = slate.clock.take(by: now) {
            highest = max(highest, time)
            pictures.show(slate.cards, at: time, arrival: now, mayDrop: false) { self.output(at: $0) }
        }
        self.slate = slate
    }

    /// A feed is back, with an IDR picture: it is shown as soon as its pictures are newer than the slate. `isSameHost`:
    /// its timestamps go on from before, and what it has held back meanwhile is too old. False where that is so of all
    /// that is known of it: a later IDR picture may do.
    func rejoin(_ next: FeedFacts, isSameHost: Bool) -> Bool {
        guard var slate else { return true }
        let due = slate.clock.time(at: next.firstArrival)
        if isSameHost, !trusts(next, slate: &slate, due: due) {
            self.slate = slate
            return false
        }
        let keepsClock = isSameHost && (mapper.place(of: next.firstTime) - due).magnitude <= LiveRun.near
        if keepsClock {
            mapper.resume()
        } else {
            // On the grid of what is shown, so that equal rates fall on equal places.
            mapper.rejoin(
                timing: next.timing, sourceStart: next.firstTime,
                at: slate.clock.place(nearest: due))
        }
        do throws(CodecFault) {
            try pictures?.change(to: next.format, reorderDepth: next.reorderDepth, mayDrop: false) {
                self.output(at: $0)
            }
        } catch {
            logger.error("the host's new picture cannot be decoded", metadata: ["error": "\(error)"])
            self.slate = slate
            return false
        }
        (facts, format, nextFormat) = (next, next.format, nil)
        self.slate = nil
        if layout.ladder.passesSource { watch = ReturnWatch(facts: next) }
        sound.receive(.joined(hasAudio: next.audio != nil), mayDrop: false)
        if let audio = next.audio { sound.receive(.format(audio), mayDrop: false) }
        logger.notice(
            "the host is back",
            metadata: [
                "size": "\(next.format.parameters.width)x\(next.format.parameters.height)",
                "rate": "\(next.timing.rate)",
                "audio": "\(next.audio.map { "\($0.sampleRate) Hz" } ?? "none")",
            ])
        return true
    }

    /// How far a host's clock may be from where it should be.
    private static let near = MediaTime(milliseconds: 1000)
    private static let staleDeadline = Duration.seconds(10)

    /// Whether a host that goes on after a silence is to be shown now: what it has held back is older than the slate.
    /// One that never catches up gets a new place in time.
    private func trusts(_ next: FeedFacts, slate: inout Slate, due: MediaTime) -> Bool {
        guard mapper.place(of: next.firstTime) < due - LiveRun.near else { return true }
        let since = slate.staleSince ?? next.firstArrival
        slate.staleSince = since
        return next.firstArrival - since > LiveRun.staleDeadline
    }

    /// The feed that has come back has shown a whole GOP, and `unit` opens the next: it is passed through from here on
    /// where it may be, and the source's slot is encoded no longer.
    private func passAgain(_ seen: FeedFacts, at unit: AccessUnit) {
        let reasons = settings.fitness.reasons(seen) + ReturnWatch.misfits(seen, layout.plan)
        guard reasons.isEmpty, pictures?.hasFailed(.source) != true else {
            watch = nil
            logger.notice(
                "the host's picture is not passed through again; it is encoded",
                metadata: ["reasons": "\(reasons.joined(separator: "; "))"])
            return
        }
        var trial = mapper
        let place = trial.video(pts: unit.pts, dts: unit.dts, arrival: unit.arrival).pts
        do throws(CodecFault) {
            try pictures?.change(to: format, mayDrop: false) { self.output(at: $0) }
            // Sound has been told that no cut comes before the last picture's end.
            guard place >= progress, let cut = planner.followSource(from: place) else { return }
            try pictures?.remove(.source)
            if pictures?.rungs.isEmpty == true { pictures = nil }
            if let cost = slotCost { capacity.release(cost) }
            slotCost = nil
            watch = nil
            facts = seen
            mapper.decodeAfter(highest)
            if let track = format.track { sink.receive(.begin(track), for: .source) }
            isPassing = true
            recent = []
            take(cut, false)
            metrics.sourceIsFit.record(1)
            logger.notice("the source is passed through again", metadata: ["time": "\(place)"])
        } catch {
            logger.error("the host's picture cannot be decoded", metadata: ["error": "\(error)"])
        }
    }
}
