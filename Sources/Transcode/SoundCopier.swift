import Codecs
import CoreMetrics
import Logging
import Media
import NIOCore

/// The audio rendition, copied: the host's AAC frames as they are, counted by samples, on the source thread. Nothing
/// waits and nothing is dropped; a gap is filled with silent frames, coded once when first needed.
final class SoundCopier: SoundStage {
    private let sink: any RunSink
    private let counters: TranscodeMetrics.Rendition
    private let metrics: TranscodeMetrics
    private let logger: Logger
    private var format: AACFormat
    private var nextFormat: SoundFormat?
    private var timeline: AudioTimeline
    private var silentFrame: ByteBuffer?
    private var lastArrival = MonotonicTime(nanoseconds: 0)
    private var progress: MediaTime
    /// What the host sends now cannot be copied.
    private var isMute = false

    init(
        format: AACFormat, start: MediaTime, sink: any RunSink, metrics: TranscodeMetrics, logger: Logger
    ) {
        self.format = format
        self.sink = sink
        self.metrics = metrics
        self.logger = logger
        counters = metrics.rendition(.audio)
        progress = start
        timeline = AudioTimeline(sampleRate: format.sampleRate, start: start, expectsAudio: true)
        sink.receive(.begin(.aac(format)), for: .audio)
    }

    /// The host's audio parameters have changed: they hold from the next discontinuity on.
    var wantsDiscontinuity: Bool { nextFormat != nil }

    func receive(_ event: SoundEvent, mayDrop: Bool) {
        switch event {
        case .format(let next):
            nextFormat = next == .aac(format) ? nil : next
            if nextFormat == nil { isMute = false }
        case .frame(let unit):
            lastArrival = unit.arrival
            if nextFormat == nil && !isMute { append(unit) }
        case .cut(let cut):
            if cut.isDiscontinuity, let next = nextFormat { change(to: next, at: cut.time) }
            sink.receive(.segment(at: cut.time, isDiscontinuity: cut.isDiscontinuity), for: .audio)
        case .lost: timeline.lose()
        case .joined(let hasAudio): timeline.rejoin(expectsAudio: hasAudio)
        case .progress(let time):
            progress = max(progress, time)
            fill(timeline.advance(to: time, wholeFramesOf: AACFormat.frameSamples))
            sink.receive(.watermark(time), for: .audio)
        }
    }

    func finish() {
        sink.receive(.end, for: .audio)
    }

    private func change(to next: SoundFormat, at time: MediaTime) {
        nextFormat = nil
        guard let next = next.aac, RunLayout.isPlain(next) else {
            isMute = true
            logger.warning("the host's audio became one that cannot be copied; it is silent from here")
            return
        }
        fill(timeline.advance(to: time, isLast: true, wholeFramesOf: AACFormat.frameSamples))
        format = next
        isMute = false
        silentFrame = nil
        timeline = AudioTimeline(sampleRate: next.sampleRate, start: time, expectsAudio: true)
        sink.receive(.begin(.aac(next)), for: .audio)
    }

    private func append(_ unit: AccessUnit) {
        let size = AACFormat.frameSamples
        let before = timeline.position
        let missing = timeline.placeWhole(unit.pts, frame: size)
        switch missing {
        case .some(let frames):
            for index in 0..<frames { emitSilence(before + Int64(index * size)) }
            emit(unit.payload, before + Int64(frames * size))
        case .none: counters.dropped.increment()
        }
    }

    /// Silent frames for the samples that the timeline has just counted.
    private func fill(_ samples: Int) {
        let size = AACFormat.frameSamples
        let first = timeline.position - Int64(samples)
        for index in 0..<samples / size { emitSilence(first + Int64(index * size)) }
    }

    private func emitSilence(_ position: Int64) {
        if silentFrame == nil { silentFrame = SoundCopier.silence(format) }
        guard let silentFrame else { return }
        metrics.silence.increment(by: Int64(AACFormat.frameSamples))
        emit(silentFrame, position)
    }

    private func emit(_ payload: ByteBuffer, _ position: Int64) {
        let time = MediaTime(value: position, timescale: Int64(format.sampleRate))
        counters.framesOut.increment()
        counters.bytes.increment(by: Int64(payload.readableBytes))
        sink.receive(
            .sample(
                AccessUnit(
                    kind: .audio, payload: payload, pts: time, dts: time, duration: format.frameDuration,
                    isSync: true, arrival: lastArrival)),
            for: .audio)
    }

    /// One frame of silence that a decoder set up for `format` takes.
    private static func silence(_ format: AACFormat) -> ByteBuffer? {
        guard
            let encoder = try? AACEncoder.open(
                kilobits: 64, sampleRate: format.sampleRate, channels: format.channels)
        else { return nil }
        var last: ByteBuffer?
        for round in 0..<4 {
            let start = Int64(round * AACFormat.frameSamples)
            try? encoder.encode(PCMBlock(silence: AACFormat.frameSamples), start: start) { frame, _ in
                last = frame
            }
        }
        return last
    }
}
