import Ingest
import Media
import NIOCore
import RTMP
import Testing

private func at(_ seconds: Int64) -> MonotonicTime {
    MonotonicTime(nanoseconds: 1_000_000_000 + seconds * 1_000_000_000)
}

@Suite struct PictureDeadlineTests {
    @Test(
        arguments: [
            (false, false, false, 13, "has no video"), (true, false, false, 13, "parameters"),
            (true, true, false, 41, "no key frame"),
        ] as [(Bool, Bool, Bool, Int64, String)])
    func aFeedThatNeverComesOnAirIsSentAway(
        _ picture: Bool, _ format: Bool, _ key: Bool, _ seconds: Int64, _ words: String
    ) {
        var deadline = PictureDeadline()
        #expect(deadline.verdict(at: at(0)) == nil)
        if picture { deadline.sawPicture(isKey: key) }
        if format { deadline.sawFormat() }
        #expect(deadline.verdict(at: at(seconds - 2)) == nil)
        #expect(deadline.verdict(at: at(seconds))?.contains(words) == true)
        deadline.sawPicture(isKey: true)
        #expect(deadline.verdict(at: at(seconds + 1000)) == nil)
    }

    @Test func aTransportStreamUnderWayHasUntilItsNextKeyFrame() {
        var deadline = PictureDeadline(parametersComeWithKeys: true)
        #expect(deadline.verdict(at: at(0)) == nil)
        deadline.sawPicture(isKey: false)
        #expect(deadline.verdict(at: at(39)) == nil)
        #expect(deadline.verdict(at: at(41))?.contains("parameters") == true)
    }

    @Test func soundAloneEndsAnRTMPFeedWithItsReason() throws {
        var converter = FeedConverter()
        let header = RTMPMedia.audio(
            ByteBuffer(bytes: [0xAF, 0] + FeedConverterTests.config), timestamp: 0)
        _ = try converter.convert(header, arrival: at(0))
        let frame = RTMPMedia.audio(ByteBuffer(bytes: [0xAF, 1, 9]), timestamp: 20)
        #expect(try converter.convert(frame, arrival: at(11)) != nil)
        #expect(throws: RTMPRejection.self) { try converter.convert(frame, arrival: at(13)) }
    }
}

@Suite struct InBandParametersTests {
    private static func nal(_ bytes: [UInt8]) -> [UInt8] {
        [0, 0, 0, UInt8(bytes.count)] + bytes
    }

    /// The parameter sets of a record, as they would come inside a picture.
    private static func sets(_ record: [UInt8]) -> [UInt8] {
        let spsLength = Int(record[7])
        let pps = record[(8 + spsLength + 3)...].prefix(Int(record[8 + spsLength + 2]))
        return nal(Array(record[8..<8 + spsLength])) + nal(Array(pps))
    }

    @Test func parametersInsideAPictureGoBeforeIt() throws {
        let record = FeedConverterTests.record
        var converter = FeedConverter()
        func key(_ sets: [UInt8]) -> RTMPMedia {
            .video(
                ByteBuffer(bytes: [0x17, 1, 0, 0, 0] + sets + Self.nal([0x65, 1, 2])), timestamp: 40)
        }
        let start = MonotonicTime(nanoseconds: 1)
        let header = RTMPMedia.video(ByteBuffer(bytes: [0x17, 0, 0, 0, 0] + record), timestamp: 0)
        guard case .videoFormat(let first) = try converter.convert(header, arrival: start) else {
            Issue.record("no format")
            return
        }
        // The same again means nothing.
        #expect(try converter.convert(key(Self.sets(record)), arrival: start) != nil)
        #expect(converter.takeChange() == nil)
        // Another level: the sixth byte of the sets is its place in the SPS.
        var sets = Self.sets(record)
        sets[7] = 30
        #expect(try converter.convert(key(sets), arrival: start) != nil)
        guard case .videoFormat(let next) = converter.takeChange() else {
            Issue.record("no change")
            return
        }
        #expect(next.parameters.level == 30 && first.parameters.level != 30)
        #expect(converter.takeChange() == nil)
        // Nor does rubbish.
        #expect(try converter.convert(key(Self.nal([0x67, 1])), arrival: start) != nil)
        #expect(converter.takeChange() == nil)
    }
}
