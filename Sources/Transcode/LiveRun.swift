import Codecs
import CoreMetrics
import Logging
import Media
import NIOCore

/// A run that has been decided, on the source thread. In: the host's events, first IDR first. Out: the passed-through
/// source from here, encoded renditions and sound through their stages. Rungs may make it wait; the feed's mailbox in
/// front of it is what absorbs that. Damaged units are counted and left out.
final class LiveRun {
    let settings: TranscodeSettings
    let layout: RunLayout
    /// Of the feed that the run began with: they fix its renditions.
    let opening: FeedFacts
    /// Of the feed that is there, or was last.
    var facts: FeedFacts
    let sink: any RunSink
    let metrics: TranscodeMetrics
    let capacity: EncodingCapacity
    let logger: Logger
    let sourceCounters: TranscodeMetrics.Rendition
    var reserved: [EncodingCost]
    /// What the source's slot costs while it is encoded.
    var slotCost: EncodingCost?

    var mapper: TimestampRepair
    var planner: CutPlanner
    let sound: any SoundStage
    let copier: SoundCopier?
    var pictures: PictureStage?
    var format: PictureFormat
    var nextFormat: PictureFormat?
    var isPassing: Bool
    var highest: MediaTime
    /// What a picture of the encoded renditions lasts.
    let outputDuration: MediaTime
    var progress = MediaTime(ticks: Int64.min)
    /// The host's pictures since its last IDR, kept where nothing is decoded: an encoder that must take over starts
    /// with them.
    var recent: [AccessUnit] = []
    var repairs = 0
    /// Set while the feed is away.
    var slate: Slate?
    /// Set while a feed that has come back is looked at: it may take its place again.
    var watch: ReturnWatch?
    var lastArrival: MonotonicTime
    /// Its slot could not be encoded: nothing more of it is to come.
    var sourceHasEnded = false
    var burden: Burden

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
        burden = Burden(settings)
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

    func open(_ rung: Rung, from: MediaTime) throws(CodecFault) -> RungStage {
        try RungStage(
            rung: rung, from: from, settings: settings, sink: sink, metrics: metrics.rendition(rung.name),
            logger: logger)
    }

    /// With `mayDrop`, slow rungs lose pictures instead of holding the feed up.
    func receive(_ event: FeedEvent, mayDrop: Bool) {
        let began = MonotonicTime.now
        defer { burden.worked += .now - began }
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

    func receive(_ original: AccessUnit, _ mayDrop: Bool) {
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
        let due = burden.clock.due(unit.arrival, length: facts.timing.rate.frameDuration.duration)
        burden.due = due
        if nextFormat != nil { watch = nil }
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
        pictures?.decode(unit, due: due, mayDrop: mayDrop) { self.output(at: $0) }
        burden.lateness = max(burden.lateness, .now - due)
        if planner.followsSource { advance(to: highest) }
    }

    /// Where all is passed on as it comes, pictures only gather until a part ends: up to here, in decoding time of the
    /// host's own. Nil where each picture has work to do.
    var quietUntil: MediaTime? {
        guard isPassing, pictures == nil, copier != nil, slate == nil, let due = sink.due else { return nil }
        // The grid may have moved a picture by three quarters of its length.
        return mapper.source(of: due - MediaTime(ticks: facts.timing.rate.frameDuration.ticks * 3 / 4))
    }

    func remember(_ unit: AccessUnit) {
        if unit.isSync { recent.removeAll(keepingCapacity: true) }
        recent.append(unit)
    }

    func adoptFormat(_ mayDrop: Bool) -> CutPlanner.Change {
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
        guard isPassing else {
            if layout.ladder.passesSource, !sourceHasEnded {
                facts.format = next
                watch = ReturnWatch(facts: facts)
            }
            return .none
        }
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

    func take(_ cut: CutPlanner.Cut, _ mayDrop: Bool) {
        sound.receive(.cut(cut), mayDrop: false)
        if cut.endsPassthrough {
            encodeSource(from: cut, mayDrop)
        } else {
            sink.receive(.segment(at: cut.time, isDiscontinuity: cut.isDiscontinuity), for: .source)
            pictures?.schedule(cut)
        }
    }

    /// The `source` slot is encoded from `cut` on, until a feed comes back that may be passed through.
    func encodeSource(from cut: CutPlanner.Cut, _ mayDrop: Bool) {
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
            for unit in recent {
                opened.decode(unit, due: unit.arrival, mayDrop: mayDrop) { self.output(at: $0) }
            }
            recent = []
        } catch {
            logger.error("the source cannot be encoded", metadata: ["error": "\(error)"])
            sourceHasEnded = true
            sink.receive(.end, for: .source)
        }
    }

    /// A picture of the output's grid; tells whether a segment starts there.
    func output(at time: MediaTime) -> CutPlanner.Cut? {
        guard !planner.followsSource else { return nil }
        let wantsDiscontinuity = copier?.wantsDiscontinuity == true
        let cut = wantsDiscontinuity ? planner.discontinuity(at: time) : planner.output(at: time)
        if let cut { sound.receive(.cut(cut), mayDrop: false) }
        // The grid's next picture is a whole duration away, and no segment starts before it.
        // A source that is to be followed again may have pictures between the grid's.
        advance(to: time + min(outputDuration, facts.timing.rate.frameDuration))
        return cut
    }

    func advance(to time: MediaTime) {
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
        metrics.forgetRelief()
        for cost in reserved + [slotCost].compactMap({ $0 }) { capacity.release(cost) }
        reserved = []
        slotCost = nil
    }
}
