/// What a sequence's header says of the picture, whatever it is coded with; read here from H.264's (7.3.2.1.1 and E.1.1).
package struct SequenceParameters: Hashable, Sendable {
    /// By the codec's own numbers.
    package let profile: UInt8
    package let constraints: UInt8
    /// Ten times the level: 31 is level 3.1.
    package let level: UInt8
    /// 0 is monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
    package let chromaFormat: Int
    package let bitDepthLuma: Int
    package let bitDepthChroma: Int
    /// The visible picture, in pixels, cropping taken off.
    package let width: Int
    package let height: Int
    package let isInterlaced: Bool
    /// Width to height of one pixel; 1:1 where it is not said.
    package let pixelAspect: (width: Int, height: Int)
    /// From the VUI's timing; nil where it is absent or senseless.
    package let frameRate: FrameRate?

    static let aspects: [(Int, Int)] = [
        (1, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33),
        (18, 11),
        (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
    ]

    /// Reads a NAL unit of type 7 (header byte included). Nil where it is cut short or out of any sensible bound.
    package init?(nalUnit: [UInt8]) {
        guard nalUnit.count >= 4, nalUnit[0] & 0x1F == 7 else { return nil }
        profile = nalUnit[1]
        constraints = nalUnit[2]
        level = nalUnit[3]
        var bits = BitReader(SequenceParameters.withoutEmulationPrevention(nalUnit.dropFirst(4)))
        guard bits.unsignedGolomb() != nil else { return nil }  // seq_parameter_set_id
        var chroma = 1
        var depths = (8, 8)
        if [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(profile) {
            guard let format = bits.unsignedGolomb(), format <= 3 else { return nil }
            chroma = Int(format)
            if chroma == 3 { _ = bits.flag() }
            guard let luma = bits.unsignedGolomb(), let other = bits.unsignedGolomb(), luma <= 6, other <= 6
            else {
                return nil
            }
            depths = (8 + Int(luma), 8 + Int(other))
            guard bits.flag() != nil, let hasMatrix = bits.flag() else { return nil }
            if hasMatrix {
                for list in 0..<(chroma == 3 ? 12 : 8) {
                    guard let present = bits.flag() else { return nil }
                    if present, !SequenceParameters.skipScalingList(&bits, size: list < 6 ? 16 : 64) {
                        return nil
                    }
                }
            }
        }
        guard bits.unsignedGolomb() != nil, let orderType = bits.unsignedGolomb() else { return nil }
        if orderType == 0 {
            guard bits.unsignedGolomb() != nil else { return nil }
        } else if orderType == 1 {
            guard bits.flag() != nil, bits.signedGolomb() != nil, bits.signedGolomb() != nil,
                let cycle = bits.unsignedGolomb(), cycle <= 255
            else { return nil }
            for _ in 0..<cycle { guard bits.signedGolomb() != nil else { return nil } }
        }
        guard bits.unsignedGolomb() != nil, bits.flag() != nil,
            let mbWidth = bits.unsignedGolomb(), let mapHeight = bits.unsignedGolomb(),
            mbWidth < 1024, mapHeight < 1024, let framesOnly = bits.flag()
        else { return nil }
        if !framesOnly { guard bits.flag() != nil else { return nil } }
        guard bits.flag() != nil, let cropped = bits.flag() else { return nil }
        var crop: [Int] = [0, 0, 0, 0]
        if cropped {
            for side in 0..<4 {
                guard let amount = bits.unsignedGolomb(), amount < 16384 else { return nil }
                crop[side] = Int(amount)
            }
        }
        let unitX = chroma == 1 || chroma == 2 ? 2 : 1
        let unitY = (chroma == 1 ? 2 : 1) * (framesOnly ? 1 : 2)
        width = (Int(mbWidth) + 1) * 16 - (crop[0] + crop[1]) * unitX
        height = (Int(mapHeight) + 1) * 16 * (framesOnly ? 1 : 2) - (crop[2] + crop[3]) * unitY
        guard width >= 16, height >= 16 else { return nil }
        chromaFormat = chroma
        bitDepthLuma = depths.0
        bitDepthChroma = depths.1
        isInterlaced = !framesOnly
        let vui = bits.flag() == true ? SequenceParameters.readUsability(&bits) : (nil, nil)
        pixelAspect = vui.0 ?? (1, 1)
        frameRate = vui.1
    }

    private static func readUsability(_ bits: inout BitReader) -> ((Int, Int)?, FrameRate?) {
        var aspect: (Int, Int)?
        guard let hasAspect = bits.flag() else { return (nil, nil) }
        if hasAspect {
            guard let code = bits.read(8) else { return (nil, nil) }
            if code == 255 {
                guard let w = bits.read(16), let h = bits.read(16) else { return (nil, nil) }
                if w > 0, h > 0 { aspect = (Int(w), Int(h)) }
            } else if Int(code) < aspects.count {
                aspect = aspects[Int(code)]
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
        guard bits.flag() == true, let tick = bits.read(32), let scale = bits.read(32), tick > 0 else {
            return (aspect, nil)
        }
        // Two ticks make a frame (E.2.1).
        return (aspect, frameRate(Int64(scale), Int64(tick) * 2))
    }

    /// The usual rate that is meant, or the fraction itself; nil where it is senseless.
    static func frameRate(_ numerator: Int64, _ denominator: Int64) -> FrameRate? {
        guard numerator > 0, denominator > 0 else { return nil }
        let rate = Double(numerator) / Double(denominator)
        guard rate >= 1, rate <= 300 else { return nil }
        let near = FrameRate.standard.first { abs($0.framesPerSecond / rate - 1) < 0.0002 }
        return near ?? FrameRate(numerator, denominator)
    }

    private static func skipScalingList(_ bits: inout BitReader, size: Int) -> Bool {
        var last: Int32 = 8
        var next: Int32 = 8
        for _ in 0..<size {
            if next != 0 {
                guard let delta = bits.signedGolomb(), abs(delta) <= 128 else { return false }
                next = (last + delta + 256) % 256
            }
            if next != 0 { last = next }
        }
        return true
    }

    /// The payload of a NAL unit without the bytes that keep start codes out of it.
    static func withoutEmulationPrevention(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var clean: [UInt8] = []
        clean.reserveCapacity(bytes.count)
        var zeros = 0
        for byte in bytes {
            if zeros >= 2 && byte == 3 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            clean.append(byte)
        }
        return clean
    }

    init(
        profile: UInt8, level: UInt8, chromaFormat: Int, bitDepthLuma: Int, bitDepthChroma: Int, width: Int,
        height: Int, isInterlaced: Bool = false, pixelAspect: (width: Int, height: Int) = (1, 1),
        frameRate: FrameRate? = nil
    ) {
        self.profile = profile
        constraints = 0
        self.level = level
        self.chromaFormat = chromaFormat
        self.bitDepthLuma = bitDepthLuma
        self.bitDepthChroma = bitDepthChroma
        self.width = width
        self.height = height
        self.isInterlaced = isInterlaced
        self.pixelAspect = pixelAspect
        self.frameRate = frameRate
    }

    package static func == (a: SequenceParameters, b: SequenceParameters) -> Bool {
        a.profile == b.profile && a.constraints == b.constraints && a.level == b.level
            && a.chromaFormat == b.chromaFormat && a.bitDepthLuma == b.bitDepthLuma
            && a.bitDepthChroma == b.bitDepthChroma && a.width == b.width && a.height == b.height
            && a.isInterlaced == b.isInterlaced && a.pixelAspect == b.pixelAspect
            && a.frameRate == b.frameRate
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(profile)
        hasher.combine(level)
        hasher.combine(width)
        hasher.combine(height)
    }
}
