import Codecs
import Media
import NIOCore
import Testing

/// Captions in the picture: found in any bytes, decoded as televisions do.
@Suite struct ClosedCaptionTests {
    /// With the odd parity of CEA-608.
    private static func odd(_ byte: UInt8) -> UInt8 { byte.nonzeroBitCount % 2 == 1 ? byte : byte | 0x80 }

    private static func pair(_ first: UInt8, _ second: UInt8) -> [UInt8] { [0xFC, odd(first), odd(second)] }

    /// A caption as it is sent: prepared out of sight, then shown at once.
    static func popOn(_ text: String) -> [[UInt8]] {
        var pairs = [pair(0x14, 0x20), pair(0x14, 0x2E), pair(0x14, 0x70)]
        let bytes = Array(text.utf8)
        for at in stride(from: 0, to: bytes.count, by: 2) {
            pairs.append(pair(bytes[at], at + 1 < bytes.count ? bytes[at + 1] : 0))
        }
        return pairs + [pair(0x14, 0x2F)]
    }

    static let erase = pair(0x14, 0x2C)

    /// A coded unit with an SEI message that holds these triplets, and a picture.
    static func unit(_ triplets: [UInt8], isHEVC: Bool = false) -> ByteBuffer {
        let data =
            [0xB5, 0x00, 0x31, 0x47, 0x41, 0x39, 0x34, 0x03, 0x40 | UInt8(triplets.count / 3), 0xFF]
            + triplets + [0xFF]
        var sei: [UInt8] = isHEVC ? [39 << 1, 1] : [6]
        // A message of another kind before it.
        sei += [5, 3, 1, 2, 3, 4, UInt8(data.count)]
        var zeros = 0
        for byte in data + [0x80] {
            if zeros >= 2, byte <= 3 {
                sei.append(3)
                zeros = 0
            }
            sei.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        var unit = ByteBuffer()
        for nal in [
            isHEVC ? [35 << 1, 1, 0] : [9, 0x10], sei, isHEVC ? [19 << 1, 1, 7, 7] : [0x65, 7, 7],
        ] {
            unit.writeInteger(UInt32(nal.count))
            unit.writeBytes(nal)
        }
        return unit
    }

    @Test func tripletsAreFound() {
        let triplets: [UInt8] = [0xFC, 0x94, 0x20, 0xFC, 0x00, 0x00, 0xFD, 0x00, 0x00, 0xFC, 0x01, 0x02]
        #expect(ClosedCaptionData.triplets(in: Self.unit(triplets), .avc) == triplets)
        #expect(ClosedCaptionData.triplets(in: Self.unit(triplets, isHEVC: true), .hevc) == triplets)
        #expect(ClosedCaptionData.triplets(in: Self.unit(triplets), .av1).isEmpty)
        #expect(ClosedCaptionData.triplets(in: ByteBuffer(), .avc).isEmpty)
    }

    @Test func anyBytesAreRead() {
        var random = SystemRandomNumberGenerator()
        let good = Array(Self.unit(Self.popOn("Hello").flatMap { $0 }).readableBytesView)
        for _ in 0..<5000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            let found = ClosedCaptionData.triplets(in: ByteBuffer(bytes: bytes), .avc)
            #expect(found.count % 3 == 0 && found.count <= 93 * 4)
        }
    }

    private func time(_ frame: Int) -> MediaTime { MediaTime(milliseconds: Int64(frame) * 40) }

    @Test func aCaptionIsShownAndErased() throws {
        let decoder = try ClosedCaptionDecoder()
        var changes: [(text: String, at: MediaTime)] = []
        var frame = 0
        func send(_ triplets: [UInt8]) {
            changes += decoder.decode(triplets, pts: time(frame), dts: time(frame))
            frame += 1
        }
        for pair in Self.popOn("Half price today") { send(pair) }
        let shownAt = time(frame - 1)
        for _ in 0..<50 { send([0xFC, 0x80, 0x80]) }
        send(Self.erase)
        let erasedAt = time(frame - 1)
        for pair in Self.popOn("Only twenty left") { send(pair) }
        for _ in 0..<20 { send([0xFC, 0x80, 0x80]) }
        let texts = changes.map(\.text)
        #expect(texts.first == "Half price today" && texts.last == "Only twenty left", "\(changes)")
        #expect(texts.contains(""), "the screen was empty between")
        #expect(abs((changes[0].at - shownAt).milliseconds) <= 240)
        let empty = try #require(changes.first { $0.text.isEmpty })
        #expect(abs((empty.at - erasedAt).milliseconds) <= 240)
    }

    /// With B-frames, bytes come in another order than that in which their pictures are shown.
    @Test func captionsFollowTheOrderOfThePictures() throws {
        let decoder = try ClosedCaptionDecoder()
        let pairs = Self.popOn("In order 0123456789") + Array(repeating: [0xFC, 0x80, 0x80], count: 30)
        var texts: [String] = []
        for start in stride(from: 0, to: pairs.count - 3, by: 4) {
            for (place, shown) in [3, 1, 0, 2].enumerated() {
                // Decoded two frames ahead.
                let dts = time(start + place - 2)
                texts += decoder.decode(pairs[start + shown], pts: time(start + shown), dts: dts).map(\.text)
            }
        }
        #expect(texts.last == "In order 0123456789", "\(texts)")
    }
}
