import Codecs
import Media
import Preflight
import Testing

/// A feed that a test makes up, second by second: what is not said is as it should be.
struct MadeUpFeed {
    var meter: FeedMeter
    /// Media time and arrival go on from here, in seconds.
    private(set) var now: Double
    private var mediaTime: Double
    private var frames = 0
    private var keys = 0
    private var sinceKey = Double.infinity
    private var lastArrival = 0.0

    /// What a stretch of the feed is like.
    struct Stretch {
        var rate = 30.0
        /// Seconds between key frames.
        var keyframes = 2.0
        var kilobits = 3000.0
        /// Every so many-th picture is missing; 0 is none.
        var dropEvery = 0
        /// Seconds by which picture times waver.
        var jitter = 0.0
        /// Every second picture is shown before the one that it follows.
        var bFrames = false
        var hasPicture = true
        var hasSound = true
        /// The host's clock against ours, parts per million.
        var drift = 0.0
        /// Seconds that pictures arrive later than they should, from the stretch's beginning on.
        var late = 0.0
        /// kbit/s in odd groups of four seconds, where it is to waver.
        var otherKilobits: Double?
        /// LUFS.
        var momentary = -18.0
        var left: Float = 0.3
        var right: Float = 0.3
        var clips = 0
        /// 0 (black) to 255.
        var brightness: Float = 120
        /// How far successive key frames differ.
        var movement: Float = 8
    }

    init(rules: PreflightRules = PreflightRules(), start: Double = 100) {
        now = start
        mediaTime = 0
        meter = FeedMeter(rules: rules, start: MadeUpFeed.at(start))
    }

    static func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

    /// A picture format without B-frames, as x264 writes it for this size.
    static func format(width: Int = 1280, height: Int = 720, interlaced: Bool = false) throws -> PictureFormat
    {
        .avc(
            try AVCFormat(
                sps: [SequenceBits.parameterSet(width: width, height: height, interlaced: interlaced)],
                pps: [[0x68, 0xEB, 0xE3, 0xCB]]))
    }

    var codes: Set<FindingCode> { Set(meter.report.findings.map(\.code)) }

    func finding(_ code: FindingCode) -> Finding? { meter.report.findings.first { $0.code == code } }

    /// The feed goes on like this for so long.
    mutating func run(_ seconds: Double, _ stretch: Stretch = Stretch()) {
        let end = now + seconds
        let step = 1 / stretch.rate
        var nextSound = now
        var nextTick = now
        var nextReading = now
        while now < end - 1e-9 {
            if stretch.hasPicture { picture(stretch, step) }
            while nextSound <= now {
                if stretch.hasSound { meter.sound(bytes: 340, arrival: MadeUpFeed.at(nextSound)) }
                nextSound += 0.021
            }
            while nextReading <= now {
                if stretch.hasSound {
                    meter.heard(
                        SoundReading(
                            at: MadeUpFeed.at(nextReading), left: stretch.left, right: stretch.right,
                            clips: stretch.clips, momentary: stretch.momentary, shortTerm: stretch.momentary,
                            integrated: stretch.momentary))
                }
                nextReading += 0.1
            }
            while nextTick <= now {
                meter.tick(now: MadeUpFeed.at(nextTick))
                nextTick += 0.25
            }
            now += step
            mediaTime += step * (1 + stretch.drift * 1e-6)
        }
        meter.tick(now: MadeUpFeed.at(now))
    }

    private mutating func picture(_ stretch: Stretch, _ step: Double) {
        frames += 1
        sinceKey += step
        let isKey = sinceKey >= stretch.keyframes - step / 2
        if isKey { sinceKey = 0 }
        if stretch.dropEvery > 0, frames % stretch.dropEvery == 0, !isKey { return }
        let isOther = Int(now / 4) % 2 == 1
        let kilobits = isOther ? stretch.otherKilobits ?? stretch.kilobits : stretch.kilobits
        let wobble = frames % 2 == 0 ? stretch.jitter : -stretch.jitter
        let dts = MediaTime(seconds: mediaTime + wobble)
        let shift = stretch.bFrames ? (frames % 2 == 0 ? 3 * step : 0) : 0
        // What was late comes all together when the network is free again; nothing overtakes.
        lastArrival = max(lastArrival, now + stretch.late)
        let arrival = MadeUpFeed.at(lastArrival)
        meter.picture(
            PictureArrival(
                bytes: Int(kilobits * 1000 / 8 * step), pts: dts + MediaTime(seconds: shift), dts: dts,
                isSync: isKey, arrival: arrival))
        guard isKey else { return }
        keys += 1
        let value = stretch.brightness + Float(keys % 2) * stretch.movement
        meter.seen(LumaThumbnail(cells: [Float](repeating: value, count: 576)), at: arrival)
    }
}

/// Writes a sequence parameter set bit by bit.
struct SequenceBits {
    private var bits: [UInt8] = []

    mutating func put(_ value: Int, _ count: Int) {
        for place in stride(from: count - 1, through: 0, by: -1) { bits.append(UInt8(value >> place & 1)) }
    }

    mutating func golomb(_ value: Int) {
        let length = Int.bitWidth - (value + 1).leadingZeroBitCount
        put(0, length - 1)
        put(value + 1, length)
    }

    /// High profile without the tools that the tests have no use for; sizes are rounded up to macroblocks and cropped.
    static func parameterSet(width: Int, height: Int, interlaced: Bool) -> [UInt8] {
        var writer = SequenceBits()
        writer.golomb(0)
        // 4:4:4 crops by single pixels, so that odd sizes can be told.
        writer.golomb(3)
        writer.put(0, 1)
        writer.golomb(0)
        writer.golomb(0)
        writer.put(0, 2)
        writer.golomb(0)
        writer.golomb(2)
        writer.golomb(1)
        writer.put(0, 1)
        let unit = interlaced ? 32 : 16
        let (columns, rows) = ((width + 15) / 16, (height + unit - 1) / unit)
        writer.golomb(columns - 1)
        writer.golomb(rows - 1)
        writer.put(interlaced ? 0 : 1, 1)
        if interlaced { writer.put(0, 1) }
        writer.put(1, 1)
        let (right, bottom) = (columns * 16 - width, (rows * unit - height) / (interlaced ? 2 : 1))
        writer.put(right + bottom > 0 ? 1 : 0, 1)
        if right + bottom > 0 {
            for side in [0, right, 0, bottom] { writer.golomb(side) }
        }
        writer.put(0, 1)
        writer.put(1, 1)
        while writer.bits.count % 8 != 0 { writer.bits.append(0) }
        var bytes: [UInt8] = [0x67, 244, 0, 40]
        var zeros = 0
        for start in stride(from: 0, to: writer.bits.count, by: 8) {
            let byte = writer.bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | $1 }
            if zeros >= 2, byte <= 3 {
                bytes.append(3)
                zeros = 0
            }
            bytes.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return bytes
    }
}
