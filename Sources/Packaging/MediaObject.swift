package import NIOCore

/// Bytes that never change under their name: an init section, a part, or a segment (the parts in a row). They lie in
/// memory while they are new, in a file later.
package final class MediaObject: Sendable {
    package enum Kind: Sendable, Hashable { case videoInit, audioInit, video, audio, key, text }

    package let kind: Kind
    /// The bytes, in order; buffers are shared with the parts, never joined. Empty where they lie in a file.
    package let buffers: [ByteBuffer]
    /// The path of the file that holds the bytes, whole; nil where they are in memory.
    package let file: String?
    package let length: Int
    /// Text in memory with its compressed form, which is made when somebody asks for it; nil for anything else.
    package let text: PlaylistText?

    package init(kind: Kind, buffers: [ByteBuffer]) {
        self.kind = kind
        self.buffers = buffers
        self.file = nil
        self.length = buffers.reduce(0) { $0 + $1.readableBytes }
        self.text = kind == .text && buffers.count == 1 ? PlaylistText(whole: buffers[0]) : nil
    }

    /// Bytes on disk: `length` of them, in the file at `path`. Reading them may block.
    package init(kind: Kind, file path: String, length: Int) {
        self.kind = kind
        self.buffers = []
        self.file = path
        self.length = length
        self.text = nil
    }
}
