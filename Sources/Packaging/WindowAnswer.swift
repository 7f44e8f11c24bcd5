/// What a player asks of a media playlist (draft-pantos-hls-rfc8216bis, 6.2.5.2), already read from the query.
package struct BlockingRequest: Hashable, Sendable {
    package var mediaSequence: UInt64?
    package var part: Int?

    package init(mediaSequence: UInt64? = nil, part: Int? = nil) {
        self.mediaSequence = mediaSequence
        self.part = part
    }
}

/// What a window's snapshot says to a request for a playlist.
package enum PlaylistAnswer: Sendable {
    case ready(PlaylistText)
    /// Not yet: ask the next snapshot. Held for at most three target durations, then 503.
    case wait
    /// 400, with the reason.
    case badRequest(String)
    /// 404: no such rendition.
    case unknown
}

/// What a window's snapshot says to a request for an init section, a part or a segment.
package enum MediaAnswer: Sendable {
    case ready(MediaObject)
    /// It is the hinted next part: ask the next snapshot.
    case wait
    case unknown
}
