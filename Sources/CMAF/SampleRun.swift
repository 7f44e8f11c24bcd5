import Media
import NIOCore

/// What a `trun` box says of its samples, and which of it they all share.
struct SampleRun {
    /// Depends on nothing (8.8.3.1).
    static let syncFlags: UInt32 = 0x0200_0000
    /// Depends on others, and is no place to start.
    static let otherFlags: UInt32 = 0x0101_0000
    /// The one bit of the flags that says "no place to start".
    static let nonSyncBit: UInt32 = 0x0001_0000

    private let samples: [AccessUnit]
    private let isVideo: Bool
    /// Nil where samples differ.
    let commonDuration: UInt32?
    let commonSize: UInt32?
    /// Nil where flags are written sample by sample.
    let commonFlags: UInt32?
    /// The first sample's flags, where only it differs.
    let firstFlags: UInt32?
    let hasOffsets: Bool

    init(_ samples: [AccessUnit], isVideo: Bool) {
        self.samples = samples
        self.isVideo = isVideo
        var sameDuration = true
        var sameSize = true
        var restIsSame = true
        var hasOffsets = false
        for index in samples.indices {
            sameSize = sameSize && samples[index].payload.readableBytes == samples[0].payload.readableBytes
            if isVideo {
                sameDuration =
                    sameDuration
                    && SampleRun.duration(at: index, of: samples) == SampleRun.duration(at: 0, of: samples)
                hasOffsets = hasOffsets || samples[index].pts != samples[index].dts
                restIsSame = restIsSame && (index < 2 || samples[index].isSync == samples[1].isSync)
            }
        }
        self.hasOffsets = hasOffsets
        commonSize = sameSize ? samples.first.map { UInt32(clamping: $0.payload.readableBytes) } : nil
        guard isVideo, let first = samples.first else {
            commonDuration = UInt32(AACFormat.frameSamples)
            commonFlags = SampleRun.syncFlags
            firstFlags = nil
            return
        }
        commonDuration = sameDuration ? SampleRun.duration(at: 0, of: samples) : nil
        let rest = samples.count > 1 ? samples[1].isSync : first.isSync
        commonFlags = restIsSame ? (rest ? SampleRun.syncFlags : SampleRun.otherFlags) : nil
        firstFlags =
            restIsSame && rest != first.isSync
            ? (first.isSync ? SampleRun.syncFlags : SampleRun.otherFlags) : nil
    }

    func duration(at index: Int) -> UInt32 {
        isVideo ? SampleRun.duration(at: index, of: samples) : UInt32(AACFormat.frameSamples)
    }

    func size(at index: Int) -> UInt32 { UInt32(clamping: samples[index].payload.readableBytes) }

    func flags(at index: Int) -> UInt32 {
        samples[index].isSync ? SampleRun.syncFlags : SampleRun.otherFlags
    }

    /// The composition offset, signed as in version 1.
    func offset(at index: Int) -> Int32 { Int32(clamping: (samples[index].pts - samples[index].dts).ticks) }

    /// Until the next sample's decoding time, so that what is written adds up to the times that were given.
    private static func duration(at index: Int, of samples: [AccessUnit]) -> UInt32 {
        if index + 1 < samples.count, samples[index + 1].dts > samples[index].dts {
            return UInt32(clamping: (samples[index + 1].dts - samples[index].dts).ticks)
        }
        return UInt32(clamping: samples[index].duration.ticks)
    }
}
