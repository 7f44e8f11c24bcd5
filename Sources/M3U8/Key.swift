/// EXT-X-KEY (4.4.4.4).
package struct Key: Hashable, Sendable {
    /// `NONE`, `AES-128`, `SAMPLE-AES` or `SAMPLE-AES-CTR`.
    package var method: String
    /// Where the key is; nil only with `NONE`.
    package var uri: String?
    /// 16 bytes; nil where it follows from the segment's number.
    package var vector: [UInt8]?

    package init(method: String, uri: String?, vector: [UInt8]? = nil) {
        self.method = method
        self.uri = uri
        self.vector = vector
    }
}
