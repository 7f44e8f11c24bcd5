import Glibc
import M3U8
import Media
import NIOCore
import Packaging
import Testing

/// What a 15-minute window costs. Times are printed, not asserted: they are the machine's.
@Suite(.serialized) struct LongListTests {
    private static func stage(_ segments: Int) -> StageFixture {
        let ladder = ["source", "720p", "480p", "360p", "240p"].map {
            StageFixture.Video(name: RenditionName($0), rate: FrameRate(30))
        }
        let stage = StageFixture(videos: ladder, segments: segments)
        stage.begin()
        stage.play(60 * (segments + 5) + 50) { $0 % 60 == 0 }
        return stage
    }

    @Test func aQuarterOfAnHourStaysCheap() throws {
        let stage = Self.stage(450)
        guard case .ready(let full) = stage.window.snapshot.playlist(.source, .init()),
            case .ready(let delta) = stage.window.snapshot.playlist(.source, .init(skips: true)),
            case .ready(let pictures) = stage.window.snapshot.playlist(.source, .init(list: .iFrames))
        else {
            Issue.record("the lists are there")
            return
        }
        #expect(try MediaPlaylist(parsing: full.plain).segments.count == 451)
        // The refresh that a viewer of a long window pays for at each part.
        #expect(delta.gzip.readableBytes < 1500)
        #expect(delta.plain.readableBytes < 6000)
        // What 40 parts of six renditions cost, packaging and all.
        let long = Self.processorTime { stage.play(600) { $0 % 60 == 0 } }
        let shortStage = Self.stage(15)
        let short = Self.processorTime { shortStage.play(600) { $0 % 60 == 0 } }
        // An init section changes nothing but the snapshot: six renditions' lists, and one rendition's files.
        let alone = Self.processorTime { for _ in 0..<200 { stage.begin(again: .source) } } / 200
        let shortAlone = Self.processorTime { for _ in 0..<200 { shortStage.begin(again: .source) } } / 200
        var asked = Duration.zero
        var pressed = Duration.zero
        for _ in 0..<20 {
            stage.play(15) { $0 % 60 == 0 }
            guard case .ready(let text) = stage.window.snapshot.playlist(.source, .init(skips: true)),
                case .ready(let long) = stage.window.snapshot.playlist(.source, .init())
            else { continue }
            asked += Self.processorTime { _ = text.gzip }
            pressed += Self.processorTime { _ = long.gzip }
        }
        print(
            """
            15 minutes, 6 renditions, processor time: 600 frames with 40 parts each \(long), \(short) where 30 s are \
            listed; one publication \(alone), \(shortAlone); a delta update's text and gzip \(asked / 20), \
            \(delta.plain.readableBytes) B, \(delta.gzip.readableBytes) B gzip; a full list's \(pressed / 20), \
            \(full.plain.readableBytes) B, \(full.gzip.readableBytes) B gzip; I-frames \
            \(pictures.plain.readableBytes) B, \(pictures.gzip.readableBytes) B gzip
            """)
    }

    /// Of this thread: what else runs on the machine does not count.
    private static func processorTime(_ body: () -> Void) -> Duration {
        func now() -> Duration {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
        }
        let before = now()
        body()
        return now() - before
    }
}
