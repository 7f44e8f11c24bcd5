import Codecs
import Media
import NIOCore
import Testing

@Suite struct AudioCodecTests {
    @Test(arguments: [
        ("stereo48", "-ar 48000 -ac 2"), ("mono44", "-ar 44100 -ac 1"), ("surround", "-ar 48000 -ac 6"),
        ("slow", "-ar 22050 -ac 1"),
    ]) func everyShapeBecomesStereoAt48(_ name: String, _ shape: String) throws {
        let clip = try TestClip.bars(name, seconds: 3, audio: "-c:a aac -b:a 96k \(shape)")
        var reader = try MediaFileReader.open(path: clip)
        var decoder: Decoder?
        var (count, peak, units) = (0, Float(0), 0)
        while let event = try reader.next() {
            if case .audioFormat(let format) = event { decoder = try Decoder(format) }
            if case .audio(let unit) = event {
                let block = try #require(decoder).decode(unit.payload)
                #expect(block.left.count == block.right.count)
                count += block.count
                peak = max(peak, block.left.max() ?? 0)
                units += 1
            }
        }
        #expect(units > 30)
        #expect(abs(count - 48_000 * 3) < 48_000 / 10, "\(count)")
        #expect(peak > 0.05 && peak < 1.1)
    }

    /// Keeps the decoder, which cannot be copied, in a place that a closure can reach.
    private final class Decoder {
        private var decoder: AudioDecoder

        init(_ format: SoundFormat) throws { decoder = try AudioDecoder.open(format) }

        func decode(_ payload: ByteBuffer, stretch: Int = 0) throws -> PCMBlock {
            try decoder.decode(payload, stretch: stretch)
        }
    }

    @Test(arguments: [
        (10, "plain48", "-ar 48000"), (-10, "plain48", "-ar 48000"), (12, "plain44", "-ar 44100"),
    ])
    func soundIsStretchedWithoutAStep(_ stretch: Int, _ name: String, _ shape: String) throws {
        let clip = try TestClip.bars(name, seconds: 4, audio: "-c:a aac -b:a 128k \(shape)")
        var reader = try MediaFileReader.open(path: clip)
        var plain: Decoder?
        var stretched: Decoder?
        var (units, plainCount, count) = (0, 0, 0)
        var samples: [Float] = []
        while let event = try reader.next() {
            if case .audioFormat(let format) = event {
                (plain, stretched) = (try Decoder(format), try Decoder(format))
            }
            if case .audio(let unit) = event {
                units += 1
                plainCount += try #require(plain).decode(unit.payload).count
                let block = try #require(stretched).decode(unit.payload, stretch: units > 20 ? stretch : 0)
                count += block.count
                samples += block.left
            }
        }
        #expect(abs(count - plainCount - (units - 20) * stretch) < 40, "\(count) \(plainCount) \(units)")
        // A tone of 440 Hz at an eighth of full scale moves by less than a hundredth from one sample to the next.
        let steps = zip(samples.dropFirst(4096), samples.dropFirst(4097)).map { abs($0 - $1) }
        #expect(try #require(steps.dropLast(2048).max()) < 0.012)
    }

    @Test func theEncodersPrimingIsInItsTimes() throws {
        let encoder = try AACEncoder.open(kilobits: 128)
        #expect(encoder.format.objectType == 2 && encoder.format.sampleRate == 48_000)
        var starts: [Int64] = []
        var last = ByteBuffer()
        for index in 0..<Int64(20) {
            try encoder.encode(PCMBlock(silence: 1024), start: 480_000 + index * 1024) {
                last = $0
                starts.append($1)
            }
        }
        try encoder.drain { starts.append($1) }
        let expected = (0..<21).map { (index: Int64) -> Int64 in 478_976 + index * 1024 }
        #expect(starts == expected)
        #expect(last.readableBytes > 0)
    }

    @Test func garbageThrowsOrIsSilent() throws {
        let decoder = try Decoder(.aac(try #require(AACFormat(sampleRate: 48_000, channels: 2))))
        var generator = SystemRandomNumberGenerator()
        for size in [0, 1, 7, 100, 2000] {
            for _ in 0..<50 {
                let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
                if let block = try? decoder.decode(ByteBuffer(bytes: bytes)) { #expect(block.count < 10_000) }
            }
        }
    }
}
