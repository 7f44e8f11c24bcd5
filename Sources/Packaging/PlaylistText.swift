package import NIOCore
import Synchronization

/// A playlist as it goes on the wire: written when the first viewer asks, compressed when the first asks who takes
/// that, and shared by everyone after. What nobody asks for costs nothing.
package final class PlaylistText: Sendable {
    private struct Content: Sendable {
        /// Nil once the text is written: what it was made from is let go.
        var write: (@Sendable () -> ByteBuffer)?
        var plain = ByteBuffer()
        var etag = ""
        var gzip: ByteBuffer?

        mutating func written() -> Self {
            if let write {
                self.write = nil
                plain = write()
                etag = PlaylistPress.tag(of: plain)
            }
            return self
        }
    }

    private let content: Mutex<Content>

    /// A text that `write` makes, once, on the thread of whoever asks first; others wait for it.
    package init(_ write: @escaping @Sendable () -> ByteBuffer) {
        content = Mutex(Content(write: write))
    }

    /// A text that is whole already; it is compressed when somebody asks.
    package convenience init(whole text: ByteBuffer) {
        self.init { text }
    }

    /// A text with all its forms.
    package init(plain: ByteBuffer, gzip: ByteBuffer, etag: String) {
        content = Mutex(Content(write: nil, plain: plain, etag: etag, gzip: gzip))
    }

    package var plain: ByteBuffer { content.withLock { $0.written().plain } }

    /// A strong entity tag, quoted, for the plain form.
    package var etag: String { content.withLock { $0.written().etag } }

    /// Empty where there was no memory to compress: the plain form is served then.
    package var gzip: ByteBuffer {
        content.withLock { content in
            if let gzip = content.gzip { return gzip }
            let gzip = PlaylistPress.compressed(content.written().plain) ?? ByteBuffer()
            content.gzip = gzip
            return gzip
        }
    }
}
