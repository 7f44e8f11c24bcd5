/// What a player asks of a media playlist (draft-pantos-hls-rfc8216bis, 6.2.5), already read from the path and query.
package struct BlockingRequest: Hashable, Sendable {
    /// Which of a rendition's lists.
    package enum List: Hashable, Sendable {
        case segments
        /// `iframes.m3u8`: one picture of each segment, for seeking with pictures.
        case iFrames
    }

    package var list: List
    package var mediaSequence: UInt64?
    package var part: Int?
    /// `_HLS_skip=YES` or `v2`: a delta update. Both get the same, since no date ranges are listed.
    package var skips: Bool

    package init(
        list: List = .segments, mediaSequence: UInt64? = nil, part: Int? = nil, skips: Bool = false
    ) {
        self.list = list
        self.mediaSequence = mediaSequence
        self.part = part
        self.skips = skips
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
