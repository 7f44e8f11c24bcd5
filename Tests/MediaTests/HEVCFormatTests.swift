import Media
import Testing

@Suite struct HEVCFormatTests {
    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap {
            UInt8(hex.dropFirst($0).prefix(2), radix: 16)
        }
    }

    /// What x265 3.5 wrote: 320×180, Main, 30 frames a second.
    private var main: HEVCFormat {
        get throws {
            try HEVCFormat(
                vps: [bytes("40010c01ffff01600000030090000003000003003c959409")],
                sps: [
                    bytes(
                        "42010101600000030090000003000003003ca00a080c1f3e595952930bc05a020000030002000003003c10"
                    )
                ], pps: [bytes("4401c073c189")])
        }
    }

    @Test func readsWhatX265Wrote() throws {
        let format = try main
        #expect(format.codecs == "hvc1.1.6.L60.90")
        let picture = format.parameters
        #expect(picture.width == 320 && picture.height == 180 && picture.frameRate == FrameRate(30))
        #expect(picture.profile == 1 && picture.level == 20 && picture.chromaFormat == 1)
        #expect(picture.bitDepthLuma == 8 && picture.bitDepthChroma == 8 && !picture.isInterlaced)
        // The record's head as libavformat writes it, but for how much could be decoded at once.
        #expect(Array(format.record.prefix(23)) == bytes("0101600000009000000000003cf000fcfdf8f800000f03"))
    }

    @Test func readsTenBits() throws {
        let format = try HEVCFormat(
            vps: [bytes("40010c01ffff02200000030090000003000003003c959409")],
            sps: [
                bytes("42010102200000030090000003000003003ca00a080b9f6d96565924caf01680800001f4000030d404")
            ], pps: [bytes("4401c172b46240")])
        #expect(format.codecs == "hvc1.2.4.L60.90")
        let picture = format.parameters
        #expect(picture.width == 320 && picture.height == 180 && picture.frameRate == FrameRate(25))
        #expect(picture.bitDepthLuma == 10 && picture.bitDepthChroma == 10 && picture.profile == 2)
    }

    @Test func recordRoundTrips() throws {
        let format = try main
        #expect(try HEVCFormat(record: format.record) == format)
        var old = format.record
        old[21] &= 0xFC
        #expect(throws: HEVCFormat.Fault.unsupportedLengthSize(1)) { try HEVCFormat(record: old) }
    }

    @Test func cutOrBentRecordsThrowAndNeverTrap() throws {
        let record = try main.record
        for length in 0..<record.count {
            #expect(throws: HEVCFormat.Fault.self) { try HEVCFormat(record: Array(record.prefix(length))) }
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bent = record
            for _ in 0..<3 { bent[Int.random(in: 0..<bent.count, using: &generator)] = .random(in: 0...255) }
            _ = try? HEVCFormat(record: bent)
        }
        // A hundred thousand sets are promised.
        #expect(throws: HEVCFormat.Fault.self) {
            try HEVCFormat(record: Array(record.prefix(22)) + [255, 0xA0, 0xFF, 0xFF, 0, 3, 1, 2, 3])
        }
    }

    @Test func whatIsNotThereIsNamed() throws {
        #expect(throws: HEVCFormat.Fault.noParameterSet) {
            try HEVCFormat(vps: [], sps: [[1, 2, 3]], pps: [[1, 2, 3]])
        }
        #expect(throws: HEVCFormat.Fault.badParameterSet) {
            try HEVCFormat(vps: [[1, 2, 3]], sps: [[0x42, 1, 1]], pps: [[1, 2, 3]])
        }
    }
}

@Suite struct AV1FormatTests {
    /// What SVT-AV1 1.4 wrote: 320×180, 8 bit.
    private let record: [UInt8] = [
        0x81, 0x00, 0x0C, 0x00, 0x0A, 0x0B, 0x00, 0x00, 0x00, 0x04, 0x3C, 0xFE, 0xCC, 0x02, 0xF8, 0x00, 0x40,
    ]

    @Test func readsWhatSVTWrote() throws {
        let format = try AV1Format(record: record)
        #expect(format.parameters.width == 320 && format.parameters.height == 180)
        #expect(format.parameters.bitDepthLuma == 8 && format.parameters.chromaFormat == 1)
        #expect(format.codecs == "av01.0.00M.08")
    }

    @Test func cutOrBentRecordsThrowAndNeverTrap() throws {
        for length in 0..<record.count {
            #expect(throws: AV1Format.Fault.self) { try AV1Format(record: Array(record.prefix(length))) }
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bent = record
            for _ in 0..<3 { bent[Int.random(in: 0..<bent.count, using: &generator)] = .random(in: 0...255) }
            _ = try? AV1Format(record: bent)
        }
    }
}

@Suite struct AV1TimingTests {
    /// Both counts of its timing are as large as they can be.
    @Test func aTickWithoutEndIsNoRate() {
        let record: [UInt8] = [
            0x81, 0x00, 0x00, 0x00, 0x0A, 0x11, 0x07, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0x00,
            0x00,
            0x00, 0x03, 0xFF, 0xFF, 0xFF, 0xFC,
        ]
        #expect((try? AV1Format(record: record))?.parameters.frameRate == nil)
    }
}

@Suite struct OpusFormatTests {
    static let stereo = Array("OpusHead".utf8) + [1, 2, 0x38, 1, 0x80, 0xBB, 0, 0, 0, 0, 0]

    @Test func headersAreRead() {
        #expect(OpusFormat(header: Self.stereo)?.channels == 2)
        var mono = Self.stereo
        mono[9] = 1
        #expect(OpusFormat(header: mono)?.channels == 1)
        for (place, value) in [(0, 0), (8, 0x10), (9, 0), (9, 3), (9, 9), (18, 1)] as [(Int, UInt8)] {
            var bent = Self.stereo
            bent[place] = value
            #expect(OpusFormat(header: bent) == nil, "\(place)")
        }
        for length in 0..<19 { #expect(OpusFormat(header: Array(Self.stereo.prefix(length))) == nil) }
        #expect(OpusFormat(header: Self.stereo + [UInt8](repeating: 0, count: 1000)) == nil)
    }
}
