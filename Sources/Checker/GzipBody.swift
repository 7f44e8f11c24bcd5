import CZlib
package import NIOCore

/// Takes the gzip off an answer.
package enum GzipBody {
    /// Nil where it is no gzip, or its text is longer than `most` bytes.
    package static func inflated(_ packed: ByteBuffer, most: Int) -> ByteBuffer? {
        var stream = z_stream()
        // 15 bits of window, 32 to read the gzip and zlib forms alike.
        guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = packed
        var output = ByteBuffer()
        // The pointer is used within the closure only.
        let isWhole = input.withUnsafeMutableReadableBytes { source -> Bool in
            stream.next_in = source.bindMemory(to: UInt8.self).baseAddress
            stream.avail_in = UInt32(clamping: source.count)
            var status = Z_OK
            while status == Z_OK, output.readableBytes <= most {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: 64 << 10) { target in
                    stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
                    stream.avail_out = UInt32(clamping: target.count)
                    status = inflate(&stream, Z_NO_FLUSH)
                    return target.count - Int(stream.avail_out)
                }
            }
            return status == Z_STREAM_END
        }
        return isWhole && output.readableBytes <= most ? output : nil
    }
}
