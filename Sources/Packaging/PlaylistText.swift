package import NIOCore

/// A playlist as it goes on the wire: rendered once, compressed once, shared by every viewer who asks.
package final class PlaylistText: Sendable {
    package let plain: ByteBuffer
    /// Empty where there was no memory to compress: the plain form is served then.
    package let gzip: ByteBuffer
    /// A strong entity tag, quoted, for the plain form.
    package let etag: String

    package init(plain: ByteBuffer, gzip: ByteBuffer, etag: String) {
        self.plain = plain
        self.gzip = gzip
        self.etag = etag
    }
}

extension PlaylistText {
    /// A text that is whole already.
    package convenience init(whole text: ByteBuffer) {
        let pressed = PlaylistPress().press(text)
        self.init(plain: pressed.plain, gzip: pressed.gzip, etag: pressed.etag)
    }
}
