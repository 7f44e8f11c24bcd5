import Media
import Testing

@Suite struct FormatTests {
    private func bytes(_ hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Substring(hex)
        while let pair = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(pair)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    private var high: AVCFormat {
        get throws {
            try AVCFormat(
                sps: [bytes("6764001facd9405005bb011000003e90000ea600f1831960")], pps: [bytes("68ebe3cb22c0")]
            )
        }
    }

    @Test func readsWhatX264Wrote() throws {
        let format = try high
        #expect(format.codecs == "avc1.64001f")
        #expect(format.parameters.width == 1280 && format.parameters.height == 720)
        #expect(format.parameters.frameRate == FrameRate(30000, 1001))
        #expect(!format.parameters.isInterlaced && format.parameters.bitDepthLuma == 8)
    }

    @Test func readsCroppedBaselinePortrait() throws {
        let format = try AVCFormat(
            sps: [bytes("6742c01ed901a05de688c044000003000400000300c83c58b920")], pps: [bytes("68cb83cb20")])
        #expect(format.codecs == "avc1.42c01e")
        #expect(format.parameters.width == 406 && format.parameters.height == 722)
        #expect(format.parameters.frameRate == FrameRate(25))
    }

    @Test func recordRoundTrips() throws {
        let format = try high
        #expect(try AVCFormat(record: format.record) == format)
    }

    @Test func cutOrBentRecordsThrowAndNeverTrap() throws {
        let record = try high.record
        for length in 0..<record.count - 4 {
            #expect(throws: AVCFormat.Fault.self) { try AVCFormat(record: Array(record.prefix(length))) }
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            var bent = record
            for _ in 0..<3 { bent[Int.random(in: 0..<bent.count, using: &generator)] = .random(in: 0...255) }
            _ = try? AVCFormat(record: bent)
        }
    }

    @Test(arguments: [(44100, 2, [UInt8(0x12), 0x10]), (48000, 2, [0x11, 0x90]), (48000, 1, [0x11, 0x88])])
    func aacConfigIsWrittenAndRead(rate: Int, channels: Int, config: [UInt8]) throws {
        let made = try #require(AACFormat(sampleRate: rate, channels: channels))
        #expect(made.config == config)
        #expect(AACFormat(config: config) == made)
        #expect(made.codecs == "mp4a.40.2")
    }

    @Test func brokenAACConfigsAreNil() {
        #expect(AACFormat(config: []) == nil)
        #expect(AACFormat(config: [0x12]) == nil)
        #expect(AACFormat(config: [0x16, 0x90]) == nil)  // reserved rate 13
        for first in UInt8.min...UInt8.max { _ = AACFormat(config: [first, 0xFF, 0x00]) }
    }

    @Test func golombCodesEndWithTheBytes() {
        var bits = BitReader([0, 0, 0, 0, 0])
        #expect(bits.unsignedGolomb() == nil)
        var one = BitReader([0b1010_0000])
        #expect(one.unsignedGolomb() == 0)
        #expect(one.unsignedGolomb() == 1)
    }

    @Test(arguments: [
        ("demo", true), ("a-b_c9", true), ("", false), ("Demo", false), ("-x", false), ("a/b", false),
        (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false), ("..", false),
    ])
    func showNames(text: String, isValid: Bool) {
        #expect((ShowID(text) != nil) == isValid)
    }
}
