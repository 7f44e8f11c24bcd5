package import Codecs
package import Media

/// What the key frames show: nothing (dark), or always the same (frozen).
package struct PictureWatch: Sendable {
    private var last: LumaThumbnail?
    /// When the picture that is still on the screen was first seen.
    private var stillSince: MonotonicTime?
    private var seenAt: MonotonicTime?

    package init() {}

    package mutating func add(_ thumbnail: LumaThumbnail, at time: MonotonicTime) {
        if let last {
            let (mean, largest) = thumbnail.difference(from: last)
            // A camera's own noise moves cells further than an encoder does that codes the same picture again.
            if mean > 0.3 || largest > 2.5 { stillSince = time }
        } else {
            stillSince = time
        }
        last = thumbnail
        seenAt = time
    }

    package mutating func reset() { self = PictureWatch() }

    /// 0 (black) to 255; nil before anything was seen.
    package var brightness: Float? { last?.mean }

    /// How long the same picture has been sent.
    package var still: Duration? {
        guard let stillSince, let seenAt else { return nil }
        return seenAt - stillSince
    }
}
