package import NIOCore
import NIOHPACK

/// The client's side of an HTTP/2 connection (RFC 9113) that sends GET requests only, without I/O.
package struct HTTP2Reader {
    package enum Event {
        /// To be acknowledged.
        case settings
        case ping(UInt64)
        case head(UInt32, HTTPHead, ends: Bool)
        /// Content, and the bytes that it took of the windows.
        case content(UInt32, ByteBuffer, credit: Int, ends: Bool)
        case ended(UInt32)
        case reset(UInt32)
        /// Streams above this number are not answered; no more may be opened.
        case goAway(last: UInt32)
        case ignored
    }

    enum Frame {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let pushPromise: UInt8 = 5
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
        static let endStream: UInt8 = 0x1
        static let ack: UInt8 = 0x1
        static let endHeaders: UInt8 = 0x4
        static let padded: UInt8 = 0x8
        static let hasPriority: UInt8 = 0x20
        static let header = 9
        static let longest = 16_384
    }

    /// What we let the server send unasked, on a stream and on the connection (bytes): what Chromium allows.
    static let streamWindow = 6 << 20
    static let connectionWindow = 15 << 20
    private static let longestBlock = 64 * 1024

    /// Streams that the server takes at once.
    package private(set) var streamsAtMost = 100
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator(), maxDynamicTableSize: 4096)
    private var block: (stream: UInt32, ends: Bool, bytes: ByteBuffer)?
    private var hasSettings = false

    package init() {}

    /// What a connection begins with: preface, settings, and a window for all.
    package static func opening(_ output: inout ByteBuffer) {
        output.writeStaticString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        output.writeHead(12, Frame.settings)
        output.writeMultipleIntegers(UInt16(2), UInt32(0))
        output.writeMultipleIntegers(UInt16(4), UInt32(streamWindow))
        output.writeHead(4, Frame.windowUpdate)
        output.writeInteger(UInt32(connectionWindow - 65_535))
    }

    /// A GET request on a new stream. Fields are written as literals that need no table.
    package static func request(
        _ address: WebAddress, acceptsGzip: Bool, stream: UInt32, _ output: inout ByteBuffer
    ) {
        let start = output.writerIndex
        output.writeHead(0, Frame.headers, Frame.endStream | Frame.endHeaders, stream)
        output.writeInteger(UInt8(0x82))
        output.writeInteger(address.origin.isSecure ? UInt8(0x87) : UInt8(0x86))
        output.writeInteger(UInt8(0x01))
        output.writeLiteral(address.origin.authority)
        output.writeInteger(UInt8(0x04))
        output.writeLiteral(address.target)
        if acceptsGzip { output.writeInteger(UInt8(0x90)) }
        let length = output.writerIndex - start - Frame.header
        output.setInteger(UInt8(length >> 16), at: start)
        output.setInteger(UInt16(truncatingIfNeeded: length), at: start + 1)
    }

    static func acknowledgeSettings(_ output: inout ByteBuffer) {
        output.writeHead(0, Frame.settings, Frame.ack)
    }

    static func pong(_ opaque: UInt64, _ output: inout ByteBuffer) {
        output.writeHead(8, Frame.ping, Frame.ack)
        output.writeInteger(opaque)
    }

    static func windowUpdate(_ stream: UInt32, _ bytes: Int, _ output: inout ByteBuffer) {
        output.writeHead(4, Frame.windowUpdate, 0, stream)
        output.writeInteger(UInt32(bytes))
    }

    /// RST_STREAM with CANCEL.
    static func cancel(_ stream: UInt32, _ output: inout ByteBuffer) {
        output.writeHead(4, Frame.reset, 0, stream)
        output.writeInteger(UInt32(8))
    }

    /// What the next whole frame says; nil where more bytes are needed. Throws `malformed` and `tooLong`.
    package mutating func next(_ input: inout ByteBuffer) throws(HTTPFailure) -> Event? {
        guard let head = input.getInteger(at: input.readerIndex, as: UInt64.self),
            let low = input.getInteger(at: input.readerIndex + 8, as: UInt8.self)
        else { return nil }
        let length = Int(head >> 40)
        let kind = UInt8(truncatingIfNeeded: head >> 32)
        let flags = UInt8(truncatingIfNeeded: head >> 24)
        let stream = (UInt32(truncatingIfNeeded: head & 0xFF_FFFF) << 8 | UInt32(low)) & 0x7FFF_FFFF
        guard length <= Frame.longest, hasSettings || kind == Frame.settings else { throw .malformed }
        guard input.readableBytes >= Frame.header + length else { return nil }
        input.moveReaderIndex(forwardBy: Frame.header)
        guard var payload = input.readSlice(length: length) else { return nil }
        if let block, kind != Frame.continuation || block.stream != stream { throw .malformed }
        switch kind {
        case Frame.data:
            guard stream != 0 else { throw .malformed }
            try unpad(flags, &payload)
            return .content(stream, payload, credit: length, ends: flags & Frame.endStream != 0)
        case Frame.headers:
            guard stream != 0 else { throw .malformed }
            try unpad(flags, &payload)
            if flags & Frame.hasPriority != 0 {
                guard payload.readableBytes >= 5 else { throw .malformed }
                payload.moveReaderIndex(forwardBy: 5)
            }
            let ends = flags & Frame.endStream != 0
            if flags & Frame.endHeaders != 0 { return try fields(stream, payload, ends) }
            block = (stream, ends, payload)
            return .ignored
        case Frame.continuation:
            guard var open = block else { throw .malformed }
            guard length > 0 || flags & Frame.endHeaders != 0 else { throw .malformed }
            open.bytes.writeBuffer(&payload)
            guard open.bytes.readableBytes <= HTTP2Reader.longestBlock else { throw .tooLong }
            guard flags & Frame.endHeaders != 0 else {
                block = open
                return .ignored
            }
            block = nil
            return try fields(stream, open.bytes, open.ends)
        case Frame.reset:
            guard length == 4, stream != 0 else { throw .malformed }
            return .reset(stream)
        case Frame.settings: return try settings(flags, &payload)
        case Frame.ping:
            guard let opaque = payload.readInteger(as: UInt64.self), length == 8 else { throw .malformed }
            return flags & Frame.ack != 0 ? .ignored : .ping(opaque)
        case Frame.goAway:
            guard let last = payload.readInteger(as: UInt32.self) else { throw .malformed }
            return .goAway(last: last & 0x7FFF_FFFF)
        case Frame.pushPromise: throw .malformed
        default: return .ignored
        }
    }

    private mutating func settings(_ flags: UInt8, _ payload: inout ByteBuffer) throws(HTTPFailure) -> Event {
        guard flags & Frame.ack == 0 else { return .ignored }
        guard payload.readableBytes % 6 == 0 else { throw .malformed }
        hasSettings = true
        while let (name, value) = payload.readMultipleIntegers(as: (UInt16, UInt32).self) {
            if name == 3 { streamsAtMost = Int(min(value, 1000)) }
        }
        return .settings
    }

    private mutating func fields(
        _ stream: UInt32, _ bytes: ByteBuffer, _ ends: Bool
    ) throws(HTTPFailure) -> Event {
        var bytes = bytes
        let fields: HPACKHeaders
        do { fields = try decoder.decodeHeaders(from: &bytes) } catch { throw .malformed }
        var head: HTTPHead?
        for (name, value, _) in fields {
            switch name {
            case ":status":
                guard let status = Int(value), (100..<600).contains(status) else { throw .malformed }
                head = HTTPHead(status: status)
            case "content-length": try head?.note(length: value.utf8)
            case "location": head?.location = value
            case "content-encoding": head?.isGzip = value == "gzip"
            default: break
            }
        }
        guard let head else {
            // Trailers.
            guard ends else { throw .malformed }
            return .ended(stream)
        }
        if (100..<200).contains(head.status) {
            guard !ends else { throw .malformed }
            return .ignored
        }
        return .head(stream, head, ends: ends)
    }

    private func unpad(_ flags: UInt8, _ payload: inout ByteBuffer) throws(HTTPFailure) {
        guard flags & Frame.padded != 0 else { return }
        guard let padding = payload.readInteger(as: UInt8.self), payload.readableBytes >= Int(padding) else {
            throw .malformed
        }
        payload.moveWriterIndex(to: payload.writerIndex - Int(padding))
    }
}

extension ByteBuffer {
    fileprivate mutating func writeHead(
        _ length: Int, _ kind: UInt8, _ flags: UInt8 = 0, _ stream: UInt32 = 0
    ) {
        writeInteger(UInt64(length) << 40 | UInt64(kind) << 32 | UInt64(flags) << 24 | UInt64(stream >> 8))
        writeInteger(UInt8(truncatingIfNeeded: stream))
    }

    /// A string of HPACK (RFC 7541, 5.2) as it is.
    fileprivate mutating func writeLiteral(_ text: String) {
        var length = text.utf8.count
        if length < 127 {
            writeInteger(UInt8(length))
        } else {
            writeInteger(UInt8(127))
            length -= 127
            while length >= 128 {
                writeInteger(UInt8(length & 127 | 128))
                length >>= 7
            }
            writeInteger(UInt8(length))
        }
        writeString(text)
    }
}
