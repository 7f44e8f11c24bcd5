/// What an AAC decoder must know: the AudioSpecificConfig of ISO/IEC 14496-3, section 1.6.2.1, read and kept.
package struct AACFormat: Hashable, Sendable {
    /// The AudioSpecificConfig as it came, for the `esds` box and the decoder.
    package let config: [UInt8]
    /// 2 is AAC-LC, 5 HE-AAC, 29 HE-AAC v2.
    package let objectType: UInt8
    /// Samples a second of the core decoder.
    package let sampleRate: Int
    /// As coded: 1 and 2 are mono and stereo; 0 is "described inside the stream".
    package let channels: Int

    /// Samples in one frame.
    package static let frameSamples = 1024

    private static let rates = [
        96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
    ]

    /// Reads an AudioSpecificConfig. Returns nil where it is too short or names a reserved rate.
    package init?(config: [UInt8]) {
        var bits = BitReader(config)
        guard var type = bits.read(5) else { return nil }
        if type == 31 {
            guard let extended = bits.read(6) else { return nil }
            type = 32 + extended
        }
        guard let index = bits.read(4) else { return nil }
        if index == 15 {
            guard let explicit = bits.read(24), (1000...192_000).contains(explicit) else { return nil }
            sampleRate = Int(explicit)
        } else {
            guard Int(index) < AACFormat.rates.count else { return nil }
            sampleRate = AACFormat.rates[Int(index)]
        }
        guard let layout = bits.read(4), layout <= 7 else { return nil }
        channels = layout == 7 ? 8 : Int(layout)
        objectType = UInt8(type)
        self.config = config
    }

    /// AAC-LC of a given rate and one or two channels; nil for a rate that has no index.
    package init?(sampleRate: Int, channels: Int) {
        guard let index = AACFormat.rates.firstIndex(of: sampleRate), (1...2).contains(channels) else {
            return nil
        }
        self.config = [UInt8(2 << 3 | index >> 1), UInt8((index & 1) << 7 | channels << 3)]
        self.objectType = 2
        self.sampleRate = sampleRate
        self.channels = channels
    }

    /// The string of RFC 6381 for a CODECS attribute.
    package var codecs: String { "mp4a.40.\(objectType)" }

    /// One frame's duration, to the nearest tick.
    package var frameDuration: MediaTime {
        MediaTime(value: Int64(AACFormat.frameSamples), timescale: Int64(sampleRate))
    }
}
