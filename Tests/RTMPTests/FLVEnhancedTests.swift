import Media
import NIOCore
import RTMP
import Testing

/// Enhanced RTMP's heads: modifiers, several tracks, commands; and all that a host may get wrong in them.
@Suite struct FLVEnhancedTests {
    private static let hvc1 = Array("hvc1".utf8)
    private static let avc1 = Array("avc1".utf8)

    private func read(_ bytes: [UInt8], _ track: UInt8? = nil) -> (FLVVideoTag, FLVExtras) {
        FLVVideoTag.read(ByteBuffer(bytes: bytes), track: track)
    }

    private static func picture(_ bytes: [UInt8], _ codec: VideoCodec = .hevc, at offset: Int32 = 0)
        -> FLVVideoTag
    {
        .picture(ByteBuffer(bytes: bytes), codec, compositionOffset: offset, isKeyFrame: true)
    }

    @Test(
        arguments: [
            ([0x90] + hvc1 + [1, 2], .sequenceHeader(ByteBuffer(bytes: [1, 2]), .hevc)),
            ([0x91] + hvc1 + [0, 0, 33, 7], picture([7], at: 33)), ([0x93] + hvc1 + [7], picture([7])),
            ([0x91] + hvc1 + [0xFF, 0xFF, 0xDF, 7], picture([7], at: -33)),
            ([0x92] + hvc1, .endOfSequence), ([0x94] + hvc1 + [2, 0, 1], .ignored),
            ([0x95] + Array("av01".utf8) + [1], .ignored),
            // AV1 has no composition times, in either form.
            ([0x91] + Array("av01".utf8) + [0x12, 0, 0, 1], picture([0x12, 0, 0, 1], .av1)),
            // Commands name no codec; metadata may come as one.
            ([0xD0, 0], .ignored), ([0xD1, 1], .ignored), ([0xD4] + hvc1, .ignored), ([0xD0], .ignored),
            // Broken: no codec, half a codec, no offset.
            ([0x90], .broken), ([0x90, 0x68, 0x76], .broken), ([0x91] + hvc1 + [0, 0], .broken),
            ([0x98] + hvc1, .broken), ([0x9F] + hvc1, .broken),
        ] as [([UInt8], FLVVideoTag)])
    func heads(_ bytes: [UInt8], _ tag: FLVVideoTag) {
        let (found, extras) = read(bytes)
        #expect(found == tag && extras == FLVExtras())
    }

    @Test func modifiers() {
        let long = [UInt8](repeating: 9, count: 300)
        // One of nanoseconds; one of an unknown kind, with a long size, before it; and the largest value there is.
        for (bytes, nanoseconds) in [
            ([0x97, 2, 0, 1, 0, 0x03] + Self.hvc1 + [7], 256),
            ([0x97, 255, 0x01, 0x2B] + long + [0x17, 2, 0, 1, 0, 0x03] + Self.hvc1 + [7], 256),
            ([0x97, 0, 5, 0x03] + Self.hvc1 + [7], 0),
            ([0x97, 2, 0xFF, 0xFF, 0xFF, 0x03] + Self.hvc1 + [7], 999_999),
        ] as [([UInt8], UInt32)] {
            let (tag, extras) = read(bytes)
            #expect(tag == Self.picture([7]) && extras.nanoseconds == nanoseconds)
        }
        for bytes in [[0x97], [0x97, 255], [0x97, 255, 1], [0x97, 2, 0, 1], [0x97, 2, 0, 1, 0]] as [[UInt8]] {
            #expect(read(bytes).0 == .broken)
        }
        // Modifiers of modifiers, as many as fit.
        let endless: [UInt8] = [0x97] + Array(repeatElement([0, 1, 0x17], count: 100_000).joined())
        #expect(read(endless).0 == .broken)
    }

    private static func tracks(_ kind: UInt8, _ packet: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0x96, kind << 4 | packet] + content
    }

    private static func sized(_ track: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [track, 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    }

    @Test func oneTrackOfSeveral() {
        let message = Self.tracks(0, 3, Self.hvc1 + [4, 7])
        for track in [nil, 4] as [UInt8?] {
            let (tag, extras) = read(message, track)
            #expect(tag == Self.picture([7]) && extras.track == 4 && extras.others == 0)
        }
        let (tag, extras) = read(message, 0)
        #expect(tag == .ignored && extras.others == 1)
    }

    @Test func manyTracksInAMessage() {
        let message = Self.tracks(
            1, 1,
            Self.hvc1 + Self.sized(0, [0, 0, 9, 1]) + Self.sized(1, [0, 0, 9, 2])
                + Self.sized(2, [0, 0, 9, 3]))
        for (track, last) in [(nil, 1), (0, 1), (1, 2), (2, 3)] as [(UInt8?, UInt8)] {
            let (tag, extras) = read(message, track)
            #expect(tag == Self.picture([last], at: 9) && extras.others == 2 && extras.track == track ?? 0)
        }
        let (tag, extras) = read(message, 9)
        #expect(tag == .ignored && extras.others == 3)
    }

    @Test func manyTracksOfManyCodecs() {
        let message = Self.tracks(
            2, 3,
            Self.avc1 + Self.sized(0, [1]) + Array("vp09".utf8) + Self.sized(1, [2]) + Self.hvc1
                + Self.sized(2, [3]))
        #expect(read(message).0 == Self.picture([1], .avc) && read(message).1.others == 2)
        #expect(read(message, 2).0 == Self.picture([3]))
        // A codec that we cannot serve matters only in the track that is taken.
        guard case .unsupported = read(message, 1).0 else {
            Issue.record("VP9 was taken")
            return
        }
    }

    @Test(
        arguments: [
            // Nothing behind, an unknown kind, several in several, a modifier behind, half a codec, no number.
            [0x96], [0x96, 0x33] + hvc1 + [0, 1], [0x96, 0x06] + hvc1 + [0], [0x96, 0x07] + hvc1 + [0],
            [0x96, 0x03, 0x68], [0x96, 0x03] + hvc1,
            // A size beyond the message, the largest there is, and half a size.
            [0x96, 0x13] + hvc1 + [0, 0, 0, 9, 1], [0x96, 0x13] + hvc1 + [0, 0xFF, 0xFF, 0xFF, 1],
            [0x96, 0x13] + hvc1 + [0, 0, 0],
            // The first is whole, the second is not.
            [0x96, 0x13] + hvc1 + [0, 0, 0, 1, 1, 1], [0x96, 0x23] + hvc1 + [0, 0, 0, 1, 1] + avc1,
        ] as [[UInt8]])
    func brokenTracks(_ bytes: [UInt8]) {
        #expect(read(bytes).0 == .broken)
        #expect(read(bytes, 0).0 == .broken)
    }

    @Test func plainMessagesAreTrackZero() {
        let plain: [UInt8] = [0x17, 1, 0, 0, 0, 7]
        #expect(read(plain, 0).0 == Self.picture([7], .avc))
        #expect(read(plain, 3) == (.ignored, FLVExtras(others: 1)))
        #expect(read([0x93] + Self.hvc1 + [7], 3) == (.ignored, FLVExtras(others: 1)))
        let sound = ByteBuffer(bytes: [0xAF, 1, 7])
        #expect(FLVAudioTag.read(sound, track: 2) == (.ignored, FLVExtras(others: 1)))
    }

    @Test func anyBytesAreRead() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200_000 {
            var bytes = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            bytes[0] |= 0x80
            _ = read(bytes, Bool.random() ? nil : bytes[bytes.count / 2])
            bytes[0] = 0x90 | bytes[0] & 0xF
            _ = FLVAudioTag.read(ByteBuffer(bytes: bytes), track: nil)
        }
    }
}
