/// What a host's encoder says of its own stream; every field may be missing or wrong.
package struct FeedMetadata: Hashable, Sendable {
    package var width: Int?
    package var height: Int?
    package var framesPerSecond: Double?
    package var videoKilobits: Double?
    package var audioKilobits: Double?
    /// Known of what we send ourselves; what others claim is not asked.
    package var videoCodec: VideoCodec?
    package var audioCodec: SoundCodec?
    /// The encoder's name, as it calls itself.
    package var encoder: String?

    package init() {}
}

/// What arrives from a host, in the order of arrival. Timestamps are the host's own, not yet repaired.
package enum FeedEvent: Sendable {
    case metadata(FeedMetadata)
    /// Comes before the first picture, and again when the encoder changes its parameters.
    case videoFormat(PictureFormat)
    case audioFormat(SoundFormat)
    case video(AccessUnit)
    case audio(AccessUnit)
    /// The connection is gone, or the host stopped publishing. Nothing follows.
    case ended(reason: String)
}
