/// Stereo sound at 48 kHz: the one shape that audio has between decoder and encoder.
package struct PCMBlock: Sendable {
    package static let sampleRate = 48_000

    package var left: [Float]
    package var right: [Float]

    package init(left: [Float] = [], right: [Float] = []) {
        self.left = left
        self.right = right
    }

    /// `samples` of silence.
    package init(silence samples: Int) {
        left = [Float](repeating: 0, count: samples)
        right = left
    }

    /// Samples in each channel.
    package var count: Int { left.count }
}
