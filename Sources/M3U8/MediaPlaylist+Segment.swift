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
