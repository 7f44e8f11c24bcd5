import Codecs
import Media
import NIOCore
import Preflight
import Testing

/// Key frames of real clips: how bright they are, and whether they are the same picture again.
@Suite struct EyeTests {
    private static let x264 =
        "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 60 -keyint_min 60 -sc_threshold 0 -an"

    /// What the observer sees of a clip's key frames.
    private func look(_ path: String) throws -> (watch: PictureWatch, seen: Int) {
        var reader = try MediaFileReader.open(path: path)
        var eye: Eye?
        var watch = PictureWatch()
        var seen = 0
        while let event = try reader.next() {
            if case .videoFormat(let format) = event { eye = try Eye(format) }
            guard case .video(let unit) = event, unit.isSync, let found = try eye?.see(unit) else { continue }
            seen += 1
            watch.add(
                found, at: MonotonicTime(nanoseconds: unit.dts.duration.components.seconds * 1_000_000_000))
        }
        return (watch, seen)
    }

    /// Keeps the decoder, which cannot be copied, in a place that a closure can reach.
    private final class Eye {
        private let decoder: VideoDecoder

        init(_ format: PictureFormat) throws {
            decoder = try VideoDecoder.open(format, reorderDepth: 0, isRough: true)
        }

        func see(_ unit: AccessUnit) throws -> LumaThumbnail? {
            var found: LumaThumbnail?
            try decoder.decodeAlone(unit) { found = $0.thumbnail }
            return found
        }
    }

    @Test(arguments: [
        ("black", "-pix_fmt yuv420p", Float(-1)...2), ("white", "-pix_fmt yuv420p", 250...255),
        ("gray", "-pix_fmt yuv420p", 120...135),
        ("gray", "-pix_fmt yuv420p10le -profile:v high10", 120...135),
        ("gray", "-pix_fmt yuvj420p -color_range pc", 120...135), ("gray", "-pix_fmt yuv444p", 120...135),
    ]) func brightness(_ colour: String, _ format: String, _ expected: ClosedRange<Float>) throws {
        let name = "\(colour)-\(format.filter { $0.isLetter || $0.isNumber })"
        let path = try Clip.make(
            name,
            "-f lavfi -i color=\(colour):s=640x360:r=30 -t 3 -c:v libx264 -preset ultrafast -g 30 -an \(format)"
        )
        let (watch, seen) = try look(path)
        #expect(seen == 3)
        #expect(expected.contains(try #require(watch.brightness)), "\(String(describing: watch.brightness))")
    }

    /// One picture over and over, coded anew at a rate that makes each key frame a little different; the same shot by a
    /// camera, whose noise is all that moves; and the same with B-frames and a reference structure of their own.
    @Test(arguments: [
        (
            "frozen",
            "-vf loop=loop=-1:size=1:start=0,format=yuv420p -b:v 1500k -maxrate 1500k -bufsize 1500k -bf 0",
            true
        ),
        ("frozen-b", "-vf loop=loop=-1:size=1:start=0,format=yuv420p -b:v 1500k -bf 2", true),
        (
            "still-camera",
            "-vf loop=loop=-1:size=1:start=0,noise=alls=6:allf=t -b:v 1500k -maxrate 1500k -bufsize 1500k -bf 0",
            false
        ),
        ("moving", "-b:v 1500k -bf 2", false),
    ]) func frozen(_ name: String, _ options: String, _ isFrozen: Bool) throws {
        let path = try Clip.make(
            name, "-f lavfi -i testsrc2=s=1280x720:r=30 -t 20 \(Self.x264) \(options)")
        let (watch, seen) = try look(path)
        #expect(seen == 10, "one comes out for each that goes in")
        let still = try #require(watch.still)
        #expect((still >= .seconds(12)) == isFrozen, "\(still)")
    }
}
