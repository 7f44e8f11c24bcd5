import Codecs
package import Media
import NIOCore

/// Collects the first seconds of a feed, from its first IDR picture on, until enough is known to decide the run.
/// Pure: time comes with each call. What was collected is handed back whole, so nothing is lost.
package struct FeedProbe {
    package enum Verdict {
        case undecided
        /// Enough is known; the events are to be run through everything, first IDR first.
        case decided(FeedFacts, [FeedEvent])
        /// There is no run in this feed; the sentence is for the host.
        case failed(String)
    }

    /// How much is to be known.
    package struct Patience: Sendable {
        /// Media time after which the decision is made without a second IDR picture.
        var media: MediaTime
        /// The same by the wall clock, for feeds that trickle.
        var wall: Duration
        /// How long an IDR picture is waited for.
        var key: Duration

        /// For a run that is planned by it.
        package static let planning = Patience(
            media: MediaTime(milliseconds: 2500), wall: .seconds(3), key: .seconds(8))
        /// For a feed that goes on with a run: what its decoder and its clock need. Viewers look at the slate meanwhile.
        package static let joining = Patience(
            media: MediaTime(milliseconds: 300), wall: .milliseconds(600), key: .seconds(40))
    }

    private static let audioLimit = MediaTime(milliseconds: 1000)
    private static let audioKept = 64
    private static let byteLimit = 32 << 20

    private let patience: Patience
    private var began: MonotonicTime?
    private var metadata = FeedMetadata()
    private var format: PictureFormat?
    private var audioFormat: SoundFormat?
    private var heardVideo = false
    private var events: [FeedEvent] = []
    private var audioBefore: [FeedEvent] = []
    /// Pictures, on one clock: where the host's jumps while it is looked at, that says nothing of its rate.
    private var units: [AccessUnit] = []
    private var shift = MediaTime.zero
    private var audioUnits = 0
    private var audioBytes = 0
    private var videoBytes = 0
    private var firstIDR: AccessUnit?
    private var secondIDR: MediaTime?
    private var firstIDRSeen: MonotonicTime?

    package init(_ patience: Patience = .planning) {
        self.patience = patience
    }

    /// A new look at the same feed, which has said its formats already.
    func again() -> FeedProbe {
        var probe = FeedProbe(patience)
        (probe.metadata, probe.format, probe.audioFormat) = (metadata, format, audioFormat)
        return probe
    }

    package mutating func receive(_ event: FeedEvent, now: MonotonicTime) -> Verdict {
        if began == nil { began = now }
        switch event {
        case .metadata(let said): metadata = said
        case .videoFormat(let next):
            heardVideo = true
            if firstIDR == nil { format = next } else { events.append(event) }
        case .audioFormat(let next):
            if firstIDR == nil {
                audioFormat = next
            } else {
                if audioFormat == nil { audioFormat = next }
                events.append(event)
            }
        case .video(let unit):
            heardVideo = true
            take(unit, event, now)
        case .audio(let unit):
            audioUnits += 1
            if firstIDR == nil {
                audioBefore.append(event)
                if audioBefore.count > FeedProbe.audioKept { audioBefore.removeFirst() }
            } else {
                audioBytes += unit.payload.readableBytes
                events.append(event)
            }
        case .ended: return end()
        }
        return tick(now: now)
    }

    /// Time passes without an event.
    package mutating func tick(now: MonotonicTime) -> Verdict {
        guard let began else {
            began = now
            return .undecided
        }
        guard let seen = firstIDRSeen else {
            return now - began > patience.key ? .failed(whyNoVideo) : .undecided
        }
        let late = now - seen > patience.wall
        let long = span >= patience.media || videoBytes + audioBytes > FeedProbe.byteLimit
        let enough = secondIDR != nil && (audioUnits > 0 || span >= FeedProbe.audioLimit)
        return enough || long || late ? decide() : .undecided
    }

    /// The feed ended: what there is must do.
    package mutating func end() -> Verdict {
        firstIDR == nil ? .failed(whyNoVideo) : decide()
    }

    private var whyNoVideo: String {
        if format == nil && heardVideo {
            return "the feed's video does not say its parameters; restart the encoder"
        }
        if heardVideo {
            return "the feed has no key frame (IDR picture); check the encoder's key frame interval"
        }
        return "the feed has no video; add a video source, encoded as H.264 or HEVC"
    }

    private mutating func take(_ unit: AccessUnit, _ event: FeedEvent, _ now: MonotonicTime) {
        guard format != nil else { return }
        var placed = unit
        if let last = units.last, case let step = unit.dts + shift - last.dts,
            step < MediaTime(milliseconds: -200) || step > MediaTime(milliseconds: 2000)
        {
            let before = units.count > 1 ? last.dts - units[units.count - 2].dts : .zero
            shift += max(before, MediaTime(milliseconds: 8)) - step
        }
        placed.pts += shift
        placed.dts += shift
        if firstIDR == nil {
            guard unit.isSync else { return }
            firstIDR = unit
            firstIDRSeen = now
        } else if unit.isSync && secondIDR == nil {
            secondIDR = placed.pts
        }
        if secondIDR == nil { videoBytes += unit.payload.readableBytes }
        units.append(placed)
        events.append(event)
    }

    private var span: MediaTime {
        guard let first = firstIDR, let last = units.last else { return .zero }
        return max(.zero, last.dts - first.dts)
    }

    private func decide() -> Verdict {
        guard let format, let firstIDR else { return .failed(whyNoVideo) }
        var hints: [FrameRate] = []
        if let claimed = metadata.framesPerSecond, claimed.isFinite, claimed > 1, claimed < 300 {
            let near = FrameRate.standard.first { abs($0.framesPerSecond / claimed - 1) < 0.0003 }
            hints.append(near ?? FrameRate(Int64((claimed * 1000).rounded()), 1000))
        }
        if let claimed = format.parameters.frameRate { hints.append(claimed) }
        let times = units.map(\.pts)
        var facts = FeedFacts(format: format, timing: .detect(times, hints: hints))
        facts.keyFrameInterval = secondIDR.map { $0 - firstIDR.pts }
        facts.span = span
        // One whole GOP where there is one: an IDR picture is many times the size of the others.
        let measured = max(
            facts.keyFrameInterval ?? span + facts.timing.rate.frameDuration, .init(milliseconds: 1))
        facts.videoKilobits = Int(Double(videoBytes) * 8 / 1000 / measured.seconds)
        facts.audioKilobits = span > .zero ? Int(Double(audioBytes) * 8 / 1000 / span.seconds) : 0
        facts.reorderDepth = FeedProbe.reorderDepth(times)
        facts.audio = audioUnits > 0 ? audioFormat : nil
        facts.metadata = metadata
        facts.firstTime = firstIDR.pts
        facts.firstArrival = firstIDR.arrival
        var all: [FeedEvent] = [.videoFormat(format)]
        if let audioFormat { all.append(.audioFormat(audioFormat)) }
        return .decided(facts, all + audioBefore + events)
    }

    /// The most pictures that come before one in decoding order and after it on the screen.
    static func reorderDepth(_ times: [MediaTime]) -> Int {
        var depth = 0
        for index in times.indices {
            let before = times[max(0, index - 16)..<index]
            depth = max(depth, before.count { $0 > times[index] })
        }
        return depth
    }
}
