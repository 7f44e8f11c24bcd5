import Codecs
import CoreMetrics
import Logging
import Media

/// Decoding, frame selection and scaling, on the source thread. In: the host's units in decoding order. Out: pictures
/// to every rung's queue. It waits for slow rungs while it may, and tells them to drop where the feed is late. What is
/// left out where the machine is overloaded is never decoded, scaled or queued, as far as that goes.
final class PictureStage {
    /// When a picture came, and when it was due.
    struct Stamp {
        var arrival: MonotonicTime
        var due: MonotonicTime

        init(_ arrival: MonotonicTime, due: MonotonicTime? = nil) {
            self.arrival = arrival
            self.due = due ?? arrival
        }
    }

    private let metrics: TranscodeMetrics
    private let logger: Logger
    private var decoder: VideoDecoder
    private var reorderDepth: Int
    private var selector: FrameSelector
    private var cascade: ScalingCascade
    private var lanes: [Lane]
    private var places: PartPlaces
    private let frameDuration: MediaTime
    private var stamps: [MediaTime: Stamp] = [:]
    /// One for each lane that pictures are made for.
    private var lastScaled: [Picture] = []
    private var lastStamp = Stamp(MonotonicTime(nanoseconds: 0))
    private var decodesKeyPicturesOnly = false
    /// What others are made from was not decoded.
    private var awaitsKeyPicture = false
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
            reorderDepth: reorderDepth, frameRate: frameRate,
            cascade: try PictureStage.cascade(rungs.map { Lane(stage: $0) }), rungs: rungs, from: from)
    }

    private init(
        metrics: TranscodeMetrics, logger: Logger, decoder: consuming VideoDecoder, reorderDepth: Int,
        frameRate: FrameRate, cascade: ScalingCascade, rungs: [RungStage], from: MediaTime
    ) {
        self.metrics = metrics
        self.logger = logger
        self.decoder = decoder
        self.reorderDepth = reorderDepth
        selector = FrameSelector(rate: frameRate)
        places = PartPlaces(grid: PartGrid(rate: frameRate))
        frameDuration = frameRate.frameDuration
        self.cascade = cascade
        lanes = rungs.map { Lane(stage: $0) }
        self.from = from
    }

    var rungs: [RungStage] { lanes.map(\.stage) }

    private static func cascade(_ lanes: [Lane]) throws(CodecFault) -> ScalingCascade {
        try ScalingCascade(
            lanes.filter(\.isScaled).map { Canvas(width: $0.stage.rung.width, height: $0.stage.rung.height) })
    }

    func schedule(_ cut: CutPlanner.Cut) {
        selector.schedule(cut)
    }

    /// One more rendition, better than all others, from the next scheduled cut on.
    func add(_ rung: RungStage) throws(CodecFault) {
        try change { $0.insert(Lane(stage: rung), at: 0) }
    }

    /// Ends a rendition here without ending it in the run: what it has comes out, and others write it from now on.
    /// Blocks until then.
    func remove(_ name: RenditionName) throws(CodecFault) {
        guard let index = lanes.firstIndex(where: { $0.stage.rung.name == name }) else { return }
        lanes[index].stage.retire()
        try change { $0.remove(at: index) }
    }

    func hasFailed(_ name: RenditionName) -> Bool {
        rungs.contains { $0.rung.name == name && $0.hasFailed }
    }

    /// Does with as much as `relief` says from here on; renditions go and come back with the next segment.
    func adopt(_ relief: Relief, effort: EncodingEffort) throws(CodecFault) {
        decodesKeyPicturesOnly = relief.showsKeyPicturesOnly
        for index in lanes.indices {
            lanes[index].isHalved = relief.halved.contains(lanes[index].stage.rung.name)
            lanes[index].stage.spare(effort)
        }
        let shed = lanes.map { relief.shed.contains($0.stage.rung.name) }
        guard shed != lanes.map(\.isShed) else { return }
        let shown = lanes.indices.filter { lanes[$0].isScaled }
        let held = lastScaled.count == shown.count ? Dictionary(zip(shown, lastScaled)) { $1 } : [:]
        try change { lanes in
            for index in lanes.indices where shed[index] != lanes[index].isShed {
                lanes[index].mode =
                    switch lanes[index].mode {
                    case .on: .leaving(held[index])
                    case .awaited: .resting
                    case .leaving: .on
                    case .resting: .awaited
                    }
            }
        }
    }

    private func change(_ body: (inout [Lane]) -> Void) throws(CodecFault) {
        var changed = lanes
        body(&changed)
        lanes = changed
        lastScaled = []
        cascade = try PictureStage.cascade(changed)
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
        _ unit: AccessUnit, due: MonotonicTime, mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) {
        let stamp = Stamp(unit.arrival, due: due)
        if decodesKeyPicturesOnly { awaitsKeyPicture = true }
        if awaitsKeyPicture, !unit.isSync { return showAgain(at: unit.pts, stamp, mayDrop, onOutput) }
        awaitsKeyPicture = awaitsKeyPicture && !unit.isSync
        stamps[unit.pts] = stamp
        if stamps.count > 128 { stamps = stamps.filter { $0.key >= unit.dts } }
        var pictures: [Picture] = []
        do throws(CodecFault) {
            if decodesKeyPicturesOnly {
                try decoder.decodeAlone(unit) { pictures.append($0) }
            } else {
                try decoder.decode(unit) { pictures.append($0) }
            }
        } catch {
            metrics.damaged.increment()
            logger.debug("a picture could not be decoded", metadata: ["error": "\(error)"])
        }
        for picture in pictures { distribute(picture, mayDrop, onOutput) }
    }

    /// A picture that is not decoded: the one before stays on.
    private func showAgain(
        at time: MediaTime, _ stamp: Stamp, _ mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) {
        guard let lastDecoded, time >= from else { return }
        metrics.skipped.increment()
        put(at: time, stamp, mayDrop, onOutput) { (count) throws(CodecFault) in
            lastScaled.isEmpty ? try cascade.scale(lastDecoded, count: count) : lastScaled
        }
    }

    /// Hands on the pictures that the decoder still holds.
    func drain(mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?) {
        var pictures: [Picture] = []
        try? decoder.drain { pictures.append($0) }
        for picture in pictures { distribute(picture, mayDrop, onOutput) }
    }

    /// The slate, one for each rung that pictures are made for: `own`, or a card made of the host's last picture.
    func cards(_ own: Picture?) throws(CodecFault) -> [Picture] {
        guard let largest = lanes.first(where: \.isScaled)?.stage.rung else { return [] }
        if let own { return try cascade.scale(own) }
        let canvas = Canvas(width: largest.width, height: largest.height)
        return try cascade.scale(SlateCard.make(over: lastDecoded, canvas: canvas))
    }

    /// Shows pictures that are scaled already, as `cards` made them, where `time` is later than all before.
    func show(
        _ scaled: [Picture], at time: MediaTime, arrival: MonotonicTime, mayDrop: Bool,
        _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) {
        put(at: time, Stamp(arrival), mayDrop, onOutput) { (_) throws(CodecFault) in scaled }
    }

    private func distribute(
        _ picture: Picture, _ mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?
    ) {
        metrics.decoded.increment()
        lastDecoded = picture
        let time = picture.pts
        guard time >= from else { return }
        lastStamp = stamps.removeValue(forKey: time) ?? lastStamp
        put(at: time, lastStamp, mayDrop, onOutput) { (count) throws(CodecFault) in
            try cascade.scale(picture, count: count)
        }
    }

    /// `scale` makes pictures for the largest so many lanes that are shown any.
    private func put(
        at time: MediaTime, _ stamp: Stamp, _ mayDrop: Bool, _ onOutput: (MediaTime) -> CutPlanner.Cut?,
        scale: (_ count: Int) throws(CodecFault) -> [Picture]
    ) {
        var scaled: [Picture] = []
        for choice in selector.picture(at: time) {
            let shown = lanes.count(where: \.isScaled)
            // With nothing to show instead, no segment starts with a picture that cannot be had.
            let isFirst = lastScaled.count < shown
            if isFirst, !make(shown, &scaled, scale) { return }
            if isFirst { lastScaled = scaled }
            let cut = choice.cut ?? onOutput(choice.time)
            let place = places.take(choice.time, isCut: cut != nil)
            for index in lanes.indices where cut != nil && choice.time >= lanes[index].stage.from {
                lanes[index].pass()
            }
            if !choice.isRepeat {
                let taking = lanes.filter(\.isScaled).lastIndex { $0.takes(place, isCut: cut != nil) }
                _ = make(taking.map { $0 + 1 } ?? 0, &scaled, scale)
                lastScaled.replaceSubrange(..<scaled.count, with: scaled)
            }
            send(lastScaled, choice.time, place, stamp, cut, mayDrop)
        }
    }

    /// At least `count` pictures; false where they cannot be had.
    private func make(
        _ count: Int, _ scaled: inout [Picture], _ scale: (_ count: Int) throws(CodecFault) -> [Picture]
    ) -> Bool {
        guard scaled.count < count else { return true }
        do throws(CodecFault) {
            scaled = try scale(count)
            return true
        } catch {
            metrics.damaged.increment()
            logger.warning("a picture could not be scaled", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// `pictures` are those of the lanes that are shown any.
    private func send(
        _ pictures: [Picture], _ time: MediaTime, _ place: PartPlaces.Place, _ stamp: Stamp,
        _ cut: CutPlanner.Cut?, _ mayDrop: Bool
    ) {
        var next = pictures.makeIterator()
        for lane in lanes {
            let own = lane.isScaled ? next.next() : nil
            guard time >= lane.stage.from else { continue }
            if case .resting = lane.mode {
                if let cut { lane.stage.rest(at: cut) }
                continue
            }
            var picture = own
            if case .leaving(let held) = lane.mode { picture = held }
            guard let picture, lane.takes(place, isCut: cut != nil) else { continue }
            lane.stage.put(
                RungStage.Frame(
                    picture: picture, time: time, duration: lane.duration(at: place, frameDuration),
                    arrival: stamp.arrival, due: stamp.due, cut: cut),
                mayDrop: mayDrop)
        }
    }

    /// What has been measured of every rendition since the last time.
    func load(now: MonotonicTime) -> [RenditionName: OverloadGovernor.Load.Stage] {
        Dictionary(rungs.map { ($0.rung.name, $0.meter.take(now: now)) }) { first, _ in first }
    }
}
