import Media
import NIOCore
import RTMP
import Testing

@Suite struct FLVTagTests {
    private static func body(_ bytes: [UInt8]) -> ByteBuffer { ByteBuffer(bytes: bytes) }
    private static let avc1 = Array("avc1".utf8)
    private static let mp4a = Array("mp4a".utf8)

    private static func refused(_ name: String) -> FLVVideoTag {
        .unsupported(reason: "video codec \(name) is not supported, use H.264 (or HEVC or AV1)")
    }

    @Test(
        arguments: [
            ([], .ignored),
            ([0x17, 0, 0, 0, 0, 1, 2], .sequenceHeader(body([1, 2]))),
            ([0x17, 1, 0, 0, 40, 9], .picture(body([9]), compositionOffset: 40, isKeyFrame: true)),
            ([0x27, 1, 0xFF, 0xFF, 0xD8, 9], .picture(body([9]), compositionOffset: -40, isKeyFrame: false)),
            (
                [0x27, 1, 0x80, 0, 0, 9],
                .picture(body([9]), compositionOffset: -8_388_608, isKeyFrame: false)
            ),
            ([0x17, 2, 0, 0, 0], .endOfSequence),
            ([0x57, 0], .ignored),
            ([0x17], .broken), ([0x17, 1, 0, 0], .broken), ([0x17, 9, 0, 0, 0], .broken),
            ([0x22, 0], refused("Sorenson H.263")),
            ([0x1D, 0], refused("AV1 in a form that is not standard")),
            // HEVC as it was sent before the enhanced form.
            ([0x1C, 0, 0, 0, 0, 1, 2], .sequenceHeader(body([1, 2]), .hevc)),
            ([0x1C, 1, 0, 0, 40, 9], .picture(body([9]), .hevc, compositionOffset: 40, isKeyFrame: true)),
            ([0x90] + avc1 + [1], .sequenceHeader(body([1]))),
            (
                [0x91] + avc1 + [0xFF, 0xFF, 0xFF, 7],
                .picture(body([7]), compositionOffset: -1, isKeyFrame: true)
            ),
            ([0xA3] + avc1 + [7], .picture(body([7]), compositionOffset: 0, isKeyFrame: false)),
            ([0x92] + avc1, .endOfSequence), ([0x94] + avc1 + [1], .ignored),
            ([0x91] + avc1, .broken), ([0x90, 0x61], .broken), ([0x9A] + avc1, .broken),
            ([0x90] + Array("vp09".utf8) + [1], refused("VP9")),
            ([0x90, 1, 2, 3, 4], refused("of another kind")),
            ([0x90] + Array("xyz1".utf8), refused("xyz1")),
        ] as [([UInt8], FLVVideoTag)])
    func video(bytes: [UInt8], tag: FLVVideoTag) {
        #expect(FLVVideoTag(ByteBuffer(bytes: bytes)) == tag)
    }

    @Test(
        arguments: [
            ([], .ignored),
            ([0xAF, 0, 0x11, 0x90], .sequenceHeader(body([0x11, 0x90]))),
            ([0xAF, 1, 5, 6], .frame(body([5, 6]))), ([0xAF, 1], .ignored),
            ([0xAF], .broken), ([0xAF, 2], .broken),
            ([0x2F, 0], .unsupported(reason: "audio codec MP3 is not supported, use AAC")),
            ([0x90] + mp4a + [0x11, 0x90], .sequenceHeader(body([0x11, 0x90]))),
            ([0x91] + mp4a + [5], .frame(body([5]))), ([0x92] + mp4a, .ignored), ([0x91, 0x6D], .broken),
            ([0x90] + Array("Opus".utf8) + [7], .sequenceHeader(body([7]), .opus)),
            ([0x91] + Array("Opus".utf8) + [7], .frame(body([7]), .opus)),
            ([0x94] + mp4a + [0, 2], .ignored),
            (
                [0x90] + Array("fLaC".utf8),
                .unsupported(reason: "audio codec FLAC is not supported, use AAC (or Opus)")
            ),
        ] as [([UInt8], FLVAudioTag)])
    func audio(bytes: [UInt8], tag: FLVAudioTag) {
        #expect(FLVAudioTag(ByteBuffer(bytes: bytes)) == tag)
    }

    @Test func whatIsWrittenIsRead() {
        let record: [UInt8] = [1, 2, 3]
        let payload = ByteBuffer(bytes: [0, 0, 0, 1, 0x65])
        #expect(
            FLVVideoTag(FLVTagWriter.videoSequenceHeader(record))
                == .sequenceHeader(ByteBuffer(bytes: record)))
        for (offset, isKey) in [(0, true), (40, false), (-40, false), (8_388_607, true)] as [(Int32, Bool)] {
            #expect(
                FLVVideoTag(FLVTagWriter.picture(payload, compositionOffset: offset, isKeyFrame: isKey))
                    == .picture(payload, compositionOffset: offset, isKeyFrame: isKey))
        }
        #expect(FLVVideoTag(FLVTagWriter.videoEndOfSequence()) == .endOfSequence)
        for codec in [.hevc, .av1] as [VideoCodec] {
            let header = FLVTagWriter.videoSequenceHeader(record, codec)
            #expect(FLVVideoTag(header) == .sequenceHeader(ByteBuffer(bytes: record), codec))
            let offset: Int32 = codec == .hevc ? -40 : 0
            let picture = FLVTagWriter.picture(payload, codec, compositionOffset: offset, isKeyFrame: true)
            #expect(
                FLVVideoTag(picture) == .picture(payload, codec, compositionOffset: offset, isKeyFrame: true))
        }
        #expect(FLVAudioTag(FLVTagWriter.audioFrame(payload, .opus)) == .frame(payload, .opus))
        #expect(
            FLVAudioTag(FLVTagWriter.audioSequenceHeader([0x11]))
                == .sequenceHeader(ByteBuffer(bytes: [0x11])))
        #expect(FLVAudioTag(FLVTagWriter.audioFrame(payload)) == .frame(payload))
    }
}
