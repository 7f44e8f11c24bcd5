package import Codecs
import Foundation
package import Hearing
import Media

/// 48 kHz in two channels to 16 kHz in one. Pure.
///
/// A symmetrical low-pass of `taps` coefficients, whose delay is below a millisecond, and every third sample of what comes out.
package struct Downsampler: Sendable {
    private static let taps = 63
    private static let coefficients: [Float] = {
        // A windowed sinc that ends below half of the lower rate.
        let cut = 7200.0 / 48_000
        let middle = Double(taps - 1) / 2
        let raw = (0..<taps).map { index -> Double in
            let x = Double(index) - middle
            let sinc = x == 0 ? 2 * cut : sin(2 * .pi * cut * x) / (.pi * x)
            let window = 0.54 - 0.46 * cos(2 * .pi * Double(index) / Double(taps - 1))
            return sinc * window
        }
        let sum = raw.reduce(0, +)
        return raw.map { Float($0 / sum) }
    }()

    private var rest: [Float]
    /// Samples that come before the next one that is taken.
    private var skip = 0

    package init() { rest = [Float](repeating: 0, count: Downsampler.taps / 2) }

    package mutating func take(_ block: PCMBlock) -> [Int16] {
        rest.reserveCapacity(rest.count + block.count)
        for index in 0..<block.count { rest.append((block.left[index] + block.right[index]) * 0.5) }
        var samples: [Int16] = []
        samples.reserveCapacity(block.count / 3 + 1)
        var place = skip
        rest.withUnsafeBufferPointer { rest in
            Downsampler.coefficients.withUnsafeBufferPointer { coefficients in
                while place + Downsampler.taps <= rest.count {
                    var sum: Float = 0
                    for index in 0..<Downsampler.taps { sum += rest[place + index] * coefficients[index] }
                    samples.append(Int16(max(-32_768, min(32_767, (sum * 32_767).rounded()))))
                    place += 3
                }
            }
        }
        let used = min(place, rest.count)
        rest.removeFirst(used)
        skip = place - used
        return samples
    }
}

/// Puts samples together to frames of a tenth of a second. Pure.
package struct SoundCutter: Sendable {
    private static let size = 1600
    /// Milliseconds by which a sample may be off and still belong to what came before.
    private static let tolerance: Int64 = 60

    private var open: SoundFrame?

    package init() {}

    package mutating func take(_ samples: [Int16], at date: Int64) -> [SoundFrame] {
        var frames: [SoundFrame] = []
        if let last = open, abs(last.end - date) > SoundCutter.tolerance {
            if !last.samples.isEmpty { frames.append(last) }
            open = nil
        }
        var frame = open ?? SoundFrame(date: date, samples: [])
        frame.samples += samples
        while frame.samples.count >= SoundCutter.size {
            let whole = SoundFrame(date: frame.date, samples: Array(frame.samples.prefix(SoundCutter.size)))
            frames.append(whole)
            frame = SoundFrame(date: whole.end, samples: Array(frame.samples.dropFirst(SoundCutter.size)))
        }
        open = frame
        return frames
    }
}

/// Turns the access units of a sound rendition into frames; used by one thread.
struct SpeechSound: ~Copyable {
    private let epoch: Int64
    private var decoder: AudioDecoder?
    private var downsampler = Downsampler()
    private var cutter = SoundCutter()

    /// Media time zero on the show clock.
    init(epoch: Int64) { self.epoch = epoch }

    /// Throws `CodecFault` where it cannot be decoded.
    mutating func begin(_ format: AACFormat) throws(CodecFault) {
        decoder = nil
        decoder = try AudioDecoder.open(.aac(format))
        downsampler = Downsampler()
    }

    /// A damaged unit is left out.
    mutating func take(_ unit: AccessUnit) -> [SoundFrame] {
        guard let block = try? decoder?.decode(unit.payload), block.count > 0 else { return [] }
        return cutter.take(downsampler.take(block), at: epoch + unit.pts.milliseconds)
    }
}
