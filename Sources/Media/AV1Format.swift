/// What an AV1 decoder must know: the `av1C` record ("AV1 Codec ISO Media File Format Binding", 2.3), and what the
/// sequence header in it says.
package struct AV1Format: Hashable, Sendable {
    /// The AV1CodecConfigurationRecord, as written in `av1C`.
    package let record: [UInt8]
    package let parameters: SequenceParameters
    private let isHighTier: Bool

    package enum Fault: Error, Hashable {
        case truncated
        /// The record holds no sequence header.
        case noSequenceHeader
        case badSequenceHeader
    }

    /// Reads an AV1CodecConfigurationRecord as it comes in an enhanced FLV sequence header.
    package init(record: [UInt8]) throws(Fault) {
        guard record.count > 4, record.count <= 1 << 16, record[0] == 0x81 else { throw .truncated }
        var found: ArraySlice<UInt8>?
        AV1Units.each(record.dropFirst(4)) { kind, payload in
            if kind == AV1Units.sequenceHeader, found == nil { found = payload }
        }
        guard let found else { throw .noSequenceHeader }
        guard let sequence = AV1Sequence(Array(found)) else { throw .badSequenceHeader }
        self.record = record
        parameters = sequence.parameters
        isHighTier = record[2] & 0x80 != 0
    }

    /// The string of the binding, section 5: `av01.0.08M.08`.
    package var codecs: String {
        func two(_ value: some BinaryInteger) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "av01.\(parameters.profile).\(two(parameters.level))\(isHighTier ? "H" : "M")"
            + ".\(two(parameters.bitDepthLuma))"
    }
}

/// The units (OBUs) of an AV1 stream in its low-overhead format (AV1 specification, 5.3).
package enum AV1Units {
    package static let sequenceHeader: UInt8 = 1
    package static let frameHeader: UInt8 = 3
    package static let frame: UInt8 = 6

    /// Calls `body` with the kind and the payload of each unit; false where their sizes do not add up to the bytes.
    @discardableResult
    package static func each<Bytes: RandomAccessCollection>(
        _ bytes: Bytes, _ body: (UInt8, Bytes.SubSequence) -> Void
    ) -> Bool where Bytes.Element == UInt8, Bytes.Index == Int {
        var cursor = bytes.startIndex
        guard cursor < bytes.endIndex else { return false }
        while cursor < bytes.endIndex {
            let header = bytes[cursor]
            // The forbidden bit, and a size that is not written: neither is in this format.
            guard header & 0x82 == 2 else { return false }
            cursor += header & 4 == 0 ? 1 : 2
            var size = 0
            var digits = 0
            while true {
                guard cursor < bytes.endIndex, digits < 5 else { return false }
                let byte = bytes[cursor]
                cursor += 1
                size |= Int(byte & 0x7F) << (7 * digits)
                digits += 1
                if byte & 0x80 == 0 { break }
            }
            guard size <= bytes.endIndex - cursor else { return false }
            body(header >> 3 & 0xF, bytes[cursor..<cursor + size])
            cursor += size
        }
        return true
    }
}
