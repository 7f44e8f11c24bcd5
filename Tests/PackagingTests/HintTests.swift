import M3U8
import Media
import Packaging
import Testing

/// A preload hint is a promise: what a list names as next comes next.
@Suite struct HintTests {
    private static let encoded = RenditionName(shortSide: 480)

    /// The host's IDR pictures come as they like, two parts early or a part late; for a while the host's picture is not
    /// passed through.
    @Test(arguments: [1, 6, 9])
    func segmentsOfAnyLengthKeepWhatIsHinted(delay: Int) throws {
        let stage = StageFixture(videos: [
            .init(name: .source, rate: FrameRate(30), isPassed: true),
            .init(name: Self.encoded, rate: FrameRate(30), delay: delay),
        ])
        let cuts: Set<Int64> = [0, 60, 130, 160, 220, 240, 300, 374, 434, 494, 524, 590]
        stage.begin()
        var hints: [RenditionName: String] = [:]
        var kept = 0
        for frame in 0..<600 {
            stage.resting = (250..<400).contains(frame) ? [.source] : []
            stage.play(1) { cuts.contains($0) }
            for name in stage.names {
                guard let list = try? stage.playlist(name) else { continue }
                if let hint = hints[name], hint != list.hintedPart {
                    let isListed = list.segments.flatMap(\.parts).contains { $0.uri == hint }
                    #expect(isListed, "\(name) at \(frame): \(hint), then \(list.hintedPart ?? "no hint")")
                    kept += 1
                }
                hints[name] = list.hintedPart
            }
        }
        #expect(kept > 90)
        #expect(try stage.playlist(.source).segments.last { !$0.parts.isEmpty }?.isGap == false)
    }

    /// Knowing it costs a frame, not a part.
    @Test func aPartOfTheHostsPictureIsListedWithThePictureAfterIt() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30), isPassed: true)])
        stage.begin()
        func parts() -> Int { (try? stage.playlist(.source).segments.flatMap(\.parts).count) ?? 0 }
        stage.play(75) { $0 % 60 == 0 }
        let before = parts()
        stage.play(1) { $0 % 60 == 0 }
        #expect(parts() == before + 1)
        // A host who stops sending in the middle is waited for as long as a part lasts.
        stage.play(14) { $0 % 60 == 0 }
        let last = parts()
        stage.away(.milliseconds(600))
        #expect(parts() == last + 1)
    }
}
