import CZlib
package import NIOCore

/// Packs the assets once, at start.
package enum Gzip {
    /// A page as gzip, made for one answer: a middle level, since it is made each time. Nil where zlib fails.
    package static func page(_ html: ByteBuffer) -> ByteBuffer? {
        compress(Array(html.readableBytesView), level: 6).map { ByteBuffer(bytes: $0) }
    }

    /// `bytes` as one gzip member, without a time or a name; nil where zlib fails.
    static func compress(_ bytes: [UInt8], level: Int32 = Z_BEST_COMPRESSION) -> [UInt8]? {
        var stream = z_stream()
        // 15 bits of window, +16 for the gzip wrapping.
        let opened = deflateInit2_(
            &stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        var input = bytes
        var packed = [UInt8](repeating: 0, count: room)
        let result = input.withUnsafeMutableBufferPointer { from in
            packed.withUnsafeMutableBufferPointer { into in
                stream.next_in = from.baseAddress
                stream.avail_in = UInt32(from.count)
                stream.next_out = into.baseAddress
                stream.avail_out = UInt32(into.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard result == Z_STREAM_END else { return nil }
        return Array(packed.prefix(room - Int(stream.avail_out)))
    }
}
