import Codecs
import Foundation
import Testing

@Suite struct CoverTests {
    private func picture(_ name: String, _ filter: String, kind: String) throws -> [UInt8] {
        let path = try TestClip.make(name, "-f lavfi -i \(filter) -frames:v 1", kind: kind)
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Of a JPEG: as a camera writes it that was held in one of eight ways, and that knows where it was.
    private func held(_ jpeg: [UInt8], _ orientation: UInt8) -> [UInt8] {
        let text = Array("SecretPlace 48.85N".utf8) + [0]
        var tiff: [UInt8] = Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 2]
        tiff += [0x01, 0x0E, 0, 2, 0, 0, 0, UInt8(text.count), 0, 0, 0, 38]
        tiff += [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]
        tiff += [0, 0, 0, 0] + text
        let body = Array("Exif".utf8) + [0, 0] + tiff
        let length = body.count + 2
        return Array(jpeg[..<2]) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + body + jpeg[2...]
    }

    @Test(arguments: ["png", "jpg", "webp"])
    func everyKindBecomesASmallJPEG(_ kind: String) throws {
        let cover = try CoverPicture(
            of: picture("cover-\(kind)", "testsrc2=size=1921x1081:rate=1", kind: kind))
        #expect(cover.jpeg.starts(with: [0xFF, 0xD8]))
        #expect((cover.width, cover.height) == (1279, 720) || (cover.width, cover.height) == (1280, 720))
        #expect(cover.jpeg.count < 400_000)
        let again = try StillPicture.read(cover.jpeg)
        #expect(again.width == cover.width && again.height == cover.height)
    }

    @Test func aSmallOneKeepsItsSize() throws {
        let cover = try CoverPicture(of: picture("small", "testsrc=size=65x33:rate=1", kind: "png"))
        #expect(cover.width == 65 && cover.height == 33)
    }

    @Test(arguments: 1...8)
    func isTurnedUprightAndToldNothingOf(_ orientation: UInt8) throws {
        // Dark but for its upper left quarter, as it lies in the file.
        let jpeg = try picture(
            "quarter", "color=black:size=400x200:rate=1,drawbox=w=200:h=100:color=white:t=fill", kind: "jpg")
        let cover = try CoverPicture(of: held(jpeg, orientation))
        let upright = try StillPicture.read(cover.jpeg)
        #expect(upright.width == (orientation >= 5 ? 200 : 400))
        let (w, h) = (upright.width, upright.height)
        // Where that quarter has come to: left or right, top or bottom.
        let isRight = [2, 3, 6, 7].contains(orientation)
        let isLow = [3, 4, 7, 8].contains(orientation)
        for (right, low) in [(false, false), (true, false), (false, true), (true, true)] {
            let sample = upright.sample(
                plane: 0, x: right ? w * 3 / 4 : w / 4, y: low ? h * 3 / 4 : h / 4)
            #expect(((sample ?? 0) > 128) == (right == isRight && low == isLow))
        }
        let secret = Array("SecretPlace".utf8)
        #expect(cover.jpeg.indices.allSatisfy { !cover.jpeg[$0...].starts(with: secret) })
        #expect(cover.jpeg.indices.allSatisfy { !cover.jpeg[$0...].starts(with: Array("Exif".utf8)) })
    }

    @Test func whatShowsThroughIsWhite() throws {
        let cover = try CoverPicture(
            of: picture("clear", "color=black@0.0:size=64x64:rate=1,format=rgba", kind: "png"))
        #expect((try StillPicture.read(cover.jpeg).sample(plane: 0, x: 30, y: 30) ?? 0) > 250)
    }

    @Test func whatIsNoPictureIsRefused() throws {
        let png = try picture("whole", "testsrc2=size=320x180:rate=1", kind: "png")
        for bytes in [
            [], Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), Array("GIF89a".utf8),
            [0xFF, 0xD8], [0xFF, 0xD8, 0xFF, 0xD9], Array(png[..<60]), Array("RIFF\0\0\0\0WEBPVP8 ".utf8),
            [UInt8](repeating: 0xFF, count: 100_000),
        ] {
            #expect(throws: CodecFault.self) { try CoverPicture(of: bytes) }
        }
        // Says that it is 100,000 pixels wide and high.
        var bomb = png
        bomb.replaceSubrange(16..<24, with: [0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA0])
        #expect(throws: CodecFault.self) { try CoverPicture(of: bomb) }
        #expect(throws: CodecFault.self) {
            try CoverPicture(of: [0x89, 0x50, 0x4E, 0x47] + [UInt8](repeating: 0, count: 11 << 20))
        }
    }
}
