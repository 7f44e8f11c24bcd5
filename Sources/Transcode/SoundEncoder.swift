import Codecs
import CoreMetrics
import Logging
import Media
import NIOCore

/// The audio rendition, encoded. In: the host's frames, cuts and the pictures' progress. Out: AAC-LC stereo at
/// 48 kHz, counted by samples, from this stage's own thread; silence where the host sends none. The source thread
/// waits for room, or drops a frame where the feed is late; cuts and progress are never dropped.
final class SoundEncoder: SoundStage, Sendable {
    private let mailbox: BoundedMailbox<SoundEvent>
    private let thread: CodecThread

    /// Throws `CodecFault` where no encoder or thread can be had.
    init(
        start: MediaTime, expectsAudio: Bool, kilobits: Int, sink: any RunSink, metrics: TranscodeMetrics,
        logger: Logger
    ) throws(CodecFault) {
        let counters = metrics.rendition(.audio)
        let dropped = counters.dropped
        let mailbox = BoundedMailbox<SoundEvent>(bound: 256, policy: .wait, onDrop: { dropped.increment() })
        self.mailbox = mailbox
        thread = try CodecThread.start(name: "audio") {
            do throws(CodecFault) {
                var work = SoundEncoding(
                    encoder: try AACEncoder.open(kilobits: kilobits),
                    timeline: AudioTimeline(
                        sampleRate: PCMBlock.sampleRate, start: start, expectsAudio: expectsAudio),
                    sink: sink, metrics: metrics, counters: counters, logger: logger)
                while let event = mailbox.take() { try work.receive(event) }
                try work.finish()
            } catch {
                logger.error(
                    "the audio encoder failed; the show goes on without sound",
                    metadata: ["error": "\(error)"])
                sink.receive(.end, for: .audio)
                while mailbox.take() != nil {}
            }
        }
    }

    func receive(_ event: SoundEvent, mayDrop: Bool) {
        if case .frame = event {
            mailbox.put(event, policy: mayDrop ? .dropNewest : .wait)
        } else {
            mailbox.put(event, policy: .wait)
        }
    }

    func finish() {
        mailbox.close()
        thread.join()
    }
}

/// What the audio thread does; lives and dies on it.
private struct SoundEncoding: ~Copyable {
    private let encoder: AACEncoder
    private let sink: any RunSink
    private let metrics: TranscodeMetrics
    private let counters: TranscodeMetrics.Rendition
    private let logger: Logger
    private var decoder: AudioDecoder?
    private var timeline: AudioTimeline
    private var waiting = PCMBlock()
    private var used = 0
    /// The sample that `waiting` starts with, what is used of it left out.
    private var next: Int64
    private var lastArrival = MonotonicTime(nanoseconds: 0)
    private var progress = MediaTime.zero

    init(
        encoder: consuming AACEncoder, timeline: AudioTimeline, sink: any RunSink, metrics: TranscodeMetrics,
        counters: TranscodeMetrics.Rendition, logger: Logger
    ) {
        sink.receive(.begin(.aac(encoder.format)), for: .audio)
        self.encoder = encoder
        self.timeline = timeline
        next = timeline.position
        self.sink = sink
        self.metrics = metrics
        self.counters = counters
        self.logger = logger
    }

    mutating func receive(_ event: SoundEvent) throws(CodecFault) {
        switch event {
        case .format(let format):
            decoder = nil
            do throws(CodecFault) {
                decoder = try AudioDecoder.open(format)
            } catch {
                logger.warning("the host's audio cannot be decoded", metadata: ["error": "\(error)"])
            }
        case .frame(let unit): try append(unit)
        case .cut(let cut):
            sink.receive(.segment(at: cut.time, isDiscontinuity: cut.isDiscontinuity), for: .audio)
        case .lost: timeline.lose()
        case .joined(let hasAudio): timeline.rejoin(expectsAudio: hasAudio)
        case .progress(let time):
            progress = max(progress, time)
            let missing = timeline.advance(to: time)
            if missing > 0 {
                // Silence has no arrival of its own: it comes with the picture that asks for it.
                lastArrival = max(lastArrival, .now)
                try appendSilence(missing)
            }
            sink.receive(.watermark(time), for: .audio)
        }
    }

    mutating func finish() throws(CodecFault) {
        let missing = timeline.advance(to: progress, isLast: true)
        if missing > 0 { try appendSilence(missing) }
        let rest = waiting.count - used
        if rest > 0 { try appendSilence(AACFormat.frameSamples - rest) }
        var coded: [(ByteBuffer, Int64)] = []
        try encoder.drain { coded.append(($0, $1)) }
        for (payload, start) in coded { emit(payload, start) }
        sink.receive(.end, for: .audio)
    }

    private mutating func append(_ unit: AccessUnit) throws(CodecFault) {
        lastArrival = unit.arrival
        var block: PCMBlock
        do throws(CodecFault) {
            let stretch = timeline.stretch(AACFormat.frameSamples)
            guard let decoded = try decoder?.decode(unit.payload, stretch: stretch) else { return }
            block = decoded
        } catch {
            metrics.damaged.increment()
            return
        }
        guard block.count > 0 else { return }
        let placement = timeline.place(unit.pts, count: block.count)
        if placement.silence > 0 { try appendSilence(placement.silence) }
        if placement.trim > 0 {
            block.left.removeFirst(placement.trim)
            block.right.removeFirst(placement.trim)
        }
        waiting.left += block.left
        waiting.right += block.right
        try encodeWhole()
    }

    private mutating func appendSilence(_ samples: Int) throws(CodecFault) {
        metrics.silence.increment(by: Int64(samples))
        var rest = samples
        while rest > 0 {
            // A long silence goes in by pieces, so that memory stays small.
            let piece = PCMBlock(silence: min(rest, 48_000))
            rest -= piece.count
            waiting.left += piece.left
            waiting.right += piece.right
            try encodeWhole()
        }
    }

    private mutating func encodeWhole() throws(CodecFault) {
        let size = AACFormat.frameSamples
        while waiting.count - used >= size {
            let block = PCMBlock(
                left: Array(waiting.left[used..<used + size]), right: Array(waiting.right[used..<used + size])
            )
            var coded: [(ByteBuffer, Int64)] = []
            try encoder.encode(block, start: next) { coded.append(($0, $1)) }
            used += size
            next += Int64(size)
            for (payload, start) in coded { emit(payload, start) }
        }
        if used > 0 {
            waiting.left.removeFirst(used)
            waiting.right.removeFirst(used)
            used = 0
        }
    }

    private func emit(_ payload: ByteBuffer, _ start: Int64) {
        let time = MediaTime(value: start, timescale: Int64(PCMBlock.sampleRate))
        counters.framesOut.increment()
        counters.bytes.increment(by: Int64(payload.readableBytes))
        sink.receive(
            .sample(
                AccessUnit(
                    kind: .audio, payload: payload, pts: time, dts: time,
                    duration: encoder.format.frameDuration, isSync: true, arrival: lastArrival)),
            for: .audio)
    }
}
