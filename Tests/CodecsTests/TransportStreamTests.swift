import Codecs
import Foundation
import Media
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct TransportStreamTests {
    /// Gives `bytes` in pieces of `piece` at most.
    private static func open(
        _ bytes: [UInt8], piece: Int = 1316
    ) throws(CodecFault) -> TransportStreamReader {
        let place = Mutex(0)
        return try TransportStreamReader.open { room in
            place.withLock { place in
                let count = min(room.count, piece, bytes.count - place)
                guard count > 0 else { return 0 }
                room.copyBytes(from: bytes[place..<place + count])
                place += count
                return count
            }
        }
    }

    private static func read(_ bytes: [UInt8], piece: Int = 1316) throws -> [FeedEvent] {
        var reader = try open(bytes, piece: piece)
        var events: [FeedEvent] = []
        while let event = try reader.next() { events.append(event) }
        return events
    }

    private static func units(_ events: [FeedEvent], _ kind: AccessUnit.Kind) -> [AccessUnit] {
        events.compactMap {
            switch $0 {
            case .video(let unit) where kind == .video: unit
            case .audio(let unit) where kind == .audio: unit
            default: nil
            }
        }
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test(arguments: [188, 1316, 65_536]) func whatWasMuxedComesOut(piece: Int) throws {
        let path = try TestClip.bars("stream", extra: "-bf 2 -sc_threshold 0", kind: "ts")
        let events = try Self.read(try Self.bytes(path), piece: piece)
        var reader = try MediaFileReader.open(path: path)
        var expected: [FeedEvent] = []
        while let event = try reader.next() { expected.append(event) }
        for kind in [AccessUnit.Kind.video, .audio] {
            let mine = Self.units(events, kind)
            // The last picture is ended by nothing but the end of the bytes.
            let theirs = Self.units(expected, kind).dropLast(kind == .video ? 1 : 0)
            #expect(mine.count >= theirs.count && !theirs.isEmpty)
            #expect(mine.suffix(theirs.count).map(\.payload) == theirs.map(\.payload))
            #expect(mine.map(\.isSync).count { $0 } >= 3)
            #expect(zip(mine, mine.dropFirst()).allSatisfy { $0.dts < $1.dts })
            #expect(mine.allSatisfy { $0.arrival.nanoseconds > 0 && $0.pts >= $0.dts })
        }
        guard
            case .videoFormat(let format) = events.first(where: {
                if case .videoFormat = $0 { true } else { false }
            })
        else {
            Issue.record("the picture's format comes first")
            return
        }
        #expect(format.parameters.width == 320 && format.parameters.height == 180)
    }

    @Test func aStreamThatIsDamagedGoesOn() throws {
        var bytes = try Self.bytes(try TestClip.bars("stream", extra: "-bf 2 -sc_threshold 0", kind: "ts"))
        let whole = Self.units(try Self.read(bytes), .video).count
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            bytes[Int.random(in: 4096..<bytes.count, using: &random)] = UInt8.random(
                in: 0...255, using: &random)
        }
        // Cut in the middle of a packet, twice.
        bytes.removeSubrange(bytes.count / 2..<bytes.count / 2 + 1000)
        let events = try Self.read(bytes)
        #expect(Self.units(events, .video).count > whole / 2)
    }

    @Test func aPictureThatIsCutOffIsNotHandedOn() throws {
        let path = try TestClip.bars("stream", extra: "-bf 2 -sc_threshold 0", kind: "ts")
        let bytes = try Self.bytes(path)
        let whole = try Self.read(bytes)
        for cut in [1, 188 * 3, 188 * 7 + 100, 188 * 40] {
            let events = try Self.read(Array(bytes.dropLast(cut)))
            for kind in [AccessUnit.Kind.video, .audio] {
                let units = Self.units(events, kind)
                #expect(units.map(\.payload) == Self.units(whole, kind).prefix(units.count).map(\.payload))
            }
        }
    }

    /// The counter's 33 bits start again in the middle; libav makes one of it, and so do we a day later.
    @Test func theCounterStartsAgain() throws {
        let path = try TestClip.bars("again", extra: "-bf 2 -output_ts_offset 95442", kind: "ts")
        let units = Self.units(try Self.read(try Self.bytes(path)), .video)
        #expect(units.count > 140)
        for (unit, next) in zip(units, units.dropFirst()) {
            #expect(next.dts > unit.dts && next.dts - unit.dts < MediaTime(milliseconds: 40))
        }
    }

    @Test func noiseIsNoStream() {
        let bytes = (0..<1_000_000).map { _ in UInt8.random(in: 0...255) }
        #expect(throws: CodecFault.self) { try Self.read(bytes) }
        #expect(throws: CodecFault.self) { try Self.read([]) }
    }

    /// Two languages and a track that nobody here can read: the first that can be read is taken.
    @Test func ofSeveralTracksTheFirstIsTaken() throws {
        let path = try TestClip.make(
            "tracks",
            "-f lavfi -i testsrc2=s=320x180:r=30 -f lavfi -i sine=f=440:r=48000 -f lavfi -i sine=f=880:r=44100"
                + " -t 2 -map 0:v -map 1:a -map 1:a -map 2:a -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 30"
                + " -c:a:0 mp2 -c:a:1 aac -c:a:2 aac", kind: "ts")
        let events = try Self.read(try Self.bytes(path))
        let formats = events.compactMap { event -> SoundFormat? in
            if case .audioFormat(let format) = event { format } else { nil }
        }
        #expect(formats.map(\.sampleRate) == [48_000])
        let sound = Self.units(events, .audio).map(\.pts)
        #expect(sound.count > 85 && sound.count < 100)
        for (time, next) in zip(sound, sound.dropFirst()) { #expect(next > time) }
        #expect(Self.units(events, .video).count >= 59)
    }

    @Test func codecsThatCannotBeServedAreNamed() throws {
        let path = try TestClip.make(
            "mpeg2", "-f lavfi -i testsrc2=s=320x180:r=30 -t 1 -c:v mpeg2video", kind: "ts")
        let fault = #expect(throws: CodecFault.self) { try Self.read(try Self.bytes(path)) }
        #expect(
            fault?.description.contains("mpeg2video") == true && fault?.description.contains("H.264") == true)
    }
}
