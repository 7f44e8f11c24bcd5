import Media
import NIOCore

/// What the source thread tells of sound; taken by an encoder's thread, or by a copying stage on the spot.
enum SoundEvent: Sendable {
    case format(SoundFormat)
    /// A frame of the host's, its `pts` on the run's timeline.
    case frame(AccessUnit)
    case cut(CutPlanner.Cut)
    /// The feed is away: silence from here on.
    case lost
    /// A feed is back; whether it has sound.
    case joined(hasAudio: Bool)
    /// Pictures have come this far, and no cut before it is still to come.
    case progress(MediaTime)
}

/// The run's one audio rendition.
protocol SoundStage: AnyObject {
    /// With `mayDrop`, a frame may be dropped where the stage is behind; all else is always kept.
    func receive(_ event: SoundEvent, mayDrop: Bool)
    /// Ends the rendition at the last progress, and waits for it.
    func finish()
}
