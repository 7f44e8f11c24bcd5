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
        let clock = ContinuousClock()
        // What 40 parts of six renditions cost, packaging and all; the rest of what they cost is in the short list's.
        let long = clock.measure { stage.play(600) { $0 % 60 == 0 } }
        let shortStage = Self.stage(15)
        let short = clock.measure { shortStage.play(600) { $0 % 60 == 0 } }
        var asked = Duration.zero
        var pressed = Duration.zero
        for _ in 0..<20 {
            stage.play(15) { $0 % 60 == 0 }
            guard case .ready(let text) = stage.window.snapshot.playlist(.source, .init(skips: true)),
                case .ready(let long) = stage.window.snapshot.playlist(.source, .init())
            else { continue }
            asked += clock.measure { _ = text.gzip }
            pressed += clock.measure { _ = long.gzip }
        }
        print(
            """
            15 minutes, 6 renditions: 40 publications in \(long), in \(short) where 30 s are listed, so that the \
            length costs each \((long - short) / 40); a delta update's text and gzip \(asked / 20), \
            \(delta.plain.readableBytes) B, \(delta.gzip.readableBytes) B gzip; a full list's \(pressed / 20), \
            \(full.plain.readableBytes) B, \(full.gzip.readableBytes) B gzip; I-frames \
            \(pictures.plain.readableBytes) B, \(pictures.gzip.readableBytes) B gzip
            """)
    }
}
