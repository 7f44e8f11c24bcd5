package import NIOCore

/// Bytes that never change under their name: an init section, a part, or a segment (the parts in a row).
package final class MediaObject: Sendable {
    package enum Kind: Sendable, Hashable { case videoInit, audioInit, video, audio, key }

    package let kind: Kind
    /// The bytes, in order; buffers are shared with the parts, never joined.
    package let buffers: [ByteBuffer]
    package let length: Int

    package init(kind: Kind, buffers: [ByteBuffer]) {
        self.kind = kind
        self.buffers = buffers
        self.length = buffers.reduce(0) { $0 + $1.readableBytes }
    }
}
