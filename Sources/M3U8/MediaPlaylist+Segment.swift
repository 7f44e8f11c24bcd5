extension MediaPlaylist {
    /// EXT-X-PART (4.4.4.9).
    package struct Part: Hashable, Sendable {
        package var uri: String
        /// Seconds.
        package var duration: Double
        /// It holds a picture at which a decoder may start.
        package var isIndependent: Bool
        package var isGap: Bool
        package var byteRange: ByteRange?

        package init(
            uri: String, duration: Double, isIndependent: Bool = false, isGap: Bool = false,
            byteRange: ByteRange? = nil
        ) {
            self.uri = uri
            self.duration = duration
            self.isIndependent = isIndependent
            self.isGap = isGap
            self.byteRange = byteRange
        }
    }

    package struct Segment: Hashable, Sendable {
        /// Nil for the segment that is still open: it has parts only, and stands last.
        package var uri: String?
        /// EXTINF, in seconds; without meaning where `uri` is nil.
        package var duration: Double
        package var isDiscontinuity: Bool
        package var isGap: Bool
        /// The init section that holds from here on; the renderer writes it where it changes. Nil: as before.
        package var map: String?
        /// The part of `map` that is meant; nil for all of it.
        package var mapRange: ByteRange?
        /// EXT-X-KEY tags that stand before this segment; empty: as before.
        package var keys: [Key]
        /// EXT-X-PROGRAM-DATE-TIME in Unix milliseconds.
        package var programDateTime: Int64?
        package var parts: [Part]
        /// EXT-X-BYTERANGE: the part of the file that is meant; nil for all of it.
        package var byteRange: ByteRange?

        package init(
            uri: String?, duration: Double = 0, isDiscontinuity: Bool = false, isGap: Bool = false,
            map: String? = nil, mapRange: ByteRange? = nil, keys: [Key] = [], programDateTime: Int64? = nil,
            parts: [Part] = [], byteRange: ByteRange? = nil
        ) {
            self.uri = uri
            self.duration = duration
            self.isDiscontinuity = isDiscontinuity
            self.isGap = isGap
            self.map = map
            self.mapRange = mapRange
            self.keys = keys
            self.programDateTime = programDateTime
            self.parts = parts
            self.byteRange = byteRange
        }
    }
}

/// A part of a file: `length[@offset]`.
package struct ByteRange: Hashable, Sendable {
    package var length: UInt64
    /// From the file's start; nil where it begins after the range before it.
    package var offset: UInt64?

    package init(length: UInt64, offset: UInt64?) {
        self.length = length
        self.offset = offset
    }
}

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
