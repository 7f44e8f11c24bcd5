import Captioning
import Codecs
import DequeModule
import Foundation
import Hearing
import Logging
import Media
import Metrics
import Programs
import Shows

/// What the thread of a `SpeechRun` does; lives and dies on it.
struct SpeechWork: ~Copyable {
    /// Bytes that wait for the process: what is more is not made from the queue, which drops it.
    private static let mostUnsent = 256 << 10
    /// Frames that are told again to a process that follows one that has died: six seconds, fewer than it would leave out.
    private static let mostRecent = 60
    /// How long what was said last may take to be written down.
    private static let patience = Duration.seconds(3)
    /// How often somebody is asked whether there is room now, or an engine.
    private static let retry = Duration.seconds(5)

    private let show: ShowID
    private let track: SpeechTrack
    private let hall: CaptionHall
    private let bureau: SpeechBureau
    private let logger: Logger
    private let metrics: SpeechMetrics
    private var sound: SpeechSound
    private var watch = HearingWatch(at: .now)
    private var order: HearingOrder?
    private var scribe: SpeechScribe
    private var hasPlace = false
    private var child: ChildPrograms?
    private var isRunning = false
    /// It listens: before that it is sent nothing, since it would only wait.
    private var isReady = false
    private var reader = HearingNewsReader()
    private var unsent: [UInt8] = []
    /// The newest frames, the oldest first.
    private var recent = Deque<SoundFrame>()
    /// Up to here everything that was said is written down (Unix milliseconds).
    private var settled: Int64 = .min
    private var spent = 0
    private var level = HearingPace.Level.full
    private var why: String?
    private var retryAt: ContinuousClock.Instant?

    init(
        show: ShowID, track: SpeechTrack, epoch: Int64, hall: CaptionHall, bureau: SpeechBureau,
        logger: Logger
    ) {
        self.show = show
        self.track = track
        self.hall = hall
        self.bureau = bureau
        self.logger = logger
        metrics = SpeechMetrics(show: show)
        sound = SpeechSound(epoch: epoch)
        scribe = SpeechScribe(
            text: SpokenText(language: track.language), language: track.language, engine: "")
    }

    // MARK: Steps

    /// Ten times a second, or as often as there is something.
    mutating func step(_ items: [SpeechRun.Item]) {
        let isWanted = hall.isWanted(show, track.language)
        if !isWanted { stop() }
        for item in items { take(item, isWanted: isWanted) }
        guard isWanted else { return }
        let now = ContinuousClock.now
        switch watch.decide(at: now) {
        case .start: start(at: now)
        case .kill:
            logger.warning("what hears the show hangs: it is ended, and started again")
            metrics.kills.increment()
            lose(at: now)
        case nil: break
        }
        exchange()
    }

    /// The run is over.
    mutating func finish() {
        let end = ContinuousClock.now + SpeechWork.patience
        if hall.isWanted(show, track.language) {
            while isRunning, !unsent.isEmpty, .now < end { exchange(waiting: true) }
            if let last = child.take() {
                last.closeInput()
                child = consume last
            }
            while isRunning, .now < end { exchange(waiting: true) }
        }
        child = nil
        leave()
        hall.hearing(nil, on: show, track.language)
        if order != nil || why != nil {
            hall.report(TrackState(.idle, engine: order?.engine.rawValue), on: show, track.language)
        }
    }

    private mutating func take(_ item: SpeechRun.Item, isWanted: Bool) {
        switch item {
        case .format(let format):
            do throws(CodecFault) {
                try sound.begin(format)
            } catch {
                logger.error("the show's sound cannot be decoded", metadata: ["error": "\(error)"])
            }
        case .unit(let unit):
            guard isWanted else { return }
            for frame in sound.take(unit) {
                recent.append(frame)
                if recent.count > SpeechWork.mostRecent { recent.removeFirst() }
                guard isRunning, isReady else { continue }
                guard unsent.count < SpeechWork.mostUnsent else {
                    metrics.unsent.increment()
                    continue
                }
                frame.write(to: &unsent)
            }
        }
    }

    // MARK: The process

    private mutating func start(at now: ContinuousClock.Instant) {
        if let retryAt, now < retryAt { return }
        retryAt = now + SpeechWork.retry
        if let spoken = track.spoken {
            return refuse("the show is spoken in \(spoken): captions in \(track.language) are a translation")
        }
        if !hasPlace {
            guard bureau.enter() else {
                return refuse("\(bureau.settings.shows) shows are heard already: raise speech.shows")
            }
            hasPlace = true
        }
        let order: HearingOrder
        switch bureau.order(for: show, in: track.language) {
        case .failure(let refusal): return refuse(refusal.description)
        case .success(let made): order = made
        }
        do {
            let programs = try ChildPrograms.start([[bureau.program]], keepsErrors: true)
            unsent = try order.line()
            child = consume programs
            isRunning = true
        } catch {
            watch.ended(at: now)
            return refuse("'\(bureau.program)' does not start")
        }
        retryAt = nil
        self.order = order
        (reader, spent, level, isReady) = (HearingNewsReader(), 0, .full, false)
        scribe = SpeechScribe(
            text: bureau.text(of: show, in: track.language), language: track.language,
            engine: order.remote?.model ?? order.engine.rawValue)
        metrics.starts.increment()
        watch.started(at: now)
    }

    private mutating func refuse(_ reason: String) {
        if why != reason { logger.warning("nobody hears the show", metadata: ["reason": "\(reason)"]) }
        why = reason
        hall.report(TrackState(.failed, why: reason), on: show, track.language)
        leave()
    }

    private mutating func leave() {
        if hasPlace { bureau.leave() }
        hasPlace = false
    }

    /// Nobody wants it.
    private mutating func stop() {
        guard isRunning || hasPlace else { return }
        child = nil
        isRunning = false
        unsent = []
        recent.removeAll()
        leave()
        (why, retryAt) = (nil, nil)
        watch.rest(at: .now)
        hall.hearing(nil, on: show, track.language)
    }

    /// It has died, or has to.
    private mutating func lose(at now: ContinuousClock.Instant) {
        child = nil
        isRunning = false
        unsent = []
        watch.ended(at: now)
        metrics.ends.increment()
        hall.hearing(nil, on: show, track.language)
    }

    /// Sends and reads what can be; where `waiting`, up to a twentieth of a second for something.
    private mutating func exchange(waiting: Bool = false) {
        guard let child = self.child.take() else { return }
        do throws(ChildPrograms.Fault) {
            if !unsent.isEmpty {
                let sent = try child.send(unsent)
                unsent.removeFirst(sent)
            }
            if waiting { child.wait(atMost: .milliseconds(50)) }
            while true {
                let bytes = try child.receive()
                if bytes.isEmpty { break }
                do {
                    for news in try reader.take(bytes) { hear(news) }
                } catch {
                    logger.error("what hears the show says what nobody understands")
                    throw ChildPrograms.Fault.ended
                }
            }
            self.child = consume child
        } catch {
            if !waiting { logger.warning("what hears the show has ended: it is started again") }
            lose(at: .now)
        }
    }

    // MARK: What it says

    private mutating func hear(_ news: HearingNews) {
        watch.heard(news, at: .now)
        switch news {
        case .ready(let engine):
            why = usual
            // What was said meanwhile, and what an earlier one has not written down.
            if !isReady { for frame in recent where frame.end > settled { frame.write(to: &unsent) } }
            isReady = true
            logger.info(
                "the show is heard", metadata: ["engine": "\(engine)", "language": "\(track.language)"])
            report()
        case .line(let line): write(line)
        case .pace(let pace): note(pace)
        case .trouble(let reason):
            why = reason
            metrics.troubles.increment()
            logger.warning("a piece of the show was not heard", metadata: ["reason": "\(reason)"])
        case .fault(let reason):
            why = reason
            logger.error("nobody hears the show", metadata: ["reason": "\(reason)"])
            hall.report(
                TrackState(.failed, engine: order?.engine.rawValue, why: reason), on: show, track.language)
        }
    }

    /// What is to be said of the engine where nothing is wrong.
    private var usual: String? {
        order?.engine.isRough == true ? "PocketSphinx makes many errors: run Deploy/speech" : nil
    }

    private mutating func write(_ line: HeardLine) {
        guard line.isFinal else {
            if let partial = scribe.partial(line) { hall.hearing(partial, on: show, track.language) }
            return
        }
        settled = max(settled, line.end)
        why = usual
        let cues = scribe.cues(line)
        guard !cues.isEmpty else { return hall.hearing(nil, on: show, track.language) }
        metrics.lines.increment()
        do {
            _ = try hall.hear(cues, on: show, track.language)
        } catch {
            logger.error("what was heard is not kept", metadata: ["error": "\(error)"])
        }
    }

    private mutating func note(_ pace: HearingPace) {
        metrics.behind.record(pace.behind)
        metrics.level.record(pace.level.rawValue)
        if pace.dropped > 0 { metrics.dropped.increment(by: pace.dropped) }
        if pace.level != level {
            logger.notice(
                "the pace of hearing", metadata: ["level": "\(pace.level.word)", "behind": "\(pace.behind)"])
            level = pace.level
        }
        // What was given back is counted all the same: it may have been heard.
        bureau.spend(max(0, pace.spent - spent), on: show)
        spent = max(spent, pace.spent)
        report()
    }

    private func report() {
        guard let order else { return }
        let slow: String? =
            switch level {
            case .full, .slow: nil
            case .finals: "this machine is busy: captions come late"
            case .dropping: "this machine is too busy: some of what is said has no captions"
            }
        hall.report(
            TrackState(
                .running, engine: order.remote?.model ?? order.engine.rawValue, why: slow ?? why,
                cost: bureau.cost(of: show, order)), on: show, track.language)
    }
}
