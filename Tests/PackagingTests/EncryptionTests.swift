import Crypto
import CryptoExtras
import Foundation
import M3U8
import Media
import NIOCore
import Packaging
import Testing

/// What players get of an encrypted show opens with the keys that its playlists tell of, and only so.
@Suite struct EncryptionTests {
    private struct Opened {
        var key: String
        var vector: [UInt8]
        var map: String
        var parts: [ByteBuffer]
        var whole: ByteBuffer?
    }

    private func file(_ stage: StageFixture, _ name: RenditionName, _ file: String) throws -> MediaObject {
        guard case .ready(let object) = stage.window.snapshot.media(name, file: file[...]) else {
            throw StageFixture.FixtureFault.noPlaylist
        }
        return object
    }

    private func opened(_ object: MediaObject, _ key: [UInt8], _ vector: [UInt8]) throws -> ByteBuffer {
        let sealed = object.buffers.flatMap { Array($0.readableBytesView) }
        #expect(sealed.count % 16 == 0)
        return ByteBuffer(
            bytes: try AES._CBC.decrypt(
                sealed, using: SymmetricKey(data: key), iv: AES._CBC.IV(ivBytes: vector)))
    }

    /// 600 MB of a show go through a window of twelve seconds, 36 MB.
    @Test func memoryIsBoundedWithoutAnArchive() throws {
        func resident() throws -> Int {
            let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
        }
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))], segments: 6) {
            $0.segmentsPerKey = 3
        }
        stage.pictureSizes = (100_000, 100_000)
        stage.begin()
        stage.play(60 * 12) { $0 % 60 == 0 }
        let before = try resident()
        stage.play(60 * 100) { $0 % 60 == 0 }
        let grown = try resident() - before
        #expect(grown < 300 << 20, "\(grown >> 20) MiB")
    }

    /// Every segment that a playlist lists, opened by what the playlist says.
    private func read(_ stage: StageFixture, _ name: RenditionName) throws -> [Opened] {
        guard case .ready(let text) = stage.window.snapshot.playlist(name, BlockingRequest()) else {
            throw StageFixture.FixtureFault.noPlaylist
        }
        var found: [Opened] = []
        var (file, vector, map): (String?, [UInt8], String?) = (nil, [], nil)
        var parts: [ByteBuffer] = []
        func bytes() throws -> [UInt8] {
            let object = try self.file(stage, name, try #require(file))
            #expect(object.kind == .key && object.length == 16)
            return object.buffers.flatMap { Array($0.readableBytesView) }
        }
        for line in String(buffer: text.plain).split(separator: "\n") {
            if let key = line.wholeMatch(of: /#EXT-X-KEY:METHOD=AES-128,URI="([^"]+)",IV=0x([0-9a-fA-F]{32})/)
            {
                file = String(key.1)
                let digits = Array(key.2)
                vector = stride(from: 0, to: 32, by: 2).compactMap {
                    UInt8(String(digits[$0...$0 + 1]), radix: 16)
                }
            } else if let section = line.wholeMatch(of: /#EXT-X-MAP:URI="([^"]+)"/) {
                map = String(section.1)
            } else if let part = line.firstMatch(of: /#EXT-X-PART:.*URI="([^"]+)"/) {
                parts.append(try opened(self.file(stage, name, String(part.1)), bytes(), vector))
            } else if line.hasPrefix("#EXTINF") {
                continue
            } else if !line.hasPrefix("#"), !line.hasPrefix("gap") {
                let whole = try opened(self.file(stage, name, String(line)), bytes(), vector)
                let section = try #require(map)
                let plain = try opened(self.file(stage, name, section), bytes(), vector)
                #expect(Array(plain.readableBytesView.dropFirst(4).prefix(4)) == Array("ftyp".utf8))
                found.append(
                    Opened(key: try #require(file), vector: vector, map: section, parts: parts, whole: whole))
                parts = []
            }
        }
        return found
    }

    private func stage(segmentsPerKey: UInt64 = 3) -> StageFixture {
        StageFixture(videos: [.init(name: .source, rate: FrameRate(30))], segments: 8) {
            $0.segmentsPerKey = segmentsPerKey
        }
    }

    @Test func partsAndSegmentsOpen() throws {
        let stage = stage()
        stage.begin()
        stage.play(60 * 9 + 40) { $0 % 60 == 0 }
        for name in stage.names {
            let segments = try read(stage, name)
            #expect(segments.count >= 7)
            #expect((3...4).contains(Set(segments.map(\.key)).count), "a new key every three segments")
            for segment in segments {
                let whole = try #require(segment.whole)
                #expect(Array(whole.readableBytesView.dropFirst(4).prefix(4)) == Array("moof".utf8))
                if !segment.parts.isEmpty {
                    let joined = segment.parts.flatMap { Array($0.readableBytesView) }
                    #expect(joined == Array(whole.readableBytesView), "the parts are the segment")
                }
            }
            // Nothing is there in the clear.
            let clear = try #require(segments.first).map.replacing(/k\d+-/, with: "-")
            guard case .unknown = stage.window.snapshot.media(name, file: clear[...]) else {
                Issue.record("\(clear) is there")
                continue
            }
        }
        let keys = try stage.names.map { Set(try read(stage, $0).map(\.vector)) }
        #expect(keys[0].isDisjoint(with: keys[1]), "each rendition has its own")
        #expect(stage.window.snapshot.manifest == nil)
    }

    /// Keys change at the same number in every rendition.
    @Test func keysChangeTogether() throws {
        let stage = stage()
        stage.begin()
        stage.play(60 * 9) { $0 % 60 == 0 }
        let changes = try stage.names.map { name in
            let keys = try read(stage, name).map(\.key)
            return keys.indices.dropFirst().filter { keys[$0] != keys[$0 - 1] }
        }
        #expect(changes[0] == changes[1] && changes[0].count >= 2)
    }

    @Test func gapsAndReturnsOpenToo() throws {
        let stage = stage(segmentsPerKey: 300)
        stage.begin()
        stage.play(250) { $0 % 60 == 0 }
        let first = Set(try read(stage, .source).map(\.key))
        stage.finish()
        stage.window.loseFeed(now: stage.clock.now)
        stage.away(.seconds(6))
        stage.window.feedReturned(now: stage.clock.now)
        stage.begin()
        stage.play(190) { $0 % 60 == 0 }
        let segments = try read(stage, .source)
        #expect(Set(segments.map(\.key)).count == 2 && first.count == 1)
        // Long after, what has left is forgotten and what is listed opens.
        stage.play(60 * 40) { $0 % 60 == 0 }
        #expect(try read(stage, .source).count == 8)
    }

    /// A key that a listed segment needs is there for as long as the segment.
    @Test func keysStayAsLongAsTheirSegments() throws {
        let stage = stage(segmentsPerKey: 2)
        stage.begin()
        for _ in 0..<30 {
            stage.play(60) { $0 % 60 == 0 }
            if stage.window.snapshot.multivariant != nil { _ = try read(stage, .source) }
        }
    }
}
