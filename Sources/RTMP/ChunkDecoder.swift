package import NIOCore

/// Puts messages together from chunks (RTMP 1.0, section 5.3). Bytes in any pieces come in; whole messages
/// go out, in the order of their last chunk. Each payload is copied once, from the socket's buffer into one
/// of its own size, so that a small audio frame never keeps a large read buffer alive. Nothing blocks;
/// nothing is dropped; what breaks a limit throws. "Set chunk size" and "abort" are obeyed here and not
/// handed on.
package struct ChunkDecoder: Sendable {
    private struct ChunkStream {
        let id: Int
        var timestamp: UInt32 = 0
        /// The last timestamp field, in full: absolute after a type 0 header, else a difference.
        var field: UInt32 = 0
        var isExtended = false
        var length = 0
        var type: UInt8 = 0
        var messageStream: UInt32 = 0
        var isOpen = false
        var payload = ByteBuffer()
    }

    private enum Header { case incomplete, taken(bytes: Int) }

    /// Bytes of payload in the other end's chunks.
    package private(set) var chunkSize = 128
    /// What is not yet complete keeps to the limits under which it began.
    package var limits: RTMPLimits
    private var streams: [ChunkStream] = []
    /// Index into `streams` by id, for the ids that everybody uses; 255 is none.
    private var lowIndex = [UInt8](repeating: 255, count: 64)
    private var current = 0
    private var chunkRemaining = 0
    private var promised = 0
    /// The start of a header whose end has not come yet; at most 17 bytes.
    private var carried = ByteBuffer()

    package init(limits: RTMPLimits) {
        self.limits = limits
    }

    /// The next whole message; nil when `buffer` is used up.
    package mutating func next(_ buffer: inout ByteBuffer) throws(RTMPFault) -> RTMPMessage? {
        while true {
            if chunkRemaining > 0 {
                let count = min(chunkRemaining, buffer.readableBytes)
                guard count > 0, let piece = buffer.readSlice(length: count) else { return nil }
                streams[current].payload.writeImmutableBuffer(piece)
                chunkRemaining -= count
                if chunkRemaining > 0 { return nil }
            } else {
                guard try takeHeader(&buffer) else { return nil }
                if chunkRemaining > 0 { continue }
            }
            if streams[current].payload.readableBytes == streams[current].length,
                let message = try finish()
            {
                return message
            }
        }
    }

    private mutating func finish() throws(RTMPFault) -> RTMPMessage? {
        let payload = streams[current].payload
        streams[current].payload = ByteBuffer()
        streams[current].isOpen = false
        promised -= streams[current].length
        let type = RTMPMessageType(rawValue: streams[current].type)
        if type == .setChunkSize || type == .abort {
            guard let value = payload.getInteger(at: payload.readerIndex, as: UInt32.self) else {
                throw .badControlMessage(type: type.rawValue)
            }
            if type == .abort {
                abandon(chunkStream: Int(value))
            } else {
                guard value >= 1, value <= 0x7FFF_FFFF else { throw .badChunkSize(value) }
                // No message is longer than a 24-bit length, so larger chunks mean the same.
                chunkSize = Int(min(value, 0xFF_FFFF))
            }
            return nil
        }
        return RTMPMessage(
            type: type, streamID: streams[current].messageStream, timestamp: streams[current].timestamp,
            payload: payload)
    }

    private mutating func abandon(chunkStream id: Int) {
        guard let index = index(of: id), streams[index].isOpen else { return }
        streams[index].isOpen = false
        streams[index].payload = ByteBuffer()
        promised -= streams[index].length
    }

    /// Reads one header, from the carried bytes first; false when it is not all there yet.
    private mutating func takeHeader(_ buffer: inout ByteBuffer) throws(RTMPFault) -> Bool {
        if carried.readableBytes == 0 {
            if case .taken(let bytes) = try readHeader(buffer) {
                buffer.moveReaderIndex(forwardBy: bytes)
                return true
            }
            carried.clear()
            carried.writeBuffer(&buffer)
            return false
        }
        let before = carried.readableBytes
        let start = buffer.readerIndex
        let count = min(18 - before, buffer.readableBytes)
        guard count > 0, let piece = buffer.readSlice(length: count) else { return false }
        carried.writeImmutableBuffer(piece)
        guard case .taken(let bytes) = try readHeader(carried) else { return false }
        if bytes >= before {
            buffer.moveReaderIndex(to: start + bytes - before)
        } else {
            // Bytes were carried only to see whether a timestamp is repeated, and it is not: they are
            // payload.
            buffer.moveReaderIndex(to: start)
            var whole = ByteBuffer(bytes: carried.readableBytesView.prefix(before).dropFirst(bytes))
            whole.writeBuffer(&buffer)
            buffer = whole
        }
        carried.clear()
        return true
    }

    private mutating func readHeader(_ source: ByteBuffer) throws(RTMPFault) -> Header {
        var at = source.readerIndex
        guard let first: UInt8 = source.getInteger(at: at) else { return .incomplete }
        at += 1
        let format = first >> 6
        var id = Int(first & 0x3F)
        if id == 0 {
            guard let low: UInt8 = source.getInteger(at: at) else { return .incomplete }
            id = 64 + Int(low)
            at += 1
        } else if id == 1 {
            guard let wide: UInt16 = source.getInteger(at: at, endianness: .little) else {
                return .incomplete
            }
            id = 64 + Int(wide)
            at += 2
        }
        let known = index(of: id)
        var next = known.map { streams[$0] } ?? ChunkStream(id: id)
        // Only `next` is changed until the whole header is there.
        let messageHeader = [11, 7, 3, 0][Int(format)]
        guard source.writerIndex - at >= messageHeader else { return .incomplete }
        if format < 3 {
            guard !next.isOpen else { throw .brokenChunk("a new message inside an unfinished one") }
            guard format < 2 || known != nil else {
                throw .brokenChunk("a short header opens a chunk stream")
            }
            next.field = threeBytes(source, at)
            next.isExtended = next.field == 0xFF_FFFF
            if format < 2 {
                next.length = Int(threeBytes(source, at + 3))
                next.type = source.getInteger(at: at + 6) ?? 0
            }
            if format == 0 { next.messageStream = source.getInteger(at: at + 7, endianness: .little) ?? 0 }
            at += messageHeader
            if next.isExtended {
                guard let whole: UInt32 = source.getInteger(at: at) else { return .incomplete }
                next.field = whole
                at += 4
            }
        } else {
            guard known != nil else { throw .brokenChunk("a continuation opens a chunk stream") }
            if next.isExtended {
                // Some encoders repeat the extended timestamp on continuations and some do not: it is there
                // if it says the same.
                guard let repeated: UInt32 = source.getInteger(at: at) else { return .incomplete }
                if repeated == next.field { at += 4 }
            }
        }
        if !next.isOpen {
            next.timestamp = format == 0 ? next.field : next.timestamp &+ next.field
            try open(&next)
        }
        try store(next, at: known)
        chunkRemaining = min(chunkSize, next.length - next.payload.readableBytes)
        return .taken(bytes: at - source.readerIndex)
    }

    private mutating func open(_ stream: inout ChunkStream) throws(RTMPFault) {
        let isMedia = RTMPMessageType(rawValue: stream.type).isMedia
        let limit = isMedia ? limits.messageBytes : limits.commandBytes
        guard stream.length <= limit else { throw .messageTooLarge(bytes: stream.length, limit: limit) }
        guard promised + stream.length <= limits.unfinishedBytes else {
            throw .tooMuchUnfinished(limit: limits.unfinishedBytes)
        }
        promised += stream.length
        stream.isOpen = true
        // A promise alone gets at most 256 KiB; more memory is found as the bytes really come.
        stream.payload = ByteBufferAllocator().buffer(capacity: min(stream.length, 256 << 10))
    }

    private mutating func store(_ stream: ChunkStream, at known: Int?) throws(RTMPFault) {
        if let known {
            streams[known] = stream
            current = known
            return
        }
        let limit = min(limits.chunkStreams, 254)  // what `lowIndex` can name
        guard streams.count < limit else { throw .tooManyChunkStreams(limit: limit) }
        if stream.id < 64 { lowIndex[stream.id] = UInt8(truncatingIfNeeded: streams.count) }
        current = streams.count
        streams.append(stream)
    }

    private func index(of id: Int) -> Int? {
        if id < 64 {
            guard id >= 0 else { return nil }
            let index = Int(lowIndex[id])
            return index < streams.count ? index : nil
        }
        return streams.firstIndex { $0.id == id }
    }

    private func threeBytes(_ source: ByteBuffer, _ at: Int) -> UInt32 {
        guard let high: UInt16 = source.getInteger(at: at), let low: UInt8 = source.getInteger(at: at + 2)
        else {
            return 0
        }
        return UInt32(high) << 8 | UInt32(low)
    }
}
