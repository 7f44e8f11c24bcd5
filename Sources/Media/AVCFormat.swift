/// What an H.264 decoder must know: the parameter sets, kept as an `avcC` record (ISO/IEC 14496-15, 5.3.3.1),
/// and what the first sequence parameter set says.
package struct AVCFormat: Hashable, Sendable {
    /// The AVCDecoderConfigurationRecord, as written in `avcC`; its NAL length size is always 4.
    package let record: [UInt8]
    package let parameters: SequenceParameters

    package enum Fault: Error, Hashable {
        case truncated
        case noParameterSet
        case unsupportedLengthSize(Int)
        case badParameterSet
    }

    /// Reads an AVCDecoderConfigurationRecord as it comes in FLV's sequence header or an MP4 file.
    /// Throws `Fault` where it is short, or holds no readable parameter sets, or uses NAL lengths other than 4 bytes.
    package init(record bytes: [UInt8]) throws(Fault) {
        guard bytes.count >= 7, bytes[0] == 1 else { throw .truncated }
        let lengthSize = Int(bytes[4] & 3) + 1
        guard lengthSize == 4 else { throw .unsupportedLengthSize(lengthSize) }
        var cursor = 5
        func sets(_ count: Int) throws(Fault) -> [[UInt8]] {
            var found: [[UInt8]] = []
            for _ in 0..<count {
                guard cursor + 2 <= bytes.count else { throw .truncated }
                let length = Int(bytes[cursor]) << 8 | Int(bytes[cursor + 1])
                cursor += 2
                guard length > 0, cursor + length <= bytes.count else { throw .truncated }
                found.append(Array(bytes[cursor..<cursor + length]))
                cursor += length
            }
            return found
        }
        cursor = 6
        let sps = try sets(Int(bytes[5] & 0x1F))
        guard cursor < bytes.count else { throw .truncated }
        let ppsCount = Int(bytes[cursor])
        cursor += 1
        let pps = try sets(ppsCount)
        try self.init(sps: sps, pps: pps)
    }

    /// Builds the record from parameter sets (NAL units without start codes or lengths).
    package init(sps: [[UInt8]], pps: [[UInt8]]) throws(Fault) {
        guard let first = sps.first, !pps.isEmpty, first.count >= 4, sps.count <= 31, pps.count <= 255 else {
            throw .noParameterSet
        }
        guard let parameters = SequenceParameters(nalUnit: first) else { throw .badParameterSet }
        self.parameters = parameters
        var record: [UInt8] = [1, first[1], first[2], first[3], 0xFF, 0xE0 | UInt8(sps.count)]
        func add(_ set: [UInt8]) {
            record += [UInt8(set.count >> 8 & 0xFF), UInt8(set.count & 0xFF)]
            record += set
        }
        sps.forEach(add)
        record.append(UInt8(pps.count))
        pps.forEach(add)
        // High profiles carry their chroma format and bit depths again (5.3.3.1.2).
        if [100, 110, 122, 144].contains(parameters.profile) {
            record += [
                0xFC | UInt8(parameters.chromaFormat & 3), 0xF8 | UInt8(parameters.bitDepthLuma - 8 & 7),
                0xF8 | UInt8(parameters.bitDepthChroma - 8 & 7), 0,
            ]
        }
        self.record = record
    }

    /// The string of RFC 6381 for a CODECS attribute: `avc1.PPCCLL`.
    package var codecs: String {
        "avc1."
            + [record[1], record[2], record[3]].map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }.joined()
    }
}
