import Codecs
import Media
import NIOCore
import Testing

private struct Contents {
    var formats: [PictureFormat] = []
    var audioFormats: [SoundFormat] = []
    var video: [AccessUnit] = []
    var audio: [AccessUnit] = []
    var metadata = FeedMetadata()

    init(_ path: String, loops: Bool = false, limit: Int = 10_000) throws {
        var reader = try MediaFileReader.open(path: path, loops: loops)
        while video.count < limit, let event = try reader.next() {
            switch event {
            case .videoFormat(let format): formats.append(format)
            case .audioFormat(let format): audioFormats.append(format)
            case .video(let unit): video.append(unit)
            case .audio(let unit): audio.append(unit)
            case .metadata(let said): metadata = said
            case .ended: break
            }
        }
    }
}

@Suite struct MediaFileReaderTests {
    @Test(arguments: ["mp4", "flv", "mkv", "ts"]) func containers(_ kind: String) throws {
        let contents = try Contents(
            TestClip.bars(
                "reader-\(kind)", seconds: 3, extra: "-bf 2", audio: "-c:a aac -b:a 96k", kind: kind))
        #expect(contents.formats.count == 1 && contents.audioFormats.count == 1)
        #expect(contents.formats[0].parameters.width == 320)
        #expect(
            contents.audioFormats[0].sampleRate == 48_000 && contents.audioFormats[0].aac?.objectType == 2)
        #expect(contents.video.count == 90)
        #expect(abs(contents.audio.count - 141) <= 3)
        #expect(contents.video.filter(\.isSync).count == 2)
        #expect(contents.video.allSatisfy { NALUnits($0.payload).isWhole && NALUnits($0.payload).hasPicture })
        #expect(contents.metadata.width == 320 && contents.metadata.height == 180)
        for (unit, next) in zip(contents.video, contents.video.dropFirst()) { #expect(next.dts > unit.dts) }
        #expect(contents.video.allSatisfy { $0.dts >= .zero && $0.pts >= $0.dts })
        #expect(contents.audio.allSatisfy { $0.payload.readableBytes > 0 && $0.pts >= .zero })
        let decoder = try VideoDecoder.open(contents.formats[0], reorderDepth: 2)
        var count = 0
        for unit in contents.video { try decoder.decode(unit) { _ in count += 1 } }
        try decoder.drain { _ in count += 1 }
        #expect(count == 90)
    }

    @Test(arguments: ["mp4", "flv", "ts"]) func loopsRunOn(_ kind: String) throws {
        let clip = try TestClip.bars("loop-\(kind)", seconds: 2, extra: "-bf 2", kind: kind)
        let contents = try Contents(clip, loops: true, limit: 400)
        #expect(contents.video.count == 400)
        let times = contents.video.map(\.pts).sorted()
        let first = times[0]
        for (index, time) in times.enumerated() {
            let expected = first + FrameRate(30).time(ofFrame: Int64(index))
            #expect((time - expected).magnitude < MediaTime(milliseconds: 12))
        }
        for (unit, next) in zip(contents.video, contents.video.dropFirst()) { #expect(next.dts > unit.dts) }
        for (unit, next) in zip(contents.audio, contents.audio.dropFirst()) { #expect(next.dts > unit.dts) }
        let end = try #require(contents.audio.last).pts.seconds
        #expect(abs(end - 13.3) < 0.3)
    }

    @Test func otherFilesAreRefused() throws {
        #expect(throws: CodecFault.self) { _ = try MediaFileReader.open(path: "/nonexistent.mp4") }
        let sound = try TestClip.make("sound", "\(TestClip.tone) -t 1 -c:a aac")
        #expect(throws: CodecFault.unsupported("the file has no H.264 or HEVC video")) {
            _ = try MediaFileReader.open(path: sound)
        }
    }
}

@Suite struct NALUnitsTests {
    @Test(
        arguments: [
            ([], false, false, false), ([0, 0, 0, 1, 0x65], true, true, true),
            ([0, 0, 0, 1, 0x41], false, true, true),
            ([0, 0, 0, 2, 0x09, 0x10, 0, 0, 0, 1, 0x25], true, true, true),
            ([0, 0, 0, 9, 0x65], false, false, false),
            ([0, 0, 0, 0], false, false, false), ([0xFF, 0xFF, 0xFF, 0xFF, 0x65], false, false, false),
            ([0, 0, 0, 1, 0x65, 0], true, true, false),
        ] as [([UInt8], Bool, Bool, Bool)])
    func table(_ bytes: [UInt8], _ hasIDR: Bool, _ hasPicture: Bool, _ isWhole: Bool) {
        let units = NALUnits(ByteBuffer(bytes: bytes))
        #expect(units.hasIDR == hasIDR)
        #expect(units.hasPicture == hasPicture)
        #expect(units.isWhole == isWhole)
    }

    /// HEVC's types: slices up to 31, of which 16 to 21 are such that a decoder may start there.
    @Test(arguments: [
        (0, false, true), (1, false, true), (9, false, true), (16, true, true), (19, true, true),
        (20, true, true), (21, true, true), (32, false, false), (33, false, false), (35, false, false),
        (39, false, false),
    ]) func hevc(_ type: UInt8, _ hasIDR: Bool, _ hasPicture: Bool) {
        let units = NALUnits(ByteBuffer(bytes: [0, 0, 0, 3, type << 1, 1, 0xAA]), .hevc)
        #expect(units.hasIDR == hasIDR && units.hasPicture == hasPicture && units.isWhole)
        #expect(!NALUnits(ByteBuffer(bytes: [0, 0, 0, 9, type << 1, 1, 0xAA]), .hevc).isWhole)
    }

    /// AV1's units: a temporal delimiter, a sequence header, frames.
    @Test(
        arguments: [
            ([], false, false, false), ([0x12, 0], false, false, true),
            ([0x12, 0, 0x0A, 1, 0, 0x32, 2, 0x10, 0xAA], true, true, true),
            ([0x32, 1, 0x30], false, true, true), ([0x1A, 1, 0x10], true, true, true),
            // A key frame that is not shown yet, and one that is shown from store.
            ([0x32, 1, 0x00], false, true, true), ([0x32, 1, 0x90], false, true, true),
            ([0x32, 9, 0x10], false, false, false), ([0x30, 1, 0x10], false, false, false),
            ([0xB2, 1, 0x10], false, false, false),
            ([0x32, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], false, false, false),
            ([0x32, 1, 0x10, 0x32], true, true, false),
        ] as [([UInt8], Bool, Bool, Bool)])
    func av1(_ bytes: [UInt8], _ hasIDR: Bool, _ hasPicture: Bool, _ isWhole: Bool) {
        let units = NALUnits(ByteBuffer(bytes: bytes), .av1)
        #expect(units.hasIDR == hasIDR && units.hasPicture == hasPicture && units.isWhole == isWhole)
    }
}

@Suite struct ThreadTests {
    @Test func aFullMailboxDropsAndCounts() throws {
        let drops = Monitor(0)
        let mailbox = BoundedMailbox<Int>(bound: 3, policy: .dropNewest) { drops.withLock { $0 += 1 } }
        #expect((0..<5).map { mailbox.put($0) } == [true, true, true, false, false])
        #expect(drops.withLock { $0 } == 2)
        #expect(mailbox.take() == 0)
        mailbox.close()
        #expect(!mailbox.put(9))
        #expect(mailbox.take() == 1)
        #expect(mailbox.take() == 2)
        #expect(mailbox.take() == nil)
    }

    @Test func aWaitingSenderLosesNothing() throws {
        let mailbox = BoundedMailbox<Int>(bound: 2, policy: .wait) {}
        let thread = try CodecThread.start(name: "sender") {
            for number in 0..<10_000 { mailbox.put(number) }
            mailbox.close()
        }
        var received: [Int] = []
        while let number = mailbox.take() { received.append(number) }
        thread.join()
        #expect(received == Array(0..<10_000))
    }

    @Test func closingFreesAWaitingSender() throws {
        let drops = Monitor(0)
        let mailbox = BoundedMailbox<Int>(bound: 1, policy: .wait) { drops.withLock { $0 += 1 } }
        mailbox.put(1)
        let thread = try CodecThread.start(name: "sender") { mailbox.put(2) }
        mailbox.close()
        thread.join()
        #expect(drops.withLock { $0 } == 1)
    }

    @Test func aBoundedWaitEnds() {
        let monitor = Monitor(0)
        #expect(monitor.wait(atMost: .milliseconds(20)) { $0 == 1 ? true : nil } == nil)
        #expect(monitor.wait(atMost: .seconds(5)) { $0 == 0 ? true : nil } == true)
    }
}
