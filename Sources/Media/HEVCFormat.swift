/// What an HEVC decoder must know: the parameter sets, kept as an `hvcC` record (ISO/IEC 14496-15, 8.3.3.1), and what the
/// first sequence parameter set says.
package struct HEVCFormat: Hashable, Sendable {
    /// The HEVCDecoderConfigurationRecord, as written in `hvcC`; its NAL length size is always 4.
    package let record: [UInt8]
    package let parameters: SequenceParameters

    package enum Fault: Error, Hashable {
        case truncated
        case noParameterSet
        case unsupportedLengthSize(Int)
        case badParameterSet
    }

    /// NAL unit types of parameter sets.
    package enum Kind {
        package static let video: UInt8 = 32
        package static let sequence: UInt8 = 33
        package static let picture: UInt8 = 34
    }

    /// More sets than any encoder sends; beyond them a record is broken.
    private static let mostSets = 64

    /// Reads an HEVCDecoderConfigurationRecord as it comes in an enhanced FLV sequence header or an MP4 file; what is in
    /// it beside the parameter sets is left out. Throws `Fault` where it is short, or holds no readable parameter sets,
    /// or uses NAL lengths other than 4 bytes.
    package init(record bytes: [UInt8]) throws(Fault) {
        // Version 0 is what some encoders wrote before the standard was final.
        guard bytes.count >= 23, bytes[0] <= 1 else { throw .truncated }
        let lengthSize = Int(bytes[21] & 3) + 1
        guard lengthSize == 4 else { throw .unsupportedLengthSize(lengthSize) }
        var (vps, sps, pps): ([[UInt8]], [[UInt8]], [[UInt8]]) = ([], [], [])
        var cursor = 23
        var sets = 0
        for _ in 0..<bytes[22] {
            guard cursor + 3 <= bytes.count else { throw .truncated }
            let kind = bytes[cursor] & 0x3F
            let count = Int(bytes[cursor + 1]) << 8 | Int(bytes[cursor + 2])
            cursor += 3
            sets += count
            guard sets <= HEVCFormat.mostSets else { throw .badParameterSet }
            for _ in 0..<count {
                guard cursor + 2 <= bytes.count else { throw .truncated }
                let length = Int(bytes[cursor]) << 8 | Int(bytes[cursor + 1])
                cursor += 2
                guard length > 2, cursor + length <= bytes.count else { throw .truncated }
                let set = Array(bytes[cursor..<cursor + length])
                cursor += length
                switch kind {
                case Kind.video: vps.append(set)
                case Kind.sequence: sps.append(set)
                case Kind.picture: pps.append(set)
                default: break
                }
            }
        }
        try self.init(vps: vps, sps: sps, pps: pps)
    }

    /// Builds the record from parameter sets (NAL units without start codes or lengths).
    package init(vps: [[UInt8]], sps: [[UInt8]], pps: [[UInt8]]) throws(Fault) {
        let all = vps + sps + pps
        guard let first = sps.first, !vps.isEmpty, !pps.isEmpty, all.count <= HEVCFormat.mostSets,
            all.allSatisfy({ (3...0xFFFF).contains($0.count) })
        else { throw .noParameterSet }
        guard let parsed = HEVCSequence(nalUnit: first) else { throw .badParameterSet }
        parameters = parsed.parameters
        var record: [UInt8] = [1] + parsed.tier
        // No minimum of spatial segments, and parallelism that is not known.
        record += [0xF0, 0, 0xFC]
        record += [
            0xFC | UInt8(parameters.chromaFormat & 3), 0xF8 | UInt8((parameters.bitDepthLuma - 8) & 7),
            0xF8 | UInt8((parameters.bitDepthChroma - 8) & 7), 0, 0,
            parsed.layers << 3 | (parsed.isNested ? 4 : 0) | 3, 3,
        ]
        for (kind, sets) in [(Kind.video, vps), (Kind.sequence, sps), (Kind.picture, pps)] {
            record += [0x80 | kind, UInt8(sets.count >> 8 & 0xFF), UInt8(sets.count & 0xFF)]
            for set in sets { record += [UInt8(set.count >> 8), UInt8(set.count & 0xFF)] + set }
        }
        self.record = record
    }

    /// The string of ISO/IEC 14496-15, E.3: `hvc1.1.6.L93.B0`.
    package var codecs: String {
        let space = ["", "A", "B", "C"][Int(record[1] >> 6)]
        var compatibility: UInt32 = 0
        for bit in 0..<32 where record[2 + bit / 8] >> UInt8(7 - bit % 8) & 1 == 1 {
            compatibility |= 1 << bit
        }
        let constraints = Array(record[6..<12].reversed().drop { $0 == 0 }.reversed())
        let parts =
            ["hvc1", "\(space)\(record[1] & 0x1F)", String(compatibility, radix: 16, uppercase: true)]
            + ["\(record[1] & 0x20 == 0 ? "L" : "H")\(record[12])"]
            + constraints.map { String($0, radix: 16, uppercase: true) }
        return parts.joined(separator: ".")
    }
}
