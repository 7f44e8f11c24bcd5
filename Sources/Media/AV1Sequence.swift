/// An AV1 sequence header (AV1 specification, 5.5), as far as it says what the picture is.
struct AV1Sequence {
    let parameters: SequenceParameters

    /// Reads the payload of an OBU of type 1. Nil where it is cut short or out of any sensible bound.
    init?(_ payload: [UInt8]) {
        var bits = BitReader(payload)
        guard let profile = bits.read(3), profile <= 2, bits.skip(1), let isReduced = bits.flag() else {
            return nil
        }
        var level: UInt32 = 0
        var rate: FrameRate?
        if isReduced {
            guard let read = bits.read(5) else { return nil }
            level = read
        } else {
            guard let points = AV1Sequence.points(&bits) else { return nil }
            (level, rate) = (points.level, points.rate)
        }
        guard let widthBits = bits.read(4), let heightBits = bits.read(4),
            let width = bits.read(Int(widthBits) + 1), let height = bits.read(Int(heightBits) + 1),
            width >= 15, height >= 15, width < 16384, height < 16384
        else { return nil }
        guard AV1Sequence.skipTools(&bits, isReduced: isReduced),
            let colour = AV1Sequence.colour(&bits, profile: profile)
        else { return nil }
        parameters = SequenceParameters(
            profile: UInt8(profile), level: UInt8(level), chromaFormat: colour.chroma,
            bitDepthLuma: colour.depth, bitDepthChroma: colour.depth, width: Int(width) + 1,
            height: Int(height) + 1, frameRate: rate)
    }

    /// Timing and operating points; the first point's level.
    private static func points(_ bits: inout BitReader) -> (level: UInt32, rate: FrameRate?)? {
        guard let isTimed = bits.flag() else { return nil }
        var rate: FrameRate?
        var delayBits = 0
        var hasModel = false
        if isTimed {
            guard let tick = bits.read(32), let scale = bits.read(32), let isEven = bits.flag() else {
                return nil
            }
            if isEven {
                guard let more = bits.variableLength() else { return nil }
                // Two full 32-bit numbers: their product does not fit.
                let (ticks, isTooMuch) = Int64(tick).multipliedReportingOverflow(by: Int64(more) + 1)
                rate = isTooMuch ? nil : SequenceParameters.frameRate(Int64(scale), ticks)
            }
            guard let modelled = bits.flag() else { return nil }
            hasModel = modelled
            if hasModel {
                guard let length = bits.read(5), bits.skip(32 + 10) else { return nil }
                delayBits = Int(length) + 1
            }
        }
        guard let hasDelay = bits.flag(), let count = bits.read(5) else { return nil }
        var first: UInt32?
        for _ in 0...count {
            guard bits.skip(12), let level = bits.read(5) else { return nil }
            if level > 7, !bits.skip(1) { return nil }
            if hasModel {
                guard let isHere = bits.flag() else { return nil }
                if isHere, !bits.skip(2 * delayBits + 1) { return nil }
            }
            if hasDelay {
                guard let isHere = bits.flag() else { return nil }
                if isHere, !bits.skip(4) { return nil }
            }
            if first == nil { first = level }
        }
        return first.map { ($0, rate) }
    }

    /// Frame numbers and coding tools.
    private static func skipTools(_ bits: inout BitReader, isReduced: Bool) -> Bool {
        if !isReduced {
            guard let numbered = bits.flag() else { return false }
            if numbered, !bits.skip(7) { return false }
        }
        guard bits.skip(3) else { return false }
        if !isReduced {
            guard bits.skip(4), let isOrdered = bits.flag() else { return false }
            if isOrdered, !bits.skip(2) { return false }
            guard let chooses = bits.flag() else { return false }
            var screen: UInt32 = 2
            if !chooses {
                guard let forced = bits.read(1) else { return false }
                screen = forced
            }
            if screen > 0 {
                guard let chooses = bits.flag() else { return false }
                if !chooses, !bits.skip(1) { return false }
            }
            if isOrdered, !bits.skip(3) { return false }
        }
        return bits.skip(3)
    }

    private static func colour(_ bits: inout BitReader, profile: UInt32) -> (depth: Int, chroma: Int)? {
        guard let isHigh = bits.flag() else { return nil }
        var depth = isHigh ? 10 : 8
        if profile == 2, isHigh {
            guard let isTwelve = bits.flag() else { return nil }
            if isTwelve { depth = 12 }
        }
        if profile != 1 {
            guard let isGrey = bits.flag() else { return nil }
            if isGrey { return (depth, 0) }
        }
        switch profile {
        case 0: return (depth, 1)
        case 1: return (depth, 3)
        default: return (depth, 2)
        }
    }
}

extension BitReader {
    /// uvlc() of the AV1 specification, 4.10.3.
    fileprivate mutating func variableLength() -> UInt32? {
        var zeros = 0
        while let bit = read(1) {
            if bit == 1 { return read(zeros).map { $0 + (1 << UInt32(zeros)) - 1 } }
            zeros += 1
            if zeros > 31 { return nil }
        }
        return nil
    }
}
