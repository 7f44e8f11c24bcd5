import CMAF
import Codecs
import Logging
import M3U8
import Media
import NIOCore
import Packaging
import Synchronization
import Testing
import Transcode

/// Reads everything that a window lists, once, as a player would that misses nothing: in each rendition the times must
/// run on from part to part.
private final class Listener: Sendable {
    struct Heard {
        var parts: Set<String> = []
        /// Where the next part must start, in the track's own ticks.
        var end: UInt64?
        var samples = 0
        var gaps = 0
        /// Parts of a few samples, at the end of a segment.
        var short = 0
        var faults: [String] = []
    }

    private let state = Mutex<(version: UInt64, tracks: [RenditionName: Heard])>((0, [:]))

    var tracks: [RenditionName: Heard] { state.withLock { $0.tracks } }

    func take(_ snapshot: WindowSnapshot) {
        state.withLock { state in
            guard snapshot.version > state.version else { return }
            state.version = snapshot.version
            for name in snapshot.renditions {
                var heard = state.tracks[name] ?? Heard()
                do { try read(snapshot, name, &heard) } catch { heard.faults.append("\(error)") }
                state.tracks[name] = heard
            }
        }
    }

    private func read(_ snapshot: WindowSnapshot, _ name: RenditionName, _ heard: inout Heard) throws {
        guard case .ready(let text) = snapshot.playlist(name, BlockingRequest()) else { return }
        let playlist = try MediaPlaylist(parsing: String(buffer: text.plain))
        var map: String?
        for (index, segment) in playlist.segments.enumerated() {
            map = segment.map ?? map
            for (place, part) in segment.parts.enumerated() where heard.parts.insert(part.uri).inserted {
                let at = "\(name) \(playlist.mediaSequence + UInt64(index)).\(place)"
                if part.isGap {
                    heard.gaps += 1
                    continue
                }
                let reader = FragmentReader(track: try InitSection.read(try bytes(snapshot, name, map ?? "")))
                if part.duration < 0.1 { heard.short += 1 }
                for fragment in try reader.read(try bytes(snapshot, name, part.uri), arrival: .now) {
                    if let end = heard.end, end != fragment.decodeTime {
                        heard.faults.append("\(at): starts at \(fragment.decodeTime), not \(end)")
                    }
                    heard.end = fragment.decodeTime + fragment.duration
                    heard.samples += fragment.samples.count
                }
            }
        }
    }

    private func bytes(_ snapshot: WindowSnapshot, _ name: RenditionName, _ file: String) throws -> ByteBuffer
    {
        guard case .ready(let object) = snapshot.media(name, file: file[...]) else {
            throw Missing(file: file)
        }
        return object.buffers.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }

    private struct Missing: Error { let file: String }
}

/// A run into a window, as `ShowPipeline` wires it.
private final class Wiring: RunSink {
    private let window: LiveWindow
    private let packagers = Mutex<[RenditionName: TrackPackager]>([:])
    private let isOver = Monitor(false)

    init(_ window: LiveWindow) { self.window = window }

    func opened(_ plan: RunPlan) {
        #expect(plan.unfitReasons == [])
        let opened = window.beginRun(plan)
        packagers.withLock { $0 = opened }
    }

    func receive(_ event: RenditionEvent, for rendition: RenditionName) {
        packagers.withLock { $0[rendition] }?.receive(event)
    }

    var due: MediaTime? {
        packagers.withLock { packagers in
            let dues = packagers.values.map(\.due)
            return dues.contains(nil) ? nil : dues.compactMap { $0 }.min()
        }
    }

    func news(_ news: RunNews) {}
    func failed(_ reason: String) { finished() }
    func finished() {
        isOver.change {
            $0 = true
            return (true, ())
        }
    }

    func wait() throws {
        let hasEnded: Bool? = isOver.wait(atMost: .seconds(120)) { $0 ? true : nil }
        try #require(hasEnded != nil)
    }
}

private func listen(
    to host: LoopedHost, seconds: Double, audio: TranscodeSettings.AudioRule = .encode
) throws -> [RenditionName: Listener.Heard] {
    let window = LiveWindow(
        show: ShowID("test")!, settings: WindowSettings(segments: 8),
        unixMilliseconds: { 1_790_000_000_000 }, monotonic: { MonotonicTime(nanoseconds: 1_000_000_000) })
    let listener = Listener()
    window.observe { listener.take($0) }
    let sink = Wiring(window)
    var settings = TranscodeSettings()
    settings.steps = []
    settings.audio = audio
    settings.pace = .offline
    let transcoder = Transcoder(
        settings: settings, name: "test", capacity: EncodingCapacity(cores: 100), sink: sink,
        logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
    try host.play(seconds: seconds) { transcoder.receive($0) }
    transcoder.finish()
    try sink.wait()
    window.end()
    return listener.tracks
}

/// Whatever a host's clocks do at the seams of a looped file, nothing is missing between two parts and nothing is there
/// twice.
@Suite struct ContinuityTests {
    private func expectNoHole(_ tracks: [RenditionName: Listener.Heard], seconds: Double) throws {
        #expect(tracks.count == 2 && tracks[.source] != nil)
        for (name, heard) in tracks {
            #expect(heard.faults.isEmpty, "\(name): \(heard.faults.prefix(5))")
            #expect(heard.gaps == 0, "\(name)")
        }
        let sound = try #require(tracks[.audio])
        #expect(Double(sound.samples) * 1024 / 48_000 > seconds * 0.9)
    }

    /// As `ffmpeg -stream_loop` sends a minute of pictures, whose sound is half a frame longer: from the second seam on a
    /// picture's place stays empty, and that segment ends with a part of one picture.
    @Test func twelveMinutesOfALoopedFile() throws {
        let tracks = try listen(to: LoopedHost(), seconds: 720)
        try expectNoHole(tracks, seconds: 720)
        #expect(try #require(tracks[.source]).short >= 3 && tracks[.audio]?.short ?? 0 >= 3)
    }

    @Test(
        arguments: [FrameRate(30), FrameRate(25), FrameRate(30000, 1001), FrameRate(60)], [true, false])
    func seamsAndDrift(_ rate: FrameRate, _ copies: Bool) throws {
        for (pause, slowness) in [(0, 0.0), (7, 0.0001), (-9, -0.0001), (30, 0.0), (-25, 0.0)] {
            var host = LoopedHost()
            host.rate = rate
            host.gop = Int64((rate.framesPerSecond * 2).rounded())
            host.pictures = host.gop * 5 + 7
            host.pause = MediaTime(milliseconds: Int64(pause))
            host.slowness = slowness
            host.unit = copies ? 90_000 : 1000
            let tracks = try listen(to: host, seconds: 100, audio: copies ? .copy : .encode)
            try expectNoHole(tracks, seconds: 100)
        }
    }

    @Test(arguments: [22_050, 44_100]) func otherSampleRates(_ sampleRate: Int) throws {
        var host = LoopedHost()
        host.sampleRate = sampleRate
        host.pictures = 607
        try expectNoHole(try listen(to: host, seconds: 240), seconds: 240)
    }
}
