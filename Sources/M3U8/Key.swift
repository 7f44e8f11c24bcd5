/// EXT-X-KEY (4.4.4.4) or EXT-X-SESSION-KEY (4.4.6.5).
package struct Key: Hashable, Sendable {
    /// `NONE`, `AES-128`, `SAMPLE-AES` or `SAMPLE-AES-CTR`; others are kept as they came.
    package var method: String
    /// Where the key is; nil only with `NONE`.
    package var uri: String?
    /// 16 bytes; nil where it follows from the segment's number.
    package var vector: [UInt8]?
    /// KEYFORMAT; nil is `identity`.
    package var format: String?
    package var formatVersions: String?

    package init(
        method: String, uri: String?, vector: [UInt8]? = nil, format: String? = nil,
        formatVersions: String? = nil
    ) {
        self.method = method
        self.uri = uri
        self.vector = vector
        self.format = format
        self.formatVersions = formatVersions
    }

    package static let clear = Key(method: "NONE", uri: nil)
}
