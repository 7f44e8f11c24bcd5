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

    /// The host's parameters have changed: what is inside comes out, and decoding starts anew.
    func change(
        to format: PictureFormat, mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) throws(CodecFault) {
        drain(mayDrop: mayDrop, onOutput)
        decoder = try VideoDecoder.open(format, reorderDepth: reorderDepth)
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

    private func distribute(
        _ picture: Picture, _ mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) {
        metrics.decoded.increment()
        let time = picture.pts
        guard time >= from else { return }
        let arrival = arrivals.removeValue(forKey: time) ?? lastArrival
        lastArrival = arrival
        var scaled: [Picture]?
        for choice in selector.picture(at: time) {
            if !choice.isRepeat || lastScaled.isEmpty, scaled == nil {
                do throws(CodecFault) {
                    let made = try cascade.scale(picture)
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
