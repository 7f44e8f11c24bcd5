import CMAF
import M3U8
import Media
import NIOCore
import Packaging
import Testing

/// Pictures that a host has lost leave the rest on its place, and no hole in the decoding times: browsers throw away what
/// stands between a hole and the next IDR picture.
@Suite struct LostPictureTests {
    private func bytes(_ stage: StageFixture, _ file: some StringProtocol) throws -> ByteBuffer {
        guard case .ready(let object) = stage.window.snapshot.media(.source, file: String(file)[...]) else {
            throw StageFixture.FixtureFault.noPlaylist
        }
        return object.buffers.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }

    @Test(arguments: [
        // The place of the first lost picture in a segment of 60, and how many are lost. A part has 15 places.
        (15, 1), (15, 3), (14, 1), (14, 2), (13, 4), (3, 2), (30, 14), (45, 1), (58, 2), (40, 3),
    ]) func leaveNoHole(_ place: Int64, _ count: Int64) throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))])
        stage.begin()
        stage.play(60 * 4, dropping: { _, frame in (place..<place + count).contains(frame % 60) }) {
            $0 % 60 == 0
        }
        let playlist = try stage.playlist(.source)
        let text = try #require(playlist.segments.last { $0.uri != nil && !$0.parts.isEmpty })
        let map = try #require(playlist.segments.compactMap(\.map).last)
        let reader = FragmentReader(track: try InitSection.read(try bytes(stage, map)))
        #expect(text.parts.count == 4 && text.parts.allSatisfy { !$0.isGap })
        var samples: [AccessUnit] = []
        var end: UInt64?
        for part in text.parts {
            for fragment in try reader.read(try bytes(stage, part.uri), arrival: .now) {
                if let end { #expect(fragment.decodeTime == end, "\(place) \(count)") }
                end = fragment.decodeTime + fragment.duration
                samples += fragment.samples
            }
        }
        let first = try #require(samples.first)
        #expect(try #require(end) == UInt64(first.dts.ticks) + 480_000, "the segment is as long as ever")
        let places = samples.map { ($0.pts - first.pts).ticks / 8000 }
        #expect(
            places == (0..<60).filter { !(place..<place + count).contains($0) }, "the rest is on its place")
        #expect(samples.allSatisfy { $0.pts >= $0.dts })
    }
}
