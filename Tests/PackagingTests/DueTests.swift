import M3U8
import Media
import NIOCore
import Packaging
import Testing

/// What a packager says of its next part, for whoever would rather not look at each picture.
@Suite struct DueTests {
    @Test(arguments: [FrameRate(30), FrameRate(25), FrameRate(30000, 1001), FrameRate(60)])
    func aPartEndsWithAPictureThatIsDue(_ rate: FrameRate) throws {
        let window = LiveWindow(show: ShowID("test")!, settings: WindowSettings(segments: 8))
        let start = window.nextStart()
        let plan = RunPlan(
            renditions: [
                .init(
                    name: .source, kind: .video(width: 1280, height: 720, frameRate: rate),
                    peakBitsPerSecond: 1_000_000, isPassthrough: true)
            ],
            partGrid: rate, start: start, startArrival: .now, unfitReasons: [])
        let packager = try #require(window.beginRun(plan)[.source])
        #expect(packager.due == nil)
        packager.receive(.begin(.avc(StageFixture.avc)))
        let gop = Int64((rate.framesPerSecond * 2).rounded())
        var (listed, looks) = (Set<String>(), 0)
        // The last part is listed with the picture after it.
        for index in 0...gop * 4 {
            let time = start + rate.time(ofFrame: index)
            let isIDR = index % gop == 0
            if isIDR { packager.receive(.segment(at: time, isDiscontinuity: false)) }
            let due = packager.due
            let isDue = isIDR || due.map { time >= $0 } ?? true
            if isDue { looks += 1 }
            packager.receive(
                .sample(
                    AccessUnit(
                        kind: .video, payload: ByteBuffer(bytes: [0, 0, 0, 2, isIDR ? 0x65 : 0x41, 1]),
                        pts: time, dts: time, duration: rate.frameDuration, isSync: isIDR, arrival: .now)))
            let now = try parts(window)
            if !now.isSubset(of: listed) { #expect(isDue, "picture \(index)") }
            listed.formUnion(now)
        }
        #expect(listed.count == 16)
        #expect(looks <= listed.count * 2 + 4, "most pictures need not be looked at")
    }

    private func parts(_ window: LiveWindow) throws -> Set<String> {
        guard case .ready(let text) = window.snapshot.playlist(.source, BlockingRequest()) else { return [] }
        let playlist = try MediaPlaylist(parsing: String(buffer: text.plain))
        return Set(playlist.segments.flatMap { $0.parts.map(\.uri) })
    }
}
