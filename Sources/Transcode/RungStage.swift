import Codecs
import CoreMetrics
import Logging
import Media
import NIOCore
import Synchronization

/// One encoded rendition. In: scaled pictures with their times and cuts. Out: `begin`, segments and samples to the
/// run's sink, from this stage's own thread. The source thread waits while the queue is full, or drops the picture,
/// as it decides; pictures that open a segment are never dropped. An encoder that fails ends its rendition alone.
final class RungStage: Sendable {
    struct Frame: Sendable {
        var picture: Picture
        var time: MediaTime
        var arrival: MonotonicTime
        var cut: CutPlanner.Cut?
    }

    let rung: Rung
    /// Pictures before this time are not for this rendition.
    let from: MediaTime
    private let mailbox: BoundedMailbox<Frame>
    private let thread: CodecThread
    private let metrics: TranscodeMetrics.Rendition
    private let ending: Ending

    /// Throws `CodecFault` where no thread can be had; the encoder is opened by the first picture.
    init(
        rung: Rung, from: MediaTime, settings: TranscodeSettings, sink: any RunSink,
        metrics: TranscodeMetrics.Rendition, logger: Logger
    ) throws(CodecFault) {
        self.rung = rung
        self.from = from
        self.metrics = metrics
        let dropped = metrics.dropped
        let mailbox = BoundedMailbox<Frame>(bound: 8, policy: .wait, onDrop: { dropped.increment() })
        self.mailbox = mailbox
        let ending = Ending()
        self.ending = ending
        thread = try CodecThread.start(name: "rung \(rung.name)") {
            var work = RungWork(rung: rung, settings: settings, sink: sink, metrics: metrics)
            var hasFailed = false
            while let frame = mailbox.take() {
                if hasFailed { continue }
                do throws(CodecFault) {
                    try work.encode(frame)
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
        mailbox.put(frame, policy: mayDrop && frame.cut == nil ? .dropNewest : .wait)
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
}

/// What the rung's thread does; lives and dies on it.
private struct RungWork: ~Copyable {
    private struct Entry {
        var time: MediaTime
        var arrival: MonotonicTime
        var cut: CutPlanner.Cut?
    }

    private let rung: Rung
    private let settings: TranscodeSettings
    private let sink: any RunSink
    private let metrics: TranscodeMetrics.Rendition
    private var encoder: X264Encoder?
    /// Pictures inside the encoder, by number; a few after it too, for decoding times of B-frames.
    private var entries: [Int64: Entry] = [:]
    private var next: Int64 = 0
    private var firstTime = MediaTime.zero

    init(rung: Rung, settings: TranscodeSettings, sink: any RunSink, metrics: TranscodeMetrics.Rendition) {
        self.rung = rung
        self.settings = settings
        self.sink = sink
        self.metrics = metrics
    }

    mutating func encode(_ frame: RungStage.Frame) throws(CodecFault) {
        if encoder == nil {
            encoder = try X264Encoder.open(encoderSettings(frame.picture.colour))
            if let format = encoder?.format { sink.receive(.begin(.avc(format)), for: rung.name) }
            firstTime = frame.time
        }
        entries[next] = Entry(time: frame.time, arrival: frame.arrival, cut: frame.cut)
        var coded: [EncodedPicture] = []
        try encoder?.encode(frame.picture, index: next, isIDR: frame.cut != nil || next == 0) {
            coded.append($0)
        }
        next += 1
        coded.forEach { emit($0) }
    }

    mutating func finish(endsRendition: Bool) {
        var coded: [EncodedPicture] = []
        try? encoder?.drain { coded.append($0) }
        coded.forEach { emit($0) }
        if endsRendition { sink.receive(.end, for: rung.name) }
    }

    private func encoderSettings(_ colour: ColourTags) -> X264Encoder.Settings {
        var wanted = X264Encoder.Settings(
            width: rung.width, height: rung.height, frameRate: rung.frameRate,
            maximumKilobits: rung.maximumKilobits)
        wanted.rateControl = settings.rateControl
        wanted.latency = settings.latency
        wanted.preset = settings.preset
        wanted.colour = colour
        // One thread keeps up with 1080p at 30 frames a second; more is cut in two slices, which costs no delay.
        let pixelRate = Double(rung.width * rung.height) * rung.frameRate.framesPerSecond
        wanted.threads = pixelRate > 70e6 ? min(2, CodecThread.cores) : 1
        return wanted
    }

    private mutating func emit(_ picture: EncodedPicture) {
        guard let entry = entries[picture.index] else { return }
        let name = rung.name
        if let cut = entry.cut {
            sink.receive(.segment(at: cut.time, isDiscontinuity: cut.isDiscontinuity), for: name)
        }
        let frame = rung.frameRate.frameDuration
        let decoding: MediaTime
        if picture.decodingIndex >= 0 {
            decoding = entries[picture.decodingIndex]?.time ?? entry.time
        } else {
            decoding = firstTime - frame * Int(-picture.decodingIndex)
        }
        let after = entries[picture.decodingIndex + 1]?.time
        metrics.framesOut.increment()
        metrics.bytes.increment(by: Int64(picture.payload.readableBytes))
        sink.receive(
            .sample(
                AccessUnit(
                    kind: .video, payload: picture.payload, pts: entry.time, dts: decoding,
                    duration: after.map { $0 - decoding } ?? frame, isSync: picture.isIDR,
                    arrival: entry.arrival)),
            for: name)
        entries[picture.decodingIndex - 8] = nil
    }
}
