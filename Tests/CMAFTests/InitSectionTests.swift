import CMAF
import Media
import NIOCore
import Testing

@Suite struct InitSectionTests {
    @Test func audioInitIsThis() {
        let written = InitSection.make(.aac(Sample.aac))
        #expect(hex(written) == hex(ByteBuffer(bytes: bytes(Self.audio))))
    }

    @Test func videoSampleEntryIsThis() {
        let record = hex(ByteBuffer(bytes: Sample.avc.record))
        let entry =
            "61766331 000000000000 0001 00000000000000000000000000000000 0500 02d0 00480000 00480000 00000000 0001"
            + String(repeating: "00", count: 32) + "0018ffff"
        let length = String(Sample.avc.record.count + 8, radix: 16)
        let config = String(repeating: "0", count: 8 - length.count) + length + "61766343" + record
        let plain = entry.filter { $0 != " " } + config
        #expect(hex(InitSection.make(.avc(Sample.avc))).contains(plain))
    }

    @Test func trackIsReadBack() throws {
        let video = try InitSection.read(InitSection.make(.avc(Sample.avc)))
        #expect(video.format == .avc(Sample.avc))
        #expect(video.timescale == 240_000)
        #expect(video.id == 1)
        #expect(video.brands == ["iso6", "iso6", "cmfc", "mp41"])
        #expect(!video.hasEdits)
        for rate in [48_000, 44_100, 24_000, 96_000] {
            for channels in 1...2 {
                let format = try #require(AACFormat(sampleRate: rate, channels: channels))
                let audio = try InitSection.read(InitSection.make(.aac(format)))
                #expect(audio.format == .aac(format))
                #expect(audio.timescale == UInt32(rate))
            }
        }
    }

    /// The track is as wide as the picture is shown.
    @Test func narrowPixelsAreSaid() throws {
        let wide = try AVCFormat(sps: [bytes(Self.wideSPS)], pps: [bytes("68ebe3cb22c0")])
        let aspect = wide.parameters.pixelAspect
        try #require(aspect.width != aspect.height)
        let written = hex(InitSection.make(.avc(wide)))
        let fields = [aspect.width, aspect.height].map { value in
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
        #expect(written.contains("0000001070617370" + fields))
        let shown = String(wide.parameters.width * aspect.width * 65536 / aspect.height, radix: 16)
        #expect(written.contains("40000000" + String(repeating: "0", count: 8 - shown.count) + shown))
    }

    /// 720×576 with pixels of 16:11, Baseline profile.
    private static let wideSPS = "6742c01eda02d049b041000003000100000300320f162ea0"

    /// The boxes, each with its size, indented as they lie in each other.
    private static let audio = """
        0000001c 66747970 69736f36 00000000 69736f36 636d6663 6d703431
        0000023d 6d6f6f76
          0000006c 6d766864 00000000 00000000 00000000 0000ac44 00000000 00010000 01000000 00000000
            00000000 00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000
            00000000 00000000 00000000 00000000 00000000 00000000 00000002
          000001a1 7472616b
            0000005c 746b6864 00000007 00000000 00000000 00000001 00000000 00000000 00000000 00000000
              00000000 01000000 00010000 00000000 00000000 00000000 00010000 00000000 00000000
              00000000 40000000 00000000 00000000
            0000013d 6d646961
              00000020 6d646864 00000000 00000000 00000000 0000ac44 00000000 55c40000
              00000026 68646c72 00000000 00000000 736f756e 00000000 00000000 00000000 41756469
                6f00
              000000ef 6d696e66
                00000010 736d6864 00000000 00000000
                00000024 64696e66
                  0000001c 64726566 00000000 00000001
                    0000000c 75726c20 00000001
                000000b3 7374626c
                  00000067 73747364 00000000 00000001
                    00000057 6d703461 00000000 00000001 00000000 00000000 00020010 00000000 ac440000
                      00000033 65736473 00000000 03808080 22000000 04808080 14401500 00000000 00000000
                        00000580 80800212 10068080 800102
                  00000010 73747473 00000000 00000000
                  00000010 73747363 00000000 00000000
                  00000014 7374737a 00000000 00000000 00000000
                  00000010 7374636f 00000000 00000000
          00000028 6d766578
            00000020 74726578 00000000 00000001 00000001 00000000 00000000 00000000
        """

    @Test func damagedInitNeverTraps() {
        let whole = [InitSection.make(.avc(Sample.avc)), InitSection.make(.aac(Sample.aac))]
        var readable = 0
        for seed: UInt64 in 0..<40_000 {
            let chance = Chance(seed: seed)
            var bytes = Array(whole[Int(seed % 2)].readableBytesView)
            for _ in 0..<chance.number(1...4) { bytes.damage(chance) }
            if (try? InitSection.read(ByteBuffer(bytes: bytes))) != nil { readable += 1 }
        }
        #expect((100..<39_900).contains(readable))
    }

    @Test func everyCutIsAFault() {
        for format: TrackFormat in [.avc(Sample.avc), .aac(Sample.aac)] {
            let whole = InitSection.make(format)
            for length in 0..<whole.readableBytes {
                #expect(throws: CMAFFault.self) {
                    try InitSection.read(whole.getSlice(at: 0, length: length)!)
                }
            }
        }
    }
}

extension [UInt8] {
    /// Flips, sets to an extreme, drops, inserts or cuts somewhere.
    mutating func damage(_ chance: Chance) {
        guard !isEmpty else { return }
        let place = chance.number(0...(count - 1))
        switch chance.number(0...6) {
        case 0: self[place] = UInt8(truncatingIfNeeded: chance.next())
        case 1: self[place] ^= 1 << UInt8(chance.number(0...7))
        case 2: self[place] = chance.yes() ? 0xFF : 0x7F
        case 3: for index in place..<Swift.min(count, place + 4) { self[index] = 0xFF }
        case 4: self[place] = 0
        case 5: insert(UInt8(truncatingIfNeeded: chance.next()), at: place)
        default: if chance.yes(4) { removeLast(count - place) } else { remove(at: place) }
        }
    }
}
