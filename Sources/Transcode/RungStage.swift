import Codecs
import CoreMetrics
import Logging
import Media
import Synchronization

/// One encoded rendition. In: scaled pictures with their times and cuts. Out: `begin`, segments and samples to the
/// run's sink, from this stage's own thread. The source thread waits while the queue is full, or drops the picture,
/// as it decides; pictures that open a segment are never dropped. An encoder that fails ends its rendition alone. While
/// its rendition rests there is no encoder: the next one makes the same kind of stream.
final class RungStage: Sendable {
    struct Frame: Sendable {
        var picture: Picture
        var time: MediaTime
        /// How long it is shown.
        var duration: MediaTime
        var arrival: MonotonicTime
        var due: MonotonicTime
        var cut: CutPlanner.Cut?
    }

    private enum Order: Sendable {
        case encode(Frame)
        /// A segment starts here, and this rendition has none of it.
        case rest(CutPlanner.Cut)
    }

    let rung: Rung
    /// Pictures before this time are not for this rendition.
    let from: MediaTime
    let meter = RungMeter()
    private let mailbox: BoundedMailbox<Order>
    private let thread: CodecThread
    private let metrics: TranscodeMetrics.Rendition
    private let ending: Ending
    private let effort: Effort

    /// Throws `CodecFault` where no thread can be had; the encoder is opened by the first picture.
    init(
        rung: Rung, from: MediaTime, settings: TranscodeSettings, sink: any RunSink,
        metrics: TranscodeMetrics.Rendition, logger: Logger
    ) throws(CodecFault) {
        self.rung = rung
        self.from = from
        self.metrics = metrics
        let (dropped, meter) = (metrics.dropped, meter)
        let mailbox = BoundedMailbox<Order>(bound: 8, policy: .wait) {
            dropped.increment()
            meter.dropped()
        }
        self.mailbox = mailbox
        let ending = Ending()
        self.ending = ending
        let effort = Effort()
        self.effort = effort
        thread = try CodecThread.start(name: "rung \(rung.name)") {
            // On a full machine feeds are still read, sound is still encoded and viewers are still answered.
            CodecThread.stepBack(by: 5)
            var work = RungWork(rung: rung, settings: settings, sink: sink, metrics: metrics)
            var hasFailed = false
            while let order = mailbox.take() {
                if hasFailed { continue }
                do throws(CodecFault) {
                    switch order {
                    case .rest(let cut): work.rest(at: cut)
                    case .encode(let frame):
                        meter.begin(due: frame.due, now: .now)
                        defer { meter.end(now: .now) }
                        try work.encode(frame, effort.wanted)
                    }
                } catch {
                    hasFailed = true
                    ending.isFailure.store(true, ordering: .releasing)
                    logger.error(
                        "a rendition's encoder failed; the show goes on without it",
                        metadata: ["rendition": "\(rung.name)", "error": "\(error)"])
                    sink.receive(.end, for: rung.name)
                }
            }
            if !hasFailed { work.finish(endsRendition: !ending.isRetirement.load(ordering: .acquiring)) }
        }
    }

    /// Queues a picture; with `mayDrop`, one that opens no segment is dropped when the queue is full.
    func put(_ frame: Frame, mayDrop: Bool) {
        metrics.framesIn.increment()
        metrics.depth.record(mailbox.depth)
        mailbox.put(.encode(frame), policy: mayDrop && frame.cut == nil ? .dropNewest : .wait)
    }

    /// A segment of the others starts at `cut`; there is none of this rendition, and no encoder until its next picture.
    func rest(at cut: CutPlanner.Cut) {
        mailbox.put(.rest(cut), policy: .wait)
    }

    /// How hard its encoder works: less from the next picture on, more from the next segment on.
    func spare(_ effort: EncodingEffort) {
        self.effort.raw.store(effort.rawValue, ordering: .releasing)
    }

    /// Codes what is queued and waits for the end of it.
    func finish() {
        mailbox.close()
        thread.join()
    }

    /// Its encoder has failed, and its rendition has ended.
    var hasFailed: Bool { ending.isFailure.load(ordering: .acquiring) }

    /// The same, and the rendition goes on without this encoder.
    func retire() {
        ending.isRetirement.store(true, ordering: .releasing)
        finish()
    }

    /// How the thread is to leave.
    private final class Ending: Sendable {
        let isRetirement = Atomic(false)
        let isFailure = Atomic(false)
    }

    private final class Effort: Sendable {
        let raw = Atomic(EncodingEffort.full.rawValue)
        var wanted: EncodingEffort { EncodingEffort(rawValue: raw.load(ordering: .acquiring)) ?? .full }
    }
}
