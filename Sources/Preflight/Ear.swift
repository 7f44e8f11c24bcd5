import Codecs
package import Logging
package import Media

/// Listens: coded sound in, ten readings a second out. Used by one thread.
package struct Ear: ~Copyable {
    /// Samples in a row at full scale that are heard as a crack; coding bends the tops, so full scale is a little less.
    private static let clipRun = 4
    private static let clipLevel: Float = 0.985
    private static let step = PCMBlock.sampleRate / 10

    private var decoder: AudioDecoder?
    private var meter: LoudnessMeter?
    /// A single channel is spread over both sides by libswresample, 3 dB lower on each.
    private var gain: Float = 1
    private var peaks: (left: Float, right: Float) = (0, 0)
    private var runs: (left: Int, right: Int) = (0, 0)
    private var clips = 0
    private var count = 0

    package init() {}

    package mutating func open(_ format: SoundFormat, _ logger: Logger) {
        decoder = nil
        gain = format.channels == 1 ? Float(2).squareRoot() : 1
        do throws(CodecFault) {
            decoder = try AudioDecoder.open(format)
            if meter == nil { meter = try LoudnessMeter.open() }
        } catch {
            logger.notice("the feed's sound is not observed", metadata: ["error": "\(error)"])
        }
    }

    /// The readings that have become whole with this frame. A damaged frame is passed over.
    package mutating func hear(_ unit: AccessUnit) -> [SoundReading] {
        var readings: [SoundReading] = []
        do throws(CodecFault) {
            guard let block = try decoder?.decode(unit.payload) else { return [] }
            var start = 0
            // Cut where the meter's steps end, so that peaks and loudness are of the same tenth of a second.
            while start < block.count {
                let end = min(block.count, start + Ear.step - count)
                look(at: block, start..<end)
                count += end - start
                var loudness: LoudnessMeter.Reading?
                try meter?.measure(
                    PCMBlock(left: Array(block.left[start..<end]), right: Array(block.right[start..<end]))
                ) { loudness = $0 }
                start = end
                guard count == Ear.step else { continue }
                if let loudness { readings.append(reading(loudness, at: unit.arrival)) }
                (count, clips) = (0, 0)
                peaks = (0, 0)
            }
        } catch {}
        return readings
    }

    private mutating func look(at block: PCMBlock, _ range: Range<Int>) {
        let level = Ear.clipLevel / gain
        for index in range {
            let (left, right) = (abs(block.left[index]), abs(block.right[index]))
            peaks.left = max(peaks.left, left)
            peaks.right = max(peaks.right, right)
            runs.left = left >= level ? runs.left + 1 : 0
            runs.right = right >= level ? runs.right + 1 : 0
            if runs.left == Ear.clipRun || runs.right == Ear.clipRun { clips += 1 }
        }
    }

    private func reading(_ loudness: LoudnessMeter.Reading, at time: MonotonicTime) -> SoundReading {
        SoundReading(
            at: time, left: peaks.left * gain, right: peaks.right * gain, clips: clips,
            momentary: loudness.momentary, shortTerm: loudness.shortTerm, integrated: loudness.integrated)
    }
}
