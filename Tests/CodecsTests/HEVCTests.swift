import Codecs
import Media
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct HEVCTests {
    private func clip(_ name: String, _ more: String = "", kind: String = "mp4") throws -> String {
        try TestClip.make(
            name,
            "-f lavfi -i testsrc2=s=320x180:r=30 \(TestClip.tone) -t 3 -c:v libx265 -preset ultrafast"
                + " -x265-params log-level=0:keyint=30:bframes=3 -c:a aac \(more)", kind: kind)
    }

    private func read(_ path: String) throws -> (PictureFormat, [AccessUnit]) {
        var reader = try MediaFileReader.open(path: path)
        var format: PictureFormat?
        var units: [AccessUnit] = []
        while let event = try reader.next() {
            if case .video(let unit) = event { units.append(unit) }
            if case .videoFormat(let next) = event { format = next }
        }
        return (try #require(format), units)
    }

    private func decode(_ format: PictureFormat, _ units: [AccessUnit]) throws -> [Picture] {
        let decoder = try VideoDecoder.open(format, reorderDepth: 2)
        var pictures: [Picture] = []
        for unit in units { try decoder.decode(unit) { pictures.append($0) } }
        try decoder.drain { pictures.append($0) }
        return pictures
    }

    /// As x265 makes it of its own accord, with open groups: what leads a later key frame stays in order.
    @Test(arguments: ["mp4", "ts"]) func comesOutInOrder(_ kind: String) throws {
        let (format, units) = try read(clip("hevc-\(kind)", kind: kind))
        #expect(format.codec == .hevc && format.codecs.hasPrefix("hvc1.1.6.L60."))
        #expect(format.parameters.width == 320 && format.parameters.height == 180)
        #expect(format.parameters.frameRate == FrameRate(30))
        #expect(units.count >= 89 && units.count { $0.isSync } == 3)
        let pictures = try decode(format, units)
        #expect(pictures.count == units.count)
        #expect(zip(pictures, pictures.dropFirst()).allSatisfy { $0.pts < $1.pts })
        #expect(Set(pictures.map(\.pts)) == Set(units.map(\.pts)))
        #expect(pictures.allSatisfy { $0.width == 320 && $0.height == 180 })
    }

    @Test func tenBitsAreReadToo() throws {
        let (format, units) = try read(clip("hevc10", "-pix_fmt yuv420p10le"))
        #expect(format.parameters.bitDepthLuma == 10 && format.parameters.profile == 2)
        #expect(try decode(format, units).count == units.count)
    }

    /// Our own host sends it as a transport stream, our own listener reads it.
    @Test func whatOurWriterMuxesIsRead() throws {
        let (format, units) = try read(clip("hevc-mp4"))
        var writer = try TransportStreamWriter.open(video: format, audio: nil)
        var bytes: [UInt8] = []
        for unit in units { bytes += try Array(writer.write(unit).readableBytesView) }
        let stream = bytes
        let place = Mutex(0)
        var reader = try TransportStreamReader.open { room in
            place.withLock { place in
                let count = min(room.count, stream.count - place)
                room.copyBytes(from: stream[place..<place + count])
                place += count
                return count
            }
        }
        var again: [AccessUnit] = []
        var formats: [PictureFormat] = []
        while let event = try reader.next() {
            if case .video(let unit) = event { again.append(unit) }
            if case .videoFormat(let format) = event { formats.append(format) }
        }
        #expect(formats == [format])
        #expect(again.count >= units.count - 1)
        #expect(again.prefix(80).map(\.isSync) == units.prefix(80).map(\.isSync))
    }
}
