package import NIOCore

/// Cuts messages into chunks, with the shortest header that says everything (RTMP 1.0, section 5.3).
package struct ChunkEncoder: Sendable {
    private struct Previous {
        var timestamp: UInt32
        var field: UInt32
        var length: Int
        var type: RTMPMessageType
        var streamID: UInt32
    }

    /// Bytes of payload in a chunk; change it only together with a "set chunk size" message.
    package private(set) var chunkSize = 128
    private var previous: [Int: Previous] = [:]

    package init() {}

    /// Announces a chunk size and uses it from here on. `size` is 1 to 0xFFFFFF bytes.
    package mutating func setChunkSize(_ size: Int, into output: inout ByteBuffer) {
        let size = min(max(size, 1), 0xFF_FFFF)
        write(
            RTMPMessage(type: .setChunkSize, payload: ByteBuffer(integer: UInt32(size))), chunkStream: 2,
            into: &output)
        chunkSize = size
    }

    /// Writes one message. `chunkStream` is 2 to 65599.
    package mutating func write(_ message: RTMPMessage, chunkStream id: Int, into output: inout ByteBuffer) {
        let length = message.payload.readableBytes
        let last = previous[id]
        let difference = message.timestamp &- (last?.timestamp ?? 0)
        var format: UInt8 = 0
        var field = message.timestamp
        // Only forward steps go as differences: not every reader wraps.
        if let last, last.streamID == message.streamID, message.timestamp >= last.timestamp {
            field = difference
            format = 1
            if last.length == length, last.type == message.type { format = last.field == field ? 3 : 2 }
        }
        let isExtended = field >= 0xFF_FFFF
        writeBasicHeader(format: format, id: id, into: &output)
        if format < 3 { writeThreeBytes(isExtended ? 0xFF_FFFF : field, into: &output) }
        if format < 2 {
            writeThreeBytes(UInt32(truncatingIfNeeded: length), into: &output)
            output.writeInteger(message.type.rawValue)
        }
        if format == 0 { output.writeInteger(message.streamID, endianness: .little) }
        if isExtended { output.writeInteger(field) }
        previous[id] = Previous(
            timestamp: message.timestamp, field: field, length: length, type: message.type,
            streamID: message.streamID)

        var rest = message.payload
        while let piece = rest.readSlice(length: min(chunkSize, rest.readableBytes)) {
            output.writeImmutableBuffer(piece)
            guard rest.readableBytes > 0 else { break }
            writeBasicHeader(format: 3, id: id, into: &output)
            if isExtended { output.writeInteger(field) }
        }
    }

    private func writeBasicHeader(format: UInt8, id: Int, into output: inout ByteBuffer) {
        if id < 64 {
            output.writeInteger(format << 6 | UInt8(truncatingIfNeeded: id))
        } else if id < 320 {
            output.writeInteger(format << 6)
            output.writeInteger(UInt8(truncatingIfNeeded: id - 64))
        } else {
            output.writeInteger(format << 6 | 1)
            output.writeInteger(UInt16(truncatingIfNeeded: id - 64), endianness: .little)
        }
    }

    private func writeThreeBytes(_ value: UInt32, into output: inout ByteBuffer) {
        output.writeInteger(UInt8(truncatingIfNeeded: value >> 16))
        output.writeInteger(UInt16(truncatingIfNeeded: value))
    }
}
