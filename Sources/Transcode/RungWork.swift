import Codecs
import CoreMetrics
import Media
import NIOCore

/// What the rung's thread does; lives and dies on it.
struct RungWork: ~Copyable {
    private struct Entry {
        var time: MediaTime
        var duration: MediaTime
        var arrival: MonotonicTime
        var cut: CutPlanner.Cut?
    }

    private let rung: Rung
    private let settings: TranscodeSettings
    private let sink: any RunSink
    private let metrics: TranscodeMetrics.Rendition
    private var encoder: X264Encoder?
    /// What the encoder that runs was opened with, and what it was told since.
    private var effort = (opened: EncodingEffort.full, now: EncodingEffort.full)
    /// What every encoder of this rendition is opened with: its init section is written once.
    private var colour: ColourTags?
    private var format: AVCFormat?
    /// Pictures inside the encoder, by number; a few after it too, for decoding times of B-frames.
    private var entries: [Int64: Entry] = [:]
    private var next: Int64 = 0
    /// The first picture since the rendition began, or went on.
    private var first: (index: Int64, time: MediaTime) = (0, .zero)

    init(rung: Rung, settings: TranscodeSettings, sink: any RunSink, metrics: TranscodeMetrics.Rendition) {
        self.rung = rung
        self.settings = settings
        self.sink = sink
        self.metrics = metrics
    }

    mutating func encode(_ frame: RungStage.Frame, _ wanted: EncodingEffort) throws(CodecFault) {
        if encoder == nil {
            colour = colour ?? frame.picture.colour
            first = (next, frame.time)
            try open(wanted)
        } else if frame.cut != nil, effort.opened != wanted, wanted < effort.now || wanted == .least {
            // What a running encoder cannot change changes with a segment, which starts with another.
            drain()
            try open(wanted)
        } else if wanted > effort.now {
            try encoder?.ease(to: wanted)
            effort.now = wanted
        }
        entries[next] = Entry(
            time: frame.time, duration: frame.duration, arrival: frame.arrival, cut: frame.cut)
        var coded: [EncodedPicture] = []
        try encoder?.encode(frame.picture, index: next, isIDR: frame.cut != nil || next == first.index) {
            coded.append($0)
        }
        next += 1
        coded.forEach { emit($0) }
    }

    /// What is inside comes out, and the encoder goes.
    mutating func rest(at cut: CutPlanner.Cut) {
        drain()
        encoder = nil
        entries = [:]
        sink.receive(.rest(at: cut.time), for: rung.name)
    }

    mutating func finish(endsRendition: Bool) {
        drain()
        if endsRendition { sink.receive(.end, for: rung.name) }
    }

    private mutating func drain() {
        var coded: [EncodedPicture] = []
        try? encoder?.drain { coded.append($0) }
        coded.forEach { emit($0) }
    }

    private mutating func open(_ wanted: EncodingEffort) throws(CodecFault) {
        encoder = try X264Encoder.open(encoderSettings(wanted))
        effort = (wanted, wanted)
        if let format, format != encoder?.format {
            // No effort is to change the parameter sets; where one does, the first encoder's stand.
            encoder = try X264Encoder.open(encoderSettings(.full))
            effort = (.full, .full)
        }
        guard format == nil, let made = encoder?.format else { return }
        format = made
        sink.receive(.begin(.avc(made)), for: rung.name)
    }

    private func encoderSettings(_ effort: EncodingEffort) -> X264Encoder.Settings {
        var wanted = X264Encoder.Settings(
            width: rung.width, height: rung.height, frameRate: rung.frameRate,
            maximumKilobits: rung.maximumKilobits)
        wanted.rateControl = settings.rateControl
        wanted.latency = settings.latency
        wanted.preset = settings.preset
        wanted.effort = effort
        if let colour { wanted.colour = colour }
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
        if picture.decodingIndex >= first.index {
            decoding = entries[picture.decodingIndex]?.time ?? entry.time
        } else {
            decoding = first.time - frame * Int(first.index - picture.decodingIndex)
        }
        let after = entries[picture.decodingIndex + 1]?.time
        metrics.framesOut.increment()
        metrics.bytes.increment(by: Int64(picture.payload.readableBytes))
        sink.receive(
            .sample(
                AccessUnit(
                    kind: .video, payload: picture.payload, pts: entry.time, dts: decoding,
                    duration: after.map { $0 - decoding } ?? entry.duration, isSync: picture.isIDR,
                    arrival: entry.arrival)),
            for: name)
        entries[picture.decodingIndex - 8] = nil
    }
}
