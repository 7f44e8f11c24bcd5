import M3U8
import Media
import NIOCore
import Packaging
import Synchronization
import Testing

final class Counted: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}

@Suite struct MultivariantTests {
    private func stage(steering: SteeringSettings? = nil) -> StageFixture {
        StageFixture(
            videos: [
                .init(name: .source, rate: FrameRate(30)),
                .init(name: RenditionName("360p"), rate: FrameRate(30)),
            ], segments: 30, steering: steering)
    }

    @Test func everyVariantSaysWhatItIs() throws {
        let stage = stage()
        stage.begin()
        stage.play(130) { $0 % 60 == 0 }
        let list = try stage.multivariant()
        #expect(list.hasIndependentSegments && list.steering == nil && list.variants.count == 3)
        let sound = try #require(list.audio.first)
        #expect(sound.language == "en" && sound.channels == 2 && sound.isDefault && sound.stableID == "audio")
        #expect(Set(list.variants.compactMap(\.score)).count == 3, "each variant has a score of its own")
        #expect(Set(list.variants.compactMap(\.stableID)) == ["source", "360p", "audio"])
        for variant in list.variants {
            #expect(variant.closedCaptions == .absent && variant.audioGroup == "audio")
            #expect(variant.codecs.last == "mp4a.40.2")
            #expect(try #require(variant.averageBandwidth) <= variant.bandwidth)
        }
        let alone = try #require(list.variants.last)
        #expect(alone.codecs == ["mp4a.40.2"] && alone.width == nil && alone.videoRange == nil)
        #expect(alone.bandwidth <= 192_000 && alone.score == 1 && alone.uri == "audio/index.m3u8")
        #expect(list.variants.dropLast().allSatisfy { $0.videoRange == .standard && $0.width == 1280 })
        #expect(list.iFrameVariants.map(\.uri).sorted() == ["360p/iframes.m3u8", "source/iframes.m3u8"])
        for pictures in list.iFrameVariants {
            #expect(pictures.codecs == ["avc1.64001f"] && pictures.width == 1280)
            #expect(pictures.bandwidth < list.variants[0].bandwidth)
        }
    }

    /// 2.5 Mbit/s are promised; the pictures come to 1.03 Mbit/s and the sound to 128 kbit/s.
    @Test func averagesAreMeasured() throws {
        let stage = stage()
        stage.pictureSizes = (key: 20_000, other: 4000)
        stage.begin()
        stage.play(130) { $0 % 60 == 0 }
        let promised = try stage.multivariant()
        #expect(promised.variants[0].averageBandwidth ?? 0 >= 2_500_000)
        stage.play(60 * 15) { $0 % 60 == 0 }
        let measured = try stage.multivariant()
        let average = try #require(measured.variants[0].averageBandwidth)
        #expect((1_150_000...1_300_000).contains(average), "\(average)")
        #expect(measured.variants[0].bandwidth == promised.variants[0].bandwidth)
        let sound = try #require(measured.variants.last?.averageBandwidth)
        #expect((128_000...140_000).contains(sound), "\(sound)")
        let pictures = try #require(measured.iFrameVariants.first?.averageBandwidth)
        #expect((80_000...95_000).contains(pictures), "\(pictures)")
        // What is stated stays, while what is measured moves a little.
        stage.pictureSizes = (key: 20_000, other: 4100)
        stage.play(60 * 20) { $0 % 60 == 0 }
        #expect(try stage.multivariant() == measured)
        // Far more than was promised: both are stated anew.
        stage.pictureSizes = (key: 90_000, other: 30_000)
        stage.play(60 * 20) { $0 % 60 == 0 }
        let heavy = try stage.multivariant()
        let peak = 8 * (90_000 + 59 * 30_000) / 2 + 128_000
        #expect(heavy.variants[0].bandwidth >= peak && heavy.variants[0].bandwidth < peak * 5 / 4)
        #expect(heavy.variants[0].averageBandwidth ?? 0 > 2_000_000)
    }

    @Test func steeringNamesItsPathways() throws {
        let stage = stage(
            steering: .init(
                pathways: [.init(id: "edge", host: "cdn.example:8443"), .init(id: "origin", host: nil)],
                lifetime: 60))
        #expect(self.stage().window.snapshot.steering == nil)
        stage.begin()
        stage.play(130) { $0 % 60 == 0 }
        let list = try stage.multivariant()
        #expect(list.steering == .init(uri: "steering.json", pathway: "origin"))
        #expect(list.variants.allSatisfy { $0.pathway == "origin" })
        #expect(list.iFrameVariants.allSatisfy { $0.pathway == "origin" })
        let document = try #require(stage.window.snapshot.steering)
        #expect(
            String(buffer: document.plain) == """
                {"VERSION":1,"TTL":60,"RELOAD-URI":"steering.json","PATHWAY-PRIORITY":["edge","origin"],\
                "PATHWAY-CLONES":[{"BASE-ID":"origin","ID":"edge","URI-REPLACEMENT":{"HOST":"cdn.example:8443"}}]}

                """)
    }
}
