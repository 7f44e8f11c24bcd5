/// An HEVC sequence parameter set (H.265, 7.3.2.2), as far as it says what the picture is.
struct HEVCSequence {
    /// The twelve bytes of the general profile, tier and level, as the configuration record repeats them.
    let tier: [UInt8]
    let layers: UInt8
    let isNested: Bool
    let parameters: SequenceParameters

    /// Reads a NAL unit of type 33 (header included). Nil where it is cut short or out of any sensible bound.
    init?(nalUnit: [UInt8]) {
        guard nalUnit.count > 15, nalUnit[0] >> 1 & 0x3F == HEVCFormat.Kind.sequence else { return nil }
        let bytes = SequenceParameters.withoutEmulationPrevention(nalUnit.dropFirst(2))
        guard bytes.count >= 13 else { return nil }
        tier = Array(bytes[1..<13])
        var bits = BitReader(bytes)
        guard bits.read(4) != nil, let upper = bits.read(3), upper <= 6, let nested = bits.flag(),
            HEVCSequence.skipTier(&bits, upper: Int(upper))
        else { return nil }
        layers = UInt8(upper) + 1
        isNested = nested
        guard bits.unsignedGolomb() != nil, let chroma = bits.unsignedGolomb(), chroma <= 3 else {
            return nil
        }
        if chroma == 3 { _ = bits.flag() }
        guard let width = bits.unsignedGolomb(), let height = bits.unsignedGolomb(), width <= 16384,
            height <= 16384, let cropped = bits.flag()
        else { return nil }
        var crop = [0, 0, 0, 0]
        if cropped {
            for side in 0..<4 {
                guard let amount = bits.unsignedGolomb(), amount < 16384 else { return nil }
                crop[side] = Int(amount)
            }
        }
        let unitX = chroma == 1 || chroma == 2 ? 2 : 1
        let unitY = chroma == 1 ? 2 : 1
        let shown = (
            width: Int(width) - (crop[0] + crop[1]) * unitX, height: Int(height) - (crop[2] + crop[3]) * unitY
        )
        guard shown.width >= 16, shown.height >= 16, let luma = bits.unsignedGolomb(), luma <= 8,
            let other = bits.unsignedGolomb(), other <= 8
        else { return nil }
        let usability = HEVCSequence.usability(&bits, upper: Int(upper))
        parameters = SequenceParameters(
            profile: bytes[1] & 0x1F, level: bytes[12] / 3, chromaFormat: Int(chroma),
            bitDepthLuma: 8 + Int(luma), bitDepthChroma: 8 + Int(other), width: shown.width,
            height: shown.height, isInterlaced: usability?.isInterlaced ?? false,
            pixelAspect: usability?.aspect ?? (1, 1), frameRate: usability?.frameRate)
    }

    /// profile_tier_level (7.3.3).
    private static func skipTier(_ bits: inout BitReader, upper: Int) -> Bool {
        guard bits.skip(88), bits.skip(8) else { return false }
        var present: [(profile: Bool, level: Bool)] = []
        for _ in 0..<upper {
            guard let profile = bits.flag(), let level = bits.flag() else { return false }
            present.append((profile, level))
        }
        if upper > 0, !bits.skip(2 * (8 - upper)) { return false }
        for layer in present where !bits.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0)) {
            return false
        }
        return true
    }

    /// What the end of the set says of time and pixels; nil where it says nothing or cannot be read.
    private static func usability(
        _ bits: inout BitReader, upper: Int
    ) -> (aspect: (Int, Int)?, isInterlaced: Bool, frameRate: FrameRate?)? {
        guard let order = bits.unsignedGolomb(), order <= 12, let each = bits.flag() else { return nil }
        for _ in (each ? 0 : upper)...upper {
            for _ in 0..<3 where bits.unsignedGolomb() == nil { return nil }
        }
        for _ in 0..<6 where bits.unsignedGolomb() == nil { return nil }
        guard let scaled = bits.flag() else { return nil }
        if scaled {
            guard let own = bits.flag() else { return nil }
            if own, !skipScalingLists(&bits) { return nil }
        }
        guard bits.skip(2), let coded = bits.flag() else { return nil }
        if coded {
            guard bits.skip(8), bits.unsignedGolomb() != nil, bits.unsignedGolomb() != nil, bits.skip(1)
            else {
                return nil
            }
        }
        guard skipReferences(&bits), let far = bits.flag() else { return nil }
        if far {
            guard let count = bits.unsignedGolomb(), count <= 32,
                bits.skip(Int(count) * (Int(order) + 4 + 1))
            else { return nil }
        }
        guard bits.skip(2), bits.flag() == true else { return nil }
        return read(&bits)
    }

    /// scaling_list_data (7.3.4).
    private static func skipScalingLists(_ bits: inout BitReader) -> Bool {
        for size in 0..<4 {
            for _ in stride(from: 0, to: 6, by: size == 3 ? 3 : 1) {
                guard let isWritten = bits.flag() else { return false }
                if !isWritten {
                    guard bits.unsignedGolomb() != nil else { return false }
                    continue
                }
                if size > 1, bits.signedGolomb() == nil { return false }
                for _ in 0..<min(64, 1 << (4 + size << 1)) where bits.signedGolomb() == nil { return false }
            }
        }
        return true
    }

    /// The short-term reference picture sets (7.3.7).
    private static func skipReferences(_ bits: inout BitReader) -> Bool {
        guard let count = bits.unsignedGolomb(), count <= 64 else { return false }
        var last = 0
        for index in 0..<count {
            guard let isPredicted = index == 0 ? false : bits.flag() else { return false }
            if isPredicted {
                guard bits.skip(1), bits.unsignedGolomb() != nil else { return false }
                var kept = 0
                for _ in 0...last {
                    guard let used = bits.flag() else { return false }
                    guard let isKept = used ? true : bits.flag() else { return false }
                    if isKept { kept += 1 }
                }
                last = kept
            } else {
                guard let before = bits.unsignedGolomb(), let after = bits.unsignedGolomb(), before <= 16,
                    after <= 16
                else { return false }
                last = Int(before + after)
                for _ in 0..<last where bits.unsignedGolomb() == nil || !bits.skip(1) { return false }
            }
            guard last <= 32 else { return false }
        }
        return true
    }

    /// vui_parameters (E.2.1), up to the timing.
    private static func read(
        _ bits: inout BitReader
    ) -> (aspect: (Int, Int)?, isInterlaced: Bool, frameRate: FrameRate?)? {
        var aspect: (Int, Int)?
        guard let hasAspect = bits.flag() else { return nil }
        if hasAspect {
            guard let code = bits.read(8) else { return nil }
            if code == 255 {
                guard let width = bits.read(16), let height = bits.read(16) else { return nil }
                if width > 0, height > 0 { aspect = (Int(width), Int(height)) }
            } else if Int(code) < SequenceParameters.aspects.count {
                aspect = SequenceParameters.aspects[Int(code)]
            }
        }
        if bits.flag() == true { _ = bits.flag() }  // overscan
        if bits.flag() == true {  // video_signal_type
            _ = bits.read(4)
            if bits.flag() == true { _ = bits.read(24) }
        }
        if bits.flag() == true {  // chroma location
            _ = bits.unsignedGolomb()
            _ = bits.unsignedGolomb()
        }
        guard bits.flag() != nil, let isInterlaced = bits.flag(), bits.flag() != nil,
            let isFramed = bits.flag()
        else { return (aspect, false, nil) }
        if isFramed {
            for _ in 0..<4 where bits.unsignedGolomb() == nil { return (aspect, isInterlaced, nil) }
        }
        guard bits.flag() == true, let tick = bits.read(32), let scale = bits.read(32) else {
            return (aspect, isInterlaced, nil)
        }
        // A tick is a picture; of interlaced video, a field.
        let rate = SequenceParameters.frameRate(Int64(scale), Int64(tick) * (isInterlaced ? 2 : 1))
        return (aspect, isInterlaced, rate)
    }
}
