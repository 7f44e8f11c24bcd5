import Codecs
import CoreMetrics
import Logging
import Media

// The time without a feed. The slate is drawn once, of the host's last picture, and goes by the clock through the same
// encoders; a source that was passed through is encoded meanwhile. A feed that is back is put on the same timeline where
// the clock says; what it has that is older than the slate is decoded, and shown to nobody.

extension LiveRun {
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
        // A host that has sent seconds of its picture at once is that much ahead of the clock by which the show's dates go.
        // Left as it is, every return of such a host would add to it.
        let due = clock(at: lastArrival)
        let isAhead = due.map { highest - $0 > LiveRun.ahead } ?? false
        slate = Slate(
            clock: SlateClock(
                start: start ?? highest + rate.frameDuration, frameRate: rate,
                anchor: (isAhead ? due ?? highest : highest, lastArrival)))
        logger.notice("the slate is shown", metadata: ["time": "\(highest)"])
        // Its first picture at once: what was cut for it is not to stay empty, however soon the run ends.
        tick(now: lastArrival + (rate.frameDuration * 2).duration)
    }

    private static let ahead = MediaTime(milliseconds: 500)

    /// What the run's time is at `instant`, going by its first picture; nil where arrivals say nothing.
    private func clock(at instant: MonotonicTime) -> MediaTime? {
        guard instant.nanoseconds != 0, opening.firstArrival.nanoseconds != 0 else { return nil }
        return layout.plan.start + MediaTime(seconds: (instant - opening.firstArrival) / .seconds(1))
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

    /// Once: what cannot be drawn now cannot be drawn a tenth of a second later.
    private func draw(_ slate: inout Slate, with pictures: PictureStage) {
        for picture in [own, nil] where slate.cards.isEmpty {
            do throws(CodecFault) {
                slate.cards = try pictures.cards(picture)
            } catch {
                logger.error("the slate cannot be drawn", metadata: ["error": "\(error)"])
            }
        }
        slate.hasFailed = slate.cards.isEmpty
    }

    /// The slate goes on up to `now`.
    func tick(now: MonotonicTime) {
        guard var slate, let pictures else { return }
        if slate.cards.isEmpty && !slate.hasFailed { draw(&slate, with: pictures) }
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
    func passAgain(_ seen: FeedFacts, at unit: AccessUnit) {
        let reasons = settings.fitness.reasons(seen) + ReturnWatch.misfits(seen, layout.plan)
        guard reasons.isEmpty, !sourceHasEnded, pictures?.hasFailed(.source) != true else {
            watch = nil
            logger.notice(
                "the host's picture is not passed through again; it is encoded",
                metadata: ["reasons": "\(reasons.joined(separator: "; "))"])
            return
        }
        var trial = mapper
        let place = trial.video(pts: unit.pts, dts: unit.dts, arrival: unit.arrival).pts
        var trialPlanner = planner
        guard trialPlanner.followSource(from: place) != nil else {
            // The segment before it would be too short, and with a GOP as long as a segment always will be.
            return planner.awaitSource(at: place + (seen.keyFrameInterval ?? .zero))
        }
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
