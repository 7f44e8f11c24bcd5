import Codecs
import CoreMetrics
import Logging
import Media

/// Decoding, frame selection and scaling, on the source thread. In: the host's units in decoding order. Out: pictures
/// to every rung's queue. It waits for slow rungs while it may, and tells them to drop where the feed is late.
final class PictureStage {
    private let metrics: TranscodeMetrics
    private let logger: Logger
    private var decoder: VideoDecoder
    private var reorderDepth: Int
    private var selector: FrameSelector
    private var cascade: ScalingCascade
    private(set) var rungs: [RungStage]
    private var arrivals: [MediaTime: MonotonicTime] = [:]
    private var lastScaled: [Picture] = []
    private var lastArrival = MonotonicTime(nanoseconds: 0)
    /// The host's newest picture, for the slate.
    private var lastDecoded: Picture?
    /// Pictures before this time are decoded, and go no further.
    private var from: MediaTime

    /// `rungs` are best first.
    static func open(
        format: PictureFormat, reorderDepth: Int, from: MediaTime, rungs: [RungStage], frameRate: FrameRate,
        metrics: TranscodeMetrics, logger: Logger
    ) throws(CodecFault) -> PictureStage {
        PictureStage(
            metrics: metrics, logger: logger,
            decoder: try VideoDecoder.open(format, reorderDepth: reorderDepth),
            reorderDepth: reorderDepth, selector: FrameSelector(rate: frameRate),
            cascade: try PictureStage.cascade(rungs), rungs: rungs, from: from)
    }

    private init(
        metrics: TranscodeMetrics, logger: Logger, decoder: consuming VideoDecoder, reorderDepth: Int,
        selector: FrameSelector, cascade: ScalingCascade, rungs: [RungStage], from: MediaTime
    ) {
        self.metrics = metrics
        self.logger = logger
        self.decoder = decoder
        self.reorderDepth = reorderDepth
        self.selector = selector
        self.cascade = cascade
        self.rungs = rungs
        self.from = from
    }

    private static func cascade(_ rungs: [RungStage]) throws(CodecFault) -> ScalingCascade {
        try ScalingCascade(rungs.map { Canvas(width: $0.rung.width, height: $0.rung.height) })
    }

    func schedule(_ cut: CutPlanner.Cut) {
        selector.schedule(cut)
    }

    /// One more rendition, better than all others, from the next scheduled cut on.
    func add(_ rung: RungStage) throws(CodecFault) {
        rungs.insert(rung, at: 0)
        cascade = try PictureStage.cascade(rungs)
        lastScaled = []
    }

    /// Ends a rendition here without ending it in the run: what it has comes out, and others write it from now on.
    /// Blocks until then.
    func remove(_ name: RenditionName) throws(CodecFault) {
        guard let index = rungs.firstIndex(where: { $0.rung.name == name }) else { return }
        rungs.remove(at: index).retire()
        cascade = try PictureStage.cascade(rungs)
        lastScaled = []
    }

    func hasFailed(_ name: RenditionName) -> Bool {
        rungs.contains { $0.rung.name == name && $0.hasFailed }
    }

    /// The host's parameters have changed: what is inside comes out, and decoding starts anew.
    func change(
        to format: PictureFormat, reorderDepth: Int? = nil, mayDrop: Bool,
        _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) throws(CodecFault) {
        drain(mayDrop: mayDrop, onOutput)
        self.reorderDepth = reorderDepth ?? self.reorderDepth
        decoder = try VideoDecoder.open(format, reorderDepth: self.reorderDepth)
    }

    /// `onOutput` is asked for each picture that goes out, in display order, whether a segment starts there.
    func decode(
        _ unit: AccessUnit, mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) {
        arrivals[unit.pts] = unit.arrival
        if arrivals.count > 128 { arrivals = arrivals.filter { $0.key >= unit.dts } }
        var pictures: [Picture] = []
        do throws(CodecFault) {
            try decoder.decode(unit) { pictures.append($0) }
        } catch {
            metrics.damaged.increment()
            logger.debug("a picture could not be decoded", metadata: ["error": "\(error)"])
        }
        for picture in pictures { distribute(picture, mayDrop, onOutput) }
    }

    /// Hands on the pictures that the decoder still holds.
    func drain(mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?) {
        var pictures: [Picture] = []
        try? decoder.drain { pictures.append($0) }
        for picture in pictures { distribute(picture, mayDrop, onOutput) }
    }

    /// The slate, one for each rung: `own`, or a card made of the host's last picture.
    func cards(_ own: Picture?) throws(CodecFault) -> [Picture] {
        guard let largest = rungs.first?.rung else { return [] }
        if let own { return try cascade.scale(own) }
        let canvas = Canvas(width: largest.width, height: largest.height)
        return try cascade.scale(SlateCard.make(over: lastDecoded, canvas: canvas))
    }

    /// Shows pictures that are scaled already, one for each rung, where `time` is later than all before.
    func show(
        _ scaled: [Picture], at time: MediaTime, arrival: MonotonicTime, mayDrop: Bool,
        _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) {
        put(at: time, arrival, mayDrop, onOutput) { () throws(CodecFault) in scaled }
    }

    private func distribute(
        _ picture: Picture, _ mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) {
        metrics.decoded.increment()
        lastDecoded = picture
        let time = picture.pts
        guard time >= from else { return }
        let arrival = arrivals.removeValue(forKey: time) ?? lastArrival
        lastArrival = arrival
        put(at: time, arrival, mayDrop, onOutput) { () throws(CodecFault) in try cascade.scale(picture) }
    }

    private func put(
        at time: MediaTime, _ arrival: MonotonicTime, _ mayDrop: Bool,
        _ onOutput: (MediaTime) -> CutPlanner.Cut?, scale: () throws(CodecFault) -> [Picture]
    ) {
        var scaled: [Picture]?
        for choice in selector.picture(at: time) {
            if !choice.isRepeat || lastScaled.isEmpty, scaled == nil {
                do throws(CodecFault) {
                    let made = try scale()
                    scaled = made
                    if choice.isRepeat { lastScaled = made }
                } catch {
                    metrics.damaged.increment()
                    logger.warning("a picture could not be scaled", metadata: ["error": "\(error)"])
                    return
                }
            }
            let shown = choice.isRepeat ? lastScaled : scaled ?? lastScaled
            let cut = choice.cut ?? onOutput(choice.time)
            for (rung, picture) in zip(rungs, shown) where choice.time >= rung.from {
                rung.put(
                    RungStage.Frame(picture: picture, time: choice.time, arrival: arrival, cut: cut),
                    mayDrop: mayDrop)
            }
        }
        if let scaled { lastScaled = scaled }
    }
}
