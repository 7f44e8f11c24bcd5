import CZlib
package import NIOCore

package enum Gunzip {
    /// The text that a gzip body holds; nil where it is none, or has more bytes than allowed.
    package static func text(_ body: ByteBuffer, atMost limit: Int) -> ByteBuffer? {
        var stream = z_stream()
        // 15 bits of window, 16 for the gzip form.
        let status = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = body
        var output = ByteBufferAllocator().buffer(capacity: min(limit, max(4096, body.readableBytes * 6)))
        let isWhole = input.withUnsafeMutableReadableBytes { source -> Bool in
            stream.next_in = source.bindMemory(to: UInt8.self).baseAddress
            stream.avail_in = UInt32(source.count)
            while output.readableBytes <= limit {
                var end = Z_OK
                let written = output.writeWithUnsafeMutableBytes(minimumWritableBytes: 4096) { target in
                    stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
                    stream.avail_out = UInt32(target.count)
                    end = inflate(&stream, Z_NO_FLUSH)
                    return target.count - Int(stream.avail_out)
                }
                if end == Z_STREAM_END { return output.readableBytes <= limit }
                guard end == Z_OK, written > 0 || stream.avail_in > 0 else { return false }
            }
            return false
        }
        return isWhole ? output : nil
    }
}
