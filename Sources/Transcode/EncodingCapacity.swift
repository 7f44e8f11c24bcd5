import Codecs
package import Media
import Synchronization

/// What a run costs, in cores: seconds of CPU for a second of video.
package struct EncodingCost: Hashable, Sendable {
    /// Nanoseconds a pixel on the machine that they were measured on (Zen 4, one core, H.264 at 1080p to 360p).
    private static let decode = 2.7
    private static let scale = 1.2
    private static let encode = 7.5
    private static let perRendition = 0.01

    package var cores: Double

    package init(cores: Double) {
        self.cores = cores
    }

    /// A run that decodes `source` once and encodes `rungs`; a run without rungs decodes nothing.
    package init(
        sourceWidth: Int, sourceHeight: Int, sourceRate: FrameRate, rungs: [Rung], preset: String,
        encodesAudio: Bool, sourceCodec: VideoCodec = .avc
    ) {
        var cores = EncodingCost.perRendition + (encodesAudio ? 0.03 : 0)
        if !rungs.isEmpty {
            let pixels = Double(sourceWidth * sourceHeight) * sourceRate.framesPerSecond * 1e-9
            cores += pixels * EncodingCost.decode * EncodingCost.effort(sourceCodec)
        }
        for rung in rungs {
            let pixels = Double(rung.width * rung.height) * rung.frameRate.framesPerSecond * 1e-9
            cores += pixels * (EncodingCost.scale + EncodingCost.encode * EncodingCost.effort(preset))
            cores += EncodingCost.perRendition
        }
        self.cores = cores
    }

    /// Work of decoding against H.264, at the same rate.
    private static func effort(_ codec: VideoCodec) -> Double {
        switch codec {
        case .avc: 1
        case .hevc: 1.6
        case .av1: 1.2
        }
    }

    /// Work of a preset against `superfast`.
    private static func effort(_ preset: String) -> Double {
        switch preset {
        case "ultrafast": 0.55
        case "superfast": 1
        case "veryfast": 1.65
        case "faster": 2.6
        case "fast": 4.1
        case "medium": 5
        default: 8
        }
    }
}

/// The cores that all runs share: a feed that does not fit beside those already live is refused at the door, which is
/// kinder than stalling every show.
package final class EncodingCapacity: Sendable {
    private let used = Mutex(0.0)
    /// In cores of the machine that the costs were measured on.
    package let cores: Double

    /// `cores` may be a fraction; `speed` is one core's against the measured machine.
    package init(cores: Double, speed: Double = 1) {
        self.cores = cores * speed
    }

    /// What encoding may take of this machine; the rest is for serving, and for costs that were guessed too low.
    private static let share = 0.85

    /// Most of every core of this machine.
    package static func ofThisMachine(speed: Double = 1) -> EncodingCapacity {
        EncodingCapacity(cores: Double(CodecThread.cores) * share, speed: speed)
    }

    /// Cores that are spoken for.
    package var reserved: Double { used.withLock { $0 } }

    /// Takes the cost where it fits. False where it does not, unless `always`.
    package func reserve(_ cost: EncodingCost, always: Bool = false) -> Bool {
        used.withLock { used in
            guard always || used + cost.cores <= cores else { return false }
            used += cost.cores
            return true
        }
    }

    package func release(_ cost: EncodingCost) {
        used.withLock { $0 = max(0, $0 - cost.cores) }
    }

    /// Why a cost does not fit, for the host.
    package func refusal(_ cost: EncodingCost) -> String {
        func tenths(_ value: Double) -> String {
            let rounded = Int((value * 10).rounded())
            return "\(rounded / 10).\(rounded % 10)"
        }
        return
            "this machine cannot encode the feed in real time: it would take about \(tenths(cost.cores)) cores,"
            + " and \(tenths(max(0, cores - reserved))) of \(tenths(cores)) are free; send a smaller picture, or take"
            + " steps out of the ladder"
    }
}
