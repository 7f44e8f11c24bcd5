package import Media
package import NIOCore

/// Access units in, one CMAF chunk (`moof` and `mdat`) out; nothing waits and nothing is kept between calls.
///
/// The exact size is known before the first byte is written: one allocation, and each payload is copied once.
package struct FragmentWriter: Sendable {
    /// Ticks in a second of the timestamps that are written: 240,000 for video, the sample rate for audio.
    package let timescale: Int64
    private let isVideo: Bool

    package init(format: TrackFormat) {
        timescale = InitSection.timescale(of: format)
        isVideo = if case .avc = format { true } else { false }
    }

    /// One chunk of `samples`, in decoding order, whose first one's `dts` is its decode time (times before zero are
    /// written as zero). Empty for no samples.
    ///
    /// A picture lasts until the next one's `dts`, the last one for its own `duration`; an AAC frame always lasts
    /// 1024 samples. The payloads together must stay below 4 GiB.
    package func write(_ samples: [AccessUnit], sequence: UInt32) -> ByteBuffer {
        guard let first = samples.first else { return ByteBuffer() }
        let run = SampleRun(samples, isVideo: isVideo)
        let layout = Layout(run: run, count: samples.count)
        let mediaSize = samples.reduce(0) { $0 + $1.payload.readableBytes }
        var buffer = ByteBufferAllocator().buffer(capacity: layout.moofSize + 8 + mediaSize)
        let decodeTime =
            isVideo ? first.dts.ticks : first.dts.value(timescale: timescale)

        Self.open("moof", size: layout.moofSize, into: &buffer)
        Self.open("mfhd", size: 16, into: &buffer)
        buffer.writeMultipleIntegers(UInt32(0), sequence)
        Self.open("traf", size: layout.trafSize, into: &buffer)
        Self.open("tfhd", size: layout.tfhdSize, into: &buffer)
        buffer.writeMultipleIntegers(layout.tfhdFlags, UInt32(1))
        if let duration = run.commonDuration { buffer.writeInteger(duration) }
        if let size = run.commonSize { buffer.writeInteger(size) }
        if let flags = run.commonFlags { buffer.writeInteger(flags) }
        Self.open("tfdt", size: 20, into: &buffer)
        buffer.writeMultipleIntegers(UInt32(1) << 24, UInt64(max(0, decodeTime)))
        Self.open("trun", size: layout.trunSize, into: &buffer)
        buffer.writeMultipleIntegers(
            UInt32(1) << 24 | layout.trunFlags, UInt32(samples.count), UInt32(layout.moofSize + 8))
        if let flags = run.firstFlags { buffer.writeInteger(flags) }
        for index in samples.indices {
            if run.commonDuration == nil { buffer.writeInteger(run.duration(at: index)) }
            if run.commonSize == nil { buffer.writeInteger(run.size(at: index)) }
            if run.commonFlags == nil { buffer.writeInteger(run.flags(at: index)) }
            if run.hasOffsets { buffer.writeInteger(run.offset(at: index)) }
        }
        Self.open("mdat", size: 8 + mediaSize, into: &buffer)
        for sample in samples { buffer.writeImmutableBuffer(sample.payload) }
        return buffer
    }

    /// Bytes of `fragment`, which `write` made of `samples`, up to the end of its first sample: boxes and payload.
    package static func firstSampleEnd(in fragment: ByteBuffer, of samples: [AccessUnit]) -> Int {
        // Payloads stand at the end, in order.
        fragment.readableBytes - samples.dropFirst().reduce(0) { $0 + $1.payload.readableBytes }
    }

    private static func open(_ type: BoxType, size: Int, into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(UInt32(clamping: size), type.rawValue)
    }
}

/// The sizes and flags of a fragment's boxes (ISO/IEC 14496-12, 8.8), which follow from what its samples share.
private struct Layout {
    let tfhdSize: Int
    let trunSize: Int
    let trafSize: Int
    let moofSize: Int
    let tfhdFlags: UInt32
    let trunFlags: UInt32

    init(run: SampleRun, count: Int) {
        // default-base-is-moof; data-offset-present.
        var header: UInt32 = 0x20000
        var samples: UInt32 = 0x1
        if run.commonDuration != nil { header |= 0x8 } else { samples |= 0x100 }
        if run.commonSize != nil { header |= 0x10 } else { samples |= 0x200 }
        if run.commonFlags != nil { header |= 0x20 } else { samples |= 0x400 }
        if run.firstFlags != nil { samples |= 0x4 }
        if run.hasOffsets { samples |= 0x800 }
        let fields = (samples & 0xF00).nonzeroBitCount
        tfhdFlags = header
        trunFlags = samples
        tfhdSize = 16 + 4 * (header & 0x38).nonzeroBitCount
        trunSize = 20 + (run.firstFlags != nil ? 4 : 0) + 4 * fields * count
        trafSize = 8 + tfhdSize + 20 + trunSize
        moofSize = 8 + 16 + trafSize
    }
}
