import Media
import Testing

@Suite struct LadderTests {
    private func names(_ ladder: Ladder) -> [String] {
        ladder.rungs.map { "\($0.name) \($0.width)x\($0.height)@\($0.frameRate)" }
    }

    @Test func aPassedSourceStandsForItsOwnStep() {
        let ladder = Ladder.choose(
            source: .init(width: 1280, height: 720, frameRate: FrameRate(30)), passesSource: true)
        #expect(names(ladder) == ["480p 854x480@30", "360p 640x360@30", "240p 426x240@30"])
    }

    @Test func anUnfitSourceIsEncodedAtItsOwnHeight() {
        let ladder = Ladder.choose(
            source: .init(width: 1920, height: 1080, frameRate: FrameRate(60)), passesSource: false)
        #expect(names(ladder).first == "1080p 1920x1080@30")
        #expect(ladder.rungs.count == 5)
    }

    @Test func portraitKeepsItsShape() {
        let ladder = Ladder.choose(
            source: .init(width: 720, height: 1280, frameRate: FrameRate(25)), passesSource: false)
        #expect(
            names(ladder) == ["720p 720x1280@25", "480p 480x854@25", "360p 360x640@25", "240p 240x426@25"])
    }

    @Test func nothingIsUpscaled() {
        for side in stride(from: 100, through: 2000, by: 34) {
            let source = Ladder.Source(width: side * 4 / 3, height: side, frameRate: FrameRate(30))
            for passes in [true, false] {
                let ladder = Ladder.choose(source: source, passesSource: passes)
                #expect(passes || !ladder.rungs.isEmpty)
                for rung in ladder.rungs {
                    #expect(rung.height <= side + 1 && rung.width % 2 == 0 && rung.height % 2 == 0)
                }
            }
        }
    }

    @Test func aTinySourceGetsOneRungOfItsOwnSize() {
        let ladder = Ladder.choose(
            source: .init(width: 176, height: 144, frameRate: FrameRate(15)), passesSource: false)
        #expect(names(ladder) == ["144p 176x144@15"])
    }

    @Test func wideWidePixelsCount() {
        let ladder = Ladder.choose(
            source: .init(width: 720, height: 576, pixelAspect: (64, 45), frameRate: FrameRate(25)),
            passesSource: false)
        #expect(names(ladder).first == "480p 854x480@25")
    }
}
