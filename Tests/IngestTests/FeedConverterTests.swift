import Ingest
import Media
import NIOCore
import RTMP
import Testing

@Suite struct FeedConverterTests {
    /// What x264 wrote for a clip of 320×180, High profile.
    static let record: [UInt8] = [
        0x01, 0x64, 0x00, 0x0C, 0xFF, 0xE1, 0x00, 0x19, 0x67, 0x64, 0x00, 0x0C, 0xAC, 0xD9, 0x41, 0x41, 0x9F,
        0x9F, 0x01, 0x6C, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1E, 0x07, 0x8A, 0x14, 0xCB, 0x01,
        0x00, 0x06, 0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0, 0xFD, 0xF8, 0xF8, 0x00,
    ]
    static let config: [UInt8] = [0x11, 0x90]

    private let arrival = MonotonicTime(nanoseconds: 7)

    private func video(_ bytes: [UInt8], at time: UInt32 = 0) -> RTMPMedia {
        .video(ByteBuffer(bytes: bytes), timestamp: time)
    }

    private func nal(_ type: UInt8, _ length: Int = 3) -> [UInt8] {
        [0, 0, 0, UInt8(length), type] + [UInt8](repeating: 0xAA, count: length - 1)
    }

    private func started() throws -> FeedConverter {
        var converter = FeedConverter()
        _ = try converter.convert(video([0x17, 0, 0, 0, 0] + Self.record), arrival: arrival)
        _ = try converter.convert(
            .audio(ByteBuffer(bytes: [0xAF, 0] + Self.config), timestamp: 0), arrival: arrival)
        return converter
    }

    @Test func headersBecomeFormatsOnceEach() throws {
        var converter = FeedConverter()
        let header = video([0x17, 0, 0, 0, 0] + Self.record)
        guard case .videoFormat(let format) = try converter.convert(header, arrival: arrival) else {
            Issue.record("no format")
            return
        }
        #expect(format.parameters.width == 320 && format.parameters.height == 180)
        #expect(try converter.convert(header, arrival: arrival) == nil)
        var changed = Self.record
        changed[changed.count - 6] ^= 1
        #expect(try converter.convert(video([0x17, 0, 0, 0, 0] + changed), arrival: arrival) != nil)
        let audio = RTMPMedia.audio(ByteBuffer(bytes: [0xAF, 0] + Self.config), timestamp: 0)
        guard case .audioFormat(let aac) = try converter.convert(audio, arrival: arrival) else {
            Issue.record("no format")
            return
        }
        #expect(aac.sampleRate == 48000 && aac.channels == 2)
        #expect(try converter.convert(audio, arrival: arrival) == nil)
        // An encoder that does not know its parameters yet.
        #expect(try converter.convert(video([0x17, 0, 0, 0, 0]), arrival: arrival) == nil)
    }

    @Test func picturesKeepTheirPlaceAndBytes() throws {
        var converter = try started()
        let payload = nal(0x09) + nal(0x65, 5)
        guard
            case .video(let unit) = try converter.convert(
                video([0x17, 1, 0, 0, 80] + payload, at: 1000), arrival: arrival)
        else {
            Issue.record("no picture")
            return
        }
        #expect(unit.dts == MediaTime(milliseconds: 1000) && unit.pts == MediaTime(milliseconds: 1080))
        #expect(unit.isSync && unit.arrival == arrival && Array(unit.payload.readableBytesView) == payload)
        // The flag says "key frame", the bytes do not: only an IDR picture lets a decoder start.
        guard
            case .video(let other) = try converter.convert(
                video([0x17, 1, 0xFF, 0xFF, 0xD8] + nal(0x41), at: 1040), arrival: arrival)
        else {
            Issue.record("no picture")
            return
        }
        #expect(!other.isSync && other.pts == MediaTime(milliseconds: 1000))
    }

    @Test func timeRunsOnAcrossTheWrapForBothKinds() throws {
        var converter = try started()
        func time(_ event: FeedEvent?) -> Int64? {
            switch event {
            case .video(let unit), .audio(let unit): unit.dts.milliseconds
            default: nil
            }
        }
        let frame = ByteBuffer(bytes: [0xAF, 1, 9])
        let start = Int64(UInt32.max) - 10
        #expect(
            try time(converter.convert(.audio(frame, timestamp: UInt32.max - 10), arrival: arrival)) == start)
        #expect(
            try time(converter.convert(video([0x27, 1, 0, 0, 0] + nal(0x41), at: 9), arrival: arrival))
                == start + 20)
        #expect(
            try time(converter.convert(.audio(frame, timestamp: UInt32.max), arrival: arrival)) == start + 10)
    }

    @Test(
        arguments: [
            [0x27, 1, 0, 0, 0], [0x27, 1, 0, 0, 0, 0, 0, 0, 9, 0x41],
            [0x27, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x41],
            [0x27, 1, 0, 0, 0, 0, 0, 0, 0], [0x27, 1, 0, 0, 0, 0, 0, 0, 1],
            [0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41, 0, 0],
            [0x27, 1, 0], [0x27, 7, 0, 0, 0],
        ] as [[UInt8]])
    func brokenPicturesAreDroppedAndCounted(bytes: [UInt8]) throws {
        var converter = try started()
        #expect(try converter.convert(video(bytes), arrival: arrival) == nil)
        #expect(converter.dropped == 1)
        #expect(try converter.convert(video([0x27, 1, 0, 0, 0] + nal(0x41)), arrival: arrival) != nil)
    }

    @Test func mediaBeforeItsHeaderIsDropped() throws {
        var converter = FeedConverter()
        #expect(try converter.convert(video([0x17, 1, 0, 0, 0] + nal(0x65)), arrival: arrival) == nil)
        #expect(
            try converter.convert(.audio(ByteBuffer(bytes: [0xAF, 1, 9]), timestamp: 0), arrival: arrival)
                == nil)
        #expect(converter.dropped == 2)
    }

    @Test(
        arguments: [
            ([0x22, 0], "video codec Sorenson H.263 is not supported, use H.264 (or HEVC or AV1)"),
            ([0x90] + Array("hvc1".utf8) + [1, 2], "the HEVC sequence header cannot be read"),
            ([0x90] + Array("av01".utf8) + [1, 2], "the AV1 sequence header cannot be read"),
            ([0x17, 0, 0, 0, 0, 1, 2], "the H.264 sequence header cannot be read"),
            (
                [0x17, 0, 0, 0, 0] + record[..<4] + [0xFD] + record[5...],
                "H.264 with NAL lengths of 2 bytes is not supported, use 4"
            ),
        ] as [([UInt8], String)])
    func whatCannotBeServedIsRejectedInWords(bytes: [UInt8], reason: String) {
        var converter = FeedConverter()
        #expect(throws: RTMPRejection(reason: reason)) {
            try converter.convert(video(bytes), arrival: arrival)
        }
    }

    /// What x265 wrote for a clip of 320×180.
    private static let hevc = try! HEVCFormat(
        vps: [hex("40010c01ffff01600000030090000003000003003c959409")],
        sps: [
            hex("42010101600000030090000003000003003ca00a080c1f3e595952930bc05a020000030002000003003c10")
        ], pps: [hex("4401c073c189")])

    private static func hex(_ text: String) -> [UInt8] {
        stride(from: 0, to: text.count, by: 2).compactMap { UInt8(text.dropFirst($0).prefix(2), radix: 16) }
    }

    private func unit(_ event: FeedEvent?) throws -> AccessUnit {
        switch event {
        case .video(let unit), .audio(let unit): return unit
        default: throw RTMPRejection(reason: "no unit")
        }
    }

    @Test func hevcComesInTheEnhancedForm() throws {
        var converter = FeedConverter()
        let code = Array("hvc1".utf8)
        let header = video([0x90] + code + Self.hevc.record)
        guard case .videoFormat(.hevc(let format)) = try converter.convert(header, arrival: arrival) else {
            Issue.record("no format")
            return
        }
        #expect(format == Self.hevc)
        #expect(try converter.convert(header, arrival: arrival) == nil)
        // A clean random access picture, 40 ms before its time; and a trailing one.
        let key = try unit(
            converter.convert(video([0x91] + code + [0, 0, 40] + nal(21 << 1), at: 100), arrival: arrival))
        #expect(key.isSync && key.pts.milliseconds == 140 && key.dts.milliseconds == 100)
        let other = try unit(converter.convert(video([0xA3] + code + nal(1 << 1), at: 133), arrival: arrival))
        #expect(!other.isSync && other.pts.milliseconds == 133)
        // Pictures of a codec that was not announced.
        #expect(
            try converter.convert(video([0x17, 1, 0, 0, 0] + nal(0x65), at: 140), arrival: arrival) == nil)
        #expect(converter.dropped == 1)
        #expect(try converter.convert(video([0x92] + code), arrival: arrival) == nil)
    }

    @Test func ofSeveralTracksTheFirstIsTaken() throws {
        var converter = try started()
        let code = Array("avc1".utf8)
        // Another track's header, and its pictures: one at a time, and with ours.
        #expect(
            try converter.convert(video([0x96, 0x00] + code + [1] + Self.record), arrival: arrival) == nil)
        #expect(
            try converter.convert(video([0x96, 0x03] + code + [1] + nal(0x65), at: 5), arrival: arrival)
                == nil)
        #expect(converter.others == 2 && converter.dropped == 0)
        let (mine, theirs) = (nal(0x65, 5), nal(0x65, 9))
        let both =
            [0x96, 0x13] + code + [1, 0, 0, UInt8(theirs.count)] + theirs + [0, 0, 0, UInt8(mine.count)]
            + mine
        let taken = try unit(converter.convert(video(both, at: 40), arrival: arrival))
        #expect(Array(taken.payload.readableBytesView) == mine && taken.dts.milliseconds == 40)
        #expect(converter.others == 3)
        // Sound likewise.
        let sound = [0x95, 0x01] + Array("mp4a".utf8) + [2, 9, 9]
        #expect(
            try converter.convert(.audio(ByteBuffer(bytes: sound), timestamp: 41), arrival: arrival) == nil)
        #expect(converter.others == 4)
        // A host whose only track has another number.
        var late = FeedConverter()
        #expect(try late.convert(video([0x96, 0x00] + code + [7] + Self.record), arrival: arrival) != nil)
        #expect(try late.convert(video([0x96, 0x03] + code + [7] + nal(0x65)), arrival: arrival) != nil)
        #expect(try late.convert(video([0x17, 1, 0, 0, 0] + nal(0x65)), arrival: arrival) == nil)
        #expect(late.others == 1 && late.dropped == 0)
    }

    @Test func nanosecondsAreAdded() throws {
        var converter = try started()
        // A modifier of three bytes: 500,000 ns; the packet behind it is a coded picture without an offset.
        let bytes = [0x97, 2, 0x07, 0xA1, 0x20, 0x03] + Array("avc1".utf8) + nal(0x65)
        let unit = try unit(converter.convert(video(bytes, at: 10), arrival: arrival))
        #expect(unit.dts == MediaTime(milliseconds: 10) + MediaTime(ticks: 120) && unit.pts == unit.dts)
    }

    @Test func opusComesInTheEnhancedForm() throws {
        var converter = FeedConverter()
        let header = Array("OpusHead".utf8) + [1, 2, 0x38, 1, 0x80, 0xBB, 0, 0, 0, 0, 0] as [UInt8]
        let opus = Array("Opus".utf8)
        func sound(_ bytes: [UInt8]) -> RTMPMedia { .audio(ByteBuffer(bytes: bytes), timestamp: 20) }
        #expect(throws: RTMPRejection(reason: "the Opus sequence header cannot be read")) {
            try converter.convert(sound([0x90] + opus + [1]), arrival: arrival)
        }
        guard
            case .audioFormat(.opus(let format)) = try converter.convert(
                sound([0x90] + opus + header), arrival: arrival)
        else {
            Issue.record("no format")
            return
        }
        #expect(format.channels == 2)
        #expect(
            try unit(converter.convert(sound([0x91] + opus + [7, 7]), arrival: arrival)).pts.milliseconds
                == 20)
        #expect(try converter.convert(sound([0xAF, 1, 7, 7]), arrival: arrival) == nil)
        #expect(converter.dropped == 1)
    }

    @Test func metadataIsReadWithCare() {
        func read(_ properties: [AMF0Property]) -> FeedMetadata { FeedMetadata(onMetaData: properties) }
        let usual = read([
            AMF0Property("width", .number(1280)), AMF0Property("height", .string("720")),
            AMF0Property("framerate", .number(29.97)), AMF0Property("videodatarate", .number(2500)),
            AMF0Property("audiodatarate", .number(128)), AMF0Property("encoder", .string("obs\n1")),
        ])
        #expect(usual.width == 1280 && usual.height == 720 && usual.framesPerSecond == 29.97)
        #expect(usual.videoKilobits == 2500 && usual.audioKilobits == 128 && usual.encoder == "obs1")
        for value in [.nan, .infinity, -.infinity, 0, -1, 1e300, .greatestFiniteMagnitude] as [Double] {
            let odd = read(
                ["width", "height", "framerate", "videodatarate"].map { AMF0Property($0, .number(value)) })
            #expect(odd == FeedMetadata())
        }
        #expect(read([AMF0Property("width", .null), AMF0Property("encoder", .number(1))]) == FeedMetadata())
    }
}
