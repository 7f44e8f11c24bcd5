package import Media

/// How long a feed may be connected without a picture that a show can start with. Pure: time comes with each call.
package struct PictureDeadline: Sendable {
    /// Encoders start with a key frame; one that joins a stream under way sends the next within its interval.
    private static let patience = Duration.seconds(12)
    private static let keyPatience = Duration.seconds(40)

    /// A stream under way says its parameters with its next key frame, as transport streams do; else they come first.
    private let parametersComeWithKeys: Bool
    private var began: MonotonicTime?
    private var hasFormat = false
    private var hasPicture = false
    private var hasKey = false

    package init(parametersComeWithKeys: Bool = false) {
        self.parametersComeWithKeys = parametersComeWithKeys
    }

    package mutating func sawFormat() { hasFormat = true }

    package mutating func sawPicture(isKey: Bool) {
        hasPicture = true
        if isKey { hasKey = true }
    }

    /// Why the feed is to be sent away, for the host; nil where it may go on.
    package mutating func verdict(at now: MonotonicTime) -> String? {
        guard !hasKey else { return nil }
        guard let began else {
            began = now
            return nil
        }
        let waited = now - began
        guard waited > PictureDeadline.patience else { return nil }
        if !hasPicture { return "the feed has no video; add a video source, encoded as H.264 or HEVC" }
        guard waited > PictureDeadline.keyPatience || (!hasFormat && !parametersComeWithKeys) else {
            return nil
        }
        if !hasFormat {
            return "the feed's video does not say its H.264 or HEVC parameters; restart the encoder"
        }
        return "the feed has no key frame (IDR picture); check the encoder's key frame interval"
    }

    /// The same for events that have been read already.
    package mutating func judge(_ event: FeedEvent) -> String? {
        switch event {
        case .videoFormat: sawFormat()
        case .video(let unit):
            sawPicture(isKey: unit.isSync)
            return verdict(at: unit.arrival)
        case .audio(let unit): return verdict(at: unit.arrival)
        case .metadata, .audioFormat, .ended: break
        }
        return nil
    }
}
