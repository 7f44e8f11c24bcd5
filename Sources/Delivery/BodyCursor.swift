package import NIOCore
import Packaging

/// Walks over an answer's content in slices that share the window's memory, or that were read from a file.
package struct BodyCursor: Sendable {
    /// A slice is never longer (bytes): what a stalled viewer over TLS costs is a few of these.
    package static let slice = 64 * 1024

    private var buffers: [ByteBuffer]
    private let file: String?
    /// Where in the file the bytes start that are to be read next.
    private var place = 0
    private var index = 0
    private var offset = 0
    /// Bytes not yet given out.
    package private(set) var remaining: Int

    package init(_ body: ResponsePlan.Body) {
        switch body {
        case .none:
            buffers = []
            file = nil
            remaining = 0
        case .bytes(let buffer):
            buffers = [buffer]
            file = nil
            remaining = buffer.readableBytes
        case .media(let object, let range):
            file = object.file
            if object.file != nil {
                buffers = []
                remaining = range.count
                place = range.lowerBound
                return
            }
            buffers = object.buffers
            remaining = range.count
            offset = range.lowerBound
            while index < buffers.count, offset >= buffers[index].readableBytes {
                offset -= buffers[index].readableBytes
                index += 1
            }
        }
    }

    /// The bytes of a file that have to be read before `next` can give any; nil where it can, or at the end.
    package var wanted: (path: String, range: Range<Int>)? {
        guard let file, remaining > 0, index >= buffers.count else { return nil }
        return (file, place..<place + remaining)
    }

    /// Takes the first bytes of what was wanted; they are given out before more is.
    package mutating func fill(_ bytes: ByteBuffer) {
        (buffers, index, offset) = ([bytes], 0, 0)
        place += bytes.readableBytes
    }

    /// Whether bytes of a file are in memory that were not given out yet.
    package var holdsSlice: Bool { file != nil && index < buffers.count }

    /// Gives such bytes back; they are wanted again.
    package mutating func letGo() {
        guard holdsSlice else { return }
        place -= buffers[index].readableBytes - offset
        (buffers, index, offset) = ([], 0, 0)
    }

    /// The next slice, at most `limit` bytes; nil at the end, and where bytes are wanted from a file.
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
            // What was read from a file is kept by nobody but the slice.
            if file != nil, offset == buffer.readableBytes { (buffers, index, offset) = ([], 0, 0) }
            return slice
        }
        return nil
    }
}
