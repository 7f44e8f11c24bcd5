package import Media

/// What a decoder must know of a feed before its pictures; made anew whenever the feed says something else.
package final class RelayFormats: Sendable {
    /// The show's number of the feed: another one has clocks of its own.
    package let feed: Int
    package let metadata: FeedMetadata?
    package let video: PictureFormat?
    package let audio: SoundFormat?

    package init(feed: Int, metadata: FeedMetadata?, video: PictureFormat?, audio: SoundFormat?) {
        self.feed = feed
        self.metadata = metadata
        self.video = video
        self.audio = audio
    }
}

/// A picture or a frame of sound that waits to be sent, with what must have been said before it.
package struct RelayItem: Sendable {
    package var unit: AccessUnit
    package var formats: RelayFormats

    package init(unit: AccessUnit, formats: RelayFormats) {
        self.unit = unit
        self.formats = formats
    }

    /// A receiver may start here.
    package var isStart: Bool { unit.kind == .video && unit.isSync }
}
