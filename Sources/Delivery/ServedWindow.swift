package import Media
package import Packaging

/// A show's window as Delivery sees it: the newest snapshot, and word of the next.
package protocol ServedWindow: AnyObject, Sendable {
    var latest: any ServedSnapshot { get }

    /// Calls `observer` after each publication, on the publishing thread and outside of any lock, for as long as the
    /// window lives.
    func watch(_ observer: @escaping @Sendable (any ServedSnapshot) -> Void)
}

/// One moment of a window: what it says to each request. Immutable.
package protocol ServedSnapshot: AnyObject, Sendable {
    var hasEnded: Bool { get }
    var multivariant: PlaylistText? { get }
    /// The DASH description.
    var manifest: PlaylistText? { get }
    /// The same with only the renditions up to a short side (pixels).
    func multivariant(upTo cap: Int) -> PlaylistText?
    func manifest(upTo cap: Int) -> PlaylistText?
    /// Pixels; nil where there is no picture, or no such rendition.
    func shortSide(of rendition: RenditionName) -> Int?
    /// The content steering document; nil where there is no steering.
    var steering: PlaylistText? { get }
    func playlist(_ rendition: RenditionName, _ request: BlockingRequest) -> PlaylistAnswer
    func media(_ rendition: RenditionName, file name: Substring) -> MediaAnswer
}

extension ServedSnapshot {
    package var manifest: PlaylistText? { nil }
    package func multivariant(upTo cap: Int) -> PlaylistText? { multivariant }
    package func manifest(upTo cap: Int) -> PlaylistText? { manifest }

    /// As the name tells: `720p` has 720, sound has none, and of what does not tell the worst is taken.
    package func shortSide(of rendition: RenditionName) -> Int? {
        if rendition == .audio { return nil }
        return rendition.text.hasSuffix("p") ? Int(rendition.text.dropLast()) ?? .max : .max
    }
    package var steering: PlaylistText? { nil }
}

/// Who knows the shows; asked once per request from event loops, so it answers at once.
package protocol ShowDirectory: Sendable {
    /// The window of `show`; nil where there is no such show.
    func window(for show: ShowID) -> (any ServedWindow)?
    /// The recording of `show`; nil where there is none.
    func replay(of show: ShowID) -> (any ServedWindow)?
}

extension ShowDirectory {
    package func replay(of show: ShowID) -> (any ServedWindow)? { nil }
}

extension LiveWindow: ServedWindow {
    package var latest: any ServedSnapshot { snapshot }

    package func watch(_ observer: @escaping @Sendable (any ServedSnapshot) -> Void) {
        observe { observer($0) }
    }
}

extension WindowSnapshot: ServedSnapshot {
    package var hasEnded: Bool { state == .ended }
}
