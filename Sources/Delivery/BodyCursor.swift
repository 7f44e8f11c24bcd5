package import NIOCore
import Packaging

/// Walks over an answer's content in slices that share the window's memory.
package struct BodyCursor: Sendable {
    /// A slice is never longer (bytes): what a stalled viewer over TLS costs is a few of these.
    package static let slice = 64 * 1024

    private let buffers: [ByteBuffer]
    private var index = 0
    private var offset = 0
    /// Bytes not yet given out.
    package private(set) var remaining: Int

    package init(_ body: ResponsePlan.Body) {
        switch body {
        case .none:
            buffers = []
            remaining = 0
        case .bytes(let buffer):
            buffers = [buffer]
            remaining = buffer.readableBytes
        case .media(let object, let range):
            buffers = object.buffers
            remaining = range.count
            offset = range.lowerBound
            while index < buffers.count, offset >= buffers[index].readableBytes {
                offset -= buffers[index].readableBytes
                index += 1
            }
        }
    }

    /// The next slice, at most `limit` bytes; nil at the end.
    package mutating func next(atMost limit: Int = slice) -> ByteBuffer? {
        while remaining > 0, index < buffers.count {
            let buffer = buffers[index]
            let count = min(limit, remaining, buffer.readableBytes - offset)
            guard count > 0, let slice = buffer.getSlice(at: buffer.readerIndex + offset, length: count)
            else {
                index += 1
                offset = 0
                continue
            }
            offset += count
            remaining -= count
            return slice
        }
        return nil
    }
}
