import Delivery
import NIOCore

/// A client of HTTP/2 that says what it likes: nobody checks its frames.
struct WireClient {
    struct Frame: Sendable {
        var kind: UInt8
        var stream: UInt32
        var payload: [UInt8]

        /// An error code, or an increment: the payload's last four bytes.
        var number: Int { payload.suffix(4).reduce(0) { $0 << 8 | Int($1) } }
    }

    let raw: RawClient

    /// - Parameter window: what the server may send on a stream (bytes).
    static func connect(port: Int, window: UInt32 = 65_535) async throws -> WireClient {
        let client = WireClient(raw: try await RawClient.connect(port: port, tls: ["h2"]))
        var bytes = ByteBuffer()
        bytes.writeStaticString(HTTP2Wire.preface)
        bytes.writeFrameHeader(length: 6, HTTP2Wire.settings, stream: 0)
        bytes.writeInteger(UInt16(4))
        bytes.writeInteger(window)
        try await client.raw.channel.writeAndFlush(bytes).get()
        return client
    }

    func send(_ frames: ByteBuffer...) async throws {
        var bytes = ByteBuffer()
        for frame in frames { bytes.writeImmutableBuffer(frame) }
        try await raw.channel.writeAndFlush(bytes).get()
    }

    static func frame(
        _ kind: UInt8, _ flags: UInt8 = 0, _ stream: UInt32 = 0, _ payload: [UInt8] = []
    ) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeFrameHeader(length: payload.count, kind, flags: flags, stream: stream)
        bytes.writeBytes(payload)
        return bytes
    }

    /// The head of a request that ends with it (GET), or does not (POST).
    static func head(_ stream: UInt32, post: Bool = false, _ path: String, length: Int? = nil) -> ByteBuffer {
        var block: [UInt8] = [post ? 0x83 : 0x82, 0x87, 0x04, UInt8(path.utf8.count)] + path.utf8
        if let length {
            let digits = String(length).utf8
            block += [0x0f, 0x0d, UInt8(digits.count)] + digits
        }
        let flags = HTTP2Wire.endHeaders | (post ? 0 : HTTP2Wire.endStream)
        return frame(HTTP2Wire.headers, flags, stream, block)
    }

    static func data(_ stream: UInt32, count: Int, ends: Bool) -> ByteBuffer {
        frame(HTTP2Wire.data, ends ? HTTP2Wire.endStream : 0, stream, [UInt8](repeating: 1, count: count))
    }

    static let ping = frame(HTTP2Wire.ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])

    var frames: [Frame] { WireClient.frames(raw.bytes) }

    @discardableResult
    func until(_ predicate: @escaping @Sendable ([Frame]) -> Bool) async throws -> [Frame] {
        try await raw.wait { bytes, _ in predicate(WireClient.frames(bytes)) }
        return frames
    }

    private static func frames(_ bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var at = 0
        while bytes.count - at >= HTTP2Wire.header {
            let length = bytes[at..<at + 3].reduce(0) { $0 << 8 | Int($1) }
            let end = at + HTTP2Wire.header + length
            guard end <= bytes.count else { break }
            let stream = bytes[at + 5..<at + 9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append(
                Frame(kind: bytes[at + 3], stream: stream, payload: Array(bytes[at + 9..<end])))
            at = end
        }
        return frames
    }
}
