import CMAF
import Media
import NIOCore
import Testing

@Suite struct FragmentTests {
    private func read(_ bytes: ByteBuffer, as format: TrackFormat) throws -> [FragmentReader.Fragment] {
        let track = try InitSection.read(InitSection.make(format))
        return try FragmentReader(track: track).read(bytes, arrival: MonotonicTime(nanoseconds: 7))
    }

    @Test func videoFragmentIsThis() {
        let samples = [
            Sample.video("00000002 6588", dts: 2_400_000, offset: 8000, duration: 8000, isSync: true),
            Sample.video("00000003 419a01", dts: 2_408_000, offset: 16000, duration: 8000),
            Sample.video("00000002 0199", dts: 2_416_000, offset: -8000, duration: 8000),
        ]
        let written = FragmentWriter(format: .avc(Sample.avc)).write(samples, sequence: 9)
        let expected = """
            0000007c 6d6f6f66
              00000010 6d666864 00000000 00000009
              00000064 74726166
                00000018 74666864 00020028 00000001 00001f40 01010000
                00000014 74666474 01000000 0000000000249f00
                00000030 7472756e 01000a05 00000003 00000084 02000000
                  00000006 00001f40 00000007 00003e80 00000006 ffffe0c0
            0000001b 6d646174
              00000002 6588 00000003 419a01 00000002 0199
            """
        #expect(hex(written) == hex(ByteBuffer(bytes: bytes(expected))))
    }

    @Test func audioFragmentIsThis() {
        let samples = [Sample.audio([1, 2], frame: 431), Sample.audio([3, 4], frame: 432)]
        let written = FragmentWriter(format: .aac(Sample.aac)).write(samples, sequence: 1)
        let expected = """
            00000064 6d6f6f66
              00000010 6d666864 00000000 00000001
              0000004c 74726166
                0000001c 74666864 00020038 00000001 00000400 00000002 02000000
                00000014 74666474 01000000 000000000006bc00
                00000014 7472756e 01000001 00000002 0000006c
            0000000c 6d646174 01020304
            """
        #expect(hex(written) == hex(ByteBuffer(bytes: bytes(expected))))
    }

    @Test func nothingIsNoFragment() throws {
        #expect(FragmentWriter(format: .avc(Sample.avc)).write([], sequence: 1).readableBytes == 0)
        #expect(try read(ByteBuffer(), as: .avc(Sample.avc)).isEmpty)
    }

    @Test func oneAllocationHoldsIt() {
        let samples = (0..<12).map {
            Sample.video(
                "0000000441020304", dts: Int64($0) * 8000, offset: Int64($0 % 3) * 100, duration: 8000 + $0)
        }
        let written = FragmentWriter(format: .avc(Sample.avc)).write(samples, sequence: 1)
        var exact = ByteBufferAllocator().buffer(capacity: written.readableBytes)
        exact.writeBytes([0])
        #expect(written.capacity == exact.capacity)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        for seed: UInt64 in 0..<2000 {
            let chance = Chance(seed: seed)
            let isVideo = chance.yes()
            let format: TrackFormat = isVideo ? .avc(Sample.avc) : .aac(Sample.aac)
            let samples = isVideo ? videoRun(chance) : audioRun(chance)
            let writer = FragmentWriter(format: format)
            var file = ByteBuffer()
            var expected: [[Shape]] = []
            var rest = samples[...]
            while !rest.isEmpty {
                let part = Array(rest.prefix(chance.number(1...9)))
                rest = rest.dropFirst(part.count)
                file.writeImmutableBuffer(writer.write(part, sequence: UInt32(expected.count)))
                expected.append(part.map(Shape.init))
            }
            let fragments = try read(file, as: format)
            try #require(fragments.map { $0.samples.map(Shape.init) } == expected, "seed \(seed)")
            #expect(fragments.map(\.sequence) == Array(0..<UInt32(expected.count)))
            for (this, next) in zip(fragments, fragments.dropFirst()) {
                try #require(this.decodeTime + this.duration == next.decodeTime, "seed \(seed)")
            }
        }
    }

    private func videoRun(_ chance: Chance) -> [AccessUnit] {
        var time = Int64(chance.number(0...1_000_000_000_000))
        let steady = chance.yes()
        let offsets = chance.yes()
        return (0..<chance.number(1...30)).map { _ in
            let duration = steady ? 8008 : Int64(chance.number(1...40_000))
            defer { time += duration }
            var payload = ByteBuffer()
            payload.writeRepeatingByte(
                UInt8(truncatingIfNeeded: chance.next()), count: chance.number(0...300))
            let pts = time + (offsets ? Int64(chance.number(-16_000...80_000)) : 0)
            return AccessUnit(
                kind: .video, payload: payload, pts: MediaTime(ticks: pts), dts: MediaTime(ticks: time),
                duration: MediaTime(ticks: duration), isSync: chance.yes(3),
                arrival: MonotonicTime(nanoseconds: 7))
        }
    }

    private func audioRun(_ chance: Chance) -> [AccessUnit] {
        let first = Int64(chance.number(0...900_000_000))
        return (0..<Int64(chance.number(1...30))).map { index in
            Sample.audio([UInt8](repeating: UInt8(index), count: chance.number(0...40)), frame: first + index)
        }
    }

    @Test func damagedFragmentNeverTraps() throws {
        var readable = 0
        var chance = Chance(seed: 1)
        let tracks = try [TrackFormat.avc(Sample.avc), .aac(Sample.aac)].map {
            try InitSection.read(InitSection.make($0))
        }
        for seed: UInt64 in 0..<40_000 {
            if seed % 100 == 0 { chance = Chance(seed: seed) }
            let isVideo = chance.yes()
            let track = tracks[isVideo ? 0 : 1]
            let samples = isVideo ? videoRun(chance) : audioRun(chance)
            var bytes = Array(
                FragmentWriter(format: track.format).write(Array(samples.prefix(6)), sequence: 1)
                    .readableBytesView)
            // Damage in the boxes matters; damage in the media would go unseen.
            let head = min(bytes.count, 200)
            var front = Array(bytes[..<head])
            for _ in 0..<chance.number(1...3) { front.damage(chance) }
            bytes.replaceSubrange(..<head, with: front)
            let read = try? FragmentReader(track: track).read(
                ByteBuffer(bytes: bytes), arrival: MonotonicTime(nanoseconds: 0))
            if read != nil { readable += 1 }
        }
        #expect((100..<39_900).contains(readable))
    }

    @Test func everyCutIsAFault() throws {
        let samples = [Sample.video("000000026588", dts: 0, duration: 8000, isSync: true)]
        let whole = FragmentWriter(format: .avc(Sample.avc)).write(samples, sequence: 1)
        for length in 1..<whole.readableBytes {
            let cut = try #require(whole.getSlice(at: 0, length: length))
            #expect(throws: CMAFFault.self) { try read(cut, as: .avc(Sample.avc)) }
        }
    }

    @Test(
        arguments: [
            // A billion samples of no size at all.
            ("trun", 12, "3b9aca00", .tooMuch("trun")),
            // A place before the fragment, and one behind it.
            ("trun", 16, "80000000", .truncated("mdat")),
            ("trun", 16, "7fffffff", .truncated("mdat")),
            ("tfdt", 12, "ffffffffffffffff", .tooMuch("tfdt")),
            ("tfhd", 12, "00000002", .unsupported("tfhd")),
            ("moof", 0, "00000007", .malformed("moof")),
            ("mdat", 0, "7fffffff", .truncated("mdat")),
            ("mdat", 4, "66726565", .missing("mdat")),
            ("tfhd", 4, "66726565", .missing("tfhd")),
        ] as [(String, Int, String, CMAFFault)])
    func lieIsNamed(box: String, place: Int, value: String, fault: CMAFFault) throws {
        let samples = [Sample.video("000000026588", dts: 0, duration: 8000, isSync: true)]
        var file = Array(
            FragmentWriter(format: .avc(Sample.avc)).write(samples, sequence: 1).readableBytesView)
        let type = Array(box.utf8)
        let start = try #require((4..<file.count - 4).first { Array(file[$0..<$0 + 4]) == type }) - 4
        file.replaceSubrange(start + place..<start + place + bytes(value).count, with: bytes(value))
        #expect(throws: fault) { try read(ByteBuffer(bytes: file), as: .avc(Sample.avc)) }
    }

    /// Times that only a very fine clock makes small in seconds are still too great to count with.
    @Test func fineClockHidesNoGreatTime() throws {
        var head = Array(InitSection.make(.avc(Sample.avc)).readableBytesView)
        let type = Array("mdhd".utf8)
        let place = try #require((4..<head.count - 4).first { Array(head[$0..<$0 + 4]) == type })
        head.replaceSubrange(place + 16..<place + 20, with: bytes("ffffffff"))
        let track = try InitSection.read(ByteBuffer(bytes: head))
        try #require(track.timescale == .max)
        let samples = [Sample.video("000000026588", dts: 0, duration: 8000, isSync: true)]
        let writer = FragmentWriter(format: .avc(Sample.avc))
        for time in ["ffffffffffffffff", "8000000000000000", "4000000000000000"] {
            var file = Array(writer.write(samples, sequence: 1).readableBytesView)
            let tfdt = try #require(
                (4..<file.count - 4).first { Array(file[$0..<$0 + 4]) == Array("tfdt".utf8) })
            file.replaceSubrange(tfdt + 8..<tfdt + 16, with: bytes(time))
            #expect(throws: CMAFFault.self) {
                try FragmentReader(track: track).read(
                    ByteBuffer(bytes: file), arrival: MonotonicTime(nanoseconds: 0))
            }
        }
    }
}
