package import Media
package import NIOCore

/// The closed captions that a picture carries beside itself: CEA-608 and 708 bytes in its SEI messages (ATSC A/53, part 4).
package enum ClosedCaptionData {
    /// At most so many triplets are in a picture (five bits).
    private static let most = 31

    /// The triplets (type, and two bytes) of a coded unit, in order; empty where there are none. Reads any bytes.
    package static func triplets(in payload: ByteBuffer, _ codec: VideoCodec) -> [UInt8] {
        var found: [UInt8] = []
        var reader = payload.readerIndex
        while let length = payload.getInteger(at: reader, as: UInt32.self), length > 0,
            reader + 4 + Int(length) <= payload.writerIndex,
            let header = payload.getInteger(at: reader + 4, as: UInt8.self)
        {
            let prefix: Int?
            switch codec {
            case .avc:
                // Pictures come after everything that is told of them.
                if (1...5).contains(header & 0x1F) { return found }
                prefix = header & 0x1F == 6 ? 1 : nil
            case .hevc: prefix = header >> 1 & 0x3F == 39 ? 2 : nil
            case .av1: return []
            }
            if let prefix, length > prefix,
                let bytes = payload.getBytes(at: reader + 4 + prefix, length: Int(length) - prefix)
            {
                read(messages: withoutEmulation(bytes), &found)
            }
            reader += 4 + Int(length)
        }
        return found
    }

    /// Three bytes stand for two zeros and what would look like a start code.
    private static func withoutEmulation(_ bytes: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var zeros = 0
        for byte in bytes {
            if zeros >= 2, byte == 3 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            plain.append(byte)
        }
        return plain
    }

    private static func read(messages bytes: [UInt8], _ found: inout [UInt8]) {
        var rest = bytes[...]
        while rest.count > 2 {
            guard let type = number(&rest), let size = number(&rest), size <= rest.count else { return }
            let message = rest.prefix(size)
            rest = rest.dropFirst(size)
            // user_data_registered_itu_t_t35 of the ATSC, captions.
            let mark: [UInt8] = [0xB5, 0x00, 0x31, 0x47, 0x41, 0x39, 0x34, 0x03]
            guard type == 4, message.starts(with: mark), message.count > mark.count + 2 else { continue }
            let flags = message[message.startIndex + mark.count]
            guard flags & 0x40 != 0 else { continue }
            let count = min(most, Int(flags & 0x1F), (message.count - mark.count - 2) / 3)
            found += message.dropFirst(mark.count + 2).prefix(count * 3)
        }
    }

    /// Bytes of 255, and one that is less, together.
    private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
        var value = 0
        while let byte = rest.popFirst() {
            value += Int(byte)
            if byte != 0xFF { return value }
        }
        return nil
    }
}
