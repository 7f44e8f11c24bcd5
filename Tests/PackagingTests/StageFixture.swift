import M3U8
import Media
import NIOCore
import Packaging
import Synchronization
import Testing

/// A clock that stands until it is moved.
final class FakeClock: Sendable {
    private let time = Mutex(MonotonicTime(nanoseconds: 1_000_000_000))

    var now: MonotonicTime { time.withLock { $0 } }
    /// Unix time runs along, from a fixed date.
    var unixMilliseconds: Int64 { 1_790_000_000_000 + now.nanoseconds / 1_000_000 }

    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// Renditions that play into a window in step, as a run's producers would.
final class StageFixture {
    struct Video {
        var name: RenditionName
        var rate: FrameRate
        /// Behind the others by so many frames.
        var delay = 0
        /// It is the host's own picture.
        var isPassed = false
    }

    let clock: FakeClock
    let window: LiveWindow
    private(set) var start = MediaTime.zero
    private var packagers: [RenditionName: TrackPackager] = [:]
    private let videos: [Video]
    private let audioRate: Int
    /// Bytes of a key picture and of others.
    var pictureSizes = (key: 6, other: 6)
    private var frame: Int64 = 0
    private var audioSample: Int64 = 0
    private var cuts: [Int64] = []
    /// Renditions whose encoder is gone.
    private var gone: Set<RenditionName> = []
    /// Renditions that have no segment from the next cut on.
    var resting: Set<RenditionName> = []
    /// Of these, what has been told.
    private var rested: Set<RenditionName> = []
    /// The host's sound is held up on its way.
    var isSoundLate = false

    static let avc: AVCFormat = {
        let sps: [UInt8] = [
            0x67, 0x64, 0x00, 0x1F, 0xAC, 0xD9, 0x40, 0x50, 0x05, 0xBB, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00,
            0x10,
            0x00, 0x00, 0x03, 0x03, 0xC0, 0xF1, 0x83, 0x19, 0x60,
        ]
        // swift-format-ignore: NeverUseForceTry
        return try! AVCFormat(sps: [sps], pps: [[0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0]])
    }()

    init(
        videos: [Video], audioRate: Int = 48000, segments: Int = 8, memory: WindowMemory? = nil,
        clock: FakeClock = FakeClock(), restored: RestoredWindow? = nil, archive: ArchivePlace? = nil,
        desk: (any TextDesk)? = nil, steering: SteeringSettings? = nil,
        adjust: (inout WindowSettings) -> Void = { _ in }
    ) {
        self.videos = videos
        self.audioRate = audioRate
        self.clock = clock
        var settings = WindowSettings(segments: segments, language: "en", steering: steering)
        adjust(&settings)
        window = LiveWindow(
            show: ShowID("test")!, settings: settings,
            memory: memory ?? WindowMemory(lastSequence: 0, discontinuitySequence: 0),
            unixMilliseconds: { clock.unixMilliseconds }, monotonic: { clock.now }, restored: restored,
            archive: archive, desk: desk)
    }

    var names: [RenditionName] { videos.map(\.name) + [.audio] }

    /// Opens a run; its first picture arrives now. With `opensEncoders` false none has come so far.
    func begin(opensEncoders: Bool = true) {
        start = window.nextStart()
        let plan = RunPlan(
            renditions: videos.map {
                .init(
                    name: $0.name, kind: .video(width: 1280, height: 720, frameRate: $0.rate),
                    peakBitsPerSecond: 2_500_000, isPassthrough: $0.isPassed)
            } + [
                .init(
                    name: .audio, kind: .audio(channels: 2), peakBitsPerSecond: 128_000, isPassthrough: false)
            ],
            partGrid: videos[0].rate, start: start, startArrival: clock.now, unfitReasons: [])
        packagers = window.beginRun(plan)
        gone = []
        rested = []
        (frame, audioSample, cuts) = (0, -1024, [])
        guard opensEncoders else { return }
        for video in videos { packagers[video.name]?.receive(.begin(.avc(Self.avc))) }
        beginSound()
    }

    /// Plays `count` frames of the first rendition's rate in real time; an IDR picture where `isCut` says so.
    func play(
        _ count: Int, dropping: (RenditionName, Int64) -> Bool = { _, _ in false }, isCut: (Int64) -> Bool
    ) {
        let rate = videos[0].rate
        for _ in 0..<count {
            let time = start + rate.time(ofFrame: frame)
            let cut = isCut(frame)
            if cut { packagers[.audio]?.receive(.segment(at: time, isDiscontinuity: false)) }
            packagers[.audio]?.receive(.watermark(time))
            cuts.append(cut ? 1 : 0)
            for video in videos where !gone.contains(video.name) {
                let own = frame - Int64(video.delay)
                guard own >= 0 else { continue }
                let pts = start + rate.time(ofFrame: own)
                let isOwnCut = cuts[Int(own)] == 1
                if isOwnCut {
                    if resting.contains(video.name) {
                        rested.insert(video.name)
                    } else {
                        rested.remove(video.name)
                    }
                }
                if rested.contains(video.name) {
                    if isOwnCut { packagers[video.name]?.receive(.rest(at: pts)) }
                    continue
                }
                if isOwnCut { packagers[video.name]?.receive(.segment(at: pts, isDiscontinuity: false)) }
                if dropping(video.name, own), !isOwnCut { continue }
                packagers[video.name]?.receive(.sample(sample(.video, pts, rate.frameDuration, isOwnCut)))
            }
            frame += 1
            let until = start + rate.time(ofFrame: frame)
            while !isSoundLate {
                let pts = start + MediaTime(value: audioSample, timescale: Int64(audioRate))
                let next = start + MediaTime(value: audioSample + 1024, timescale: Int64(audioRate))
                guard next <= until else { break }
                packagers[.audio]?.receive(.sample(sample(.audio, pts, next - pts, true)))
                audioSample += 1024
            }
            clock.advance(rate.frameDuration.duration)
            window.tick(now: clock.now)
        }
    }

    func finish() {
        for name in names { packagers[name]?.receive(.end) }
    }

    /// A rendition's encoder fails.
    func fail(_ name: RenditionName) {
        gone.insert(name)
        packagers[name]?.receive(.end)
    }

    func away(_ duration: Duration) {
        let steps = Int(duration / .milliseconds(100))
        for _ in 0..<steps {
            clock.advance(.milliseconds(100))
            window.tick(now: clock.now)
        }
    }

    func begin(again rendition: RenditionName) {
        packagers[rendition]?.receive(.begin(.avc(Self.avc)))
    }

    func beginSound() {
        packagers[.audio]?.receive(.begin(.aac(AACFormat(sampleRate: audioRate, channels: 2)!)))
    }

    func playlist(
        _ name: RenditionName, _ request: BlockingRequest = BlockingRequest()
    ) throws -> MediaPlaylist {
        guard case .ready(let text) = window.snapshot.playlist(name, request) else {
            throw FixtureFault.noPlaylist
        }
        return try MediaPlaylist(parsing: String(buffer: text.plain))
    }

    func multivariant() throws -> MultivariantPlaylist {
        guard let text = window.snapshot.multivariant else { throw FixtureFault.noPlaylist }
        return try MultivariantPlaylist(parsing: String(buffer: text.plain))
    }

    private func sample(_ kind: AccessUnit.Kind, _ pts: MediaTime, _ duration: MediaTime, _ isSync: Bool)
        -> AccessUnit
    {
        AccessUnit(
            kind: kind, payload: payload(kind, isSync), pts: pts, dts: pts, duration: duration,
            isSync: isSync, arrival: clock.now)
    }

    /// One NAL unit, an IDR picture or not.
    private func payload(_ kind: AccessUnit.Kind, _ isSync: Bool) -> ByteBuffer {
        let size = kind == .audio ? 341 : isSync ? pictureSizes.key : pictureSizes.other
        var payload = ByteBuffer()
        payload.writeInteger(UInt32(size - 4))
        payload.writeInteger(UInt8(isSync ? 0x65 : 0x41))
        payload.writeRepeatingByte(1, count: size - 5)
        return payload
    }

    enum FixtureFault: Error { case noPlaylist }
}
