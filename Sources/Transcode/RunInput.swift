package import Media

/// What a run is told, in order.
package enum RunInput: Sendable {
    /// From feed number `feed`; the first one is 1. What an earlier feed still sends is left out.
    case event(FeedEvent, feed: Int)
    /// The feed is away: the slate is shown by the clock until one has joined and has sent an IDR picture.
    case lost
    /// Feed number `feed` is there; the same number as before is the same connection, whose timestamps go on.
    case joined(feed: Int)
    /// What time it is: the slate goes as far. Nothing for a run whose feed is there.
    case time(MonotonicTime)

    /// The media in it; nil in all that is not media.
    var unit: AccessUnit? {
        guard case .event(let event, _) = self else { return nil }
        return switch event {
        case .video(let unit), .audio(let unit): unit
        default: nil
        }
    }

    var isVideo: Bool { unit?.kind == .video }
}
