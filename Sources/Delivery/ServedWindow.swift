package import Media
package import Packaging

/// A show's window as Delivery sees it: the newest snapshot, and word of the next.
package protocol ServedWindow: AnyObject, Sendable {
    var latest: any ServedSnapshot { get }

    /// Calls `observer` after each publication, on the publishing thread, for as long as the window lives.
    func watch(_ observer: @escaping @Sendable (any ServedSnapshot) -> Void)
}

/// One moment of a window: what it says to each request. Immutable.
package protocol ServedSnapshot: AnyObject, Sendable {
    var hasEnded: Bool { get }
    var multivariant: PlaylistText? { get }
    /// The content steering document; nil where there is no steering.
    var steering: PlaylistText? { get }
    func playlist(_ rendition: RenditionName, _ request: BlockingRequest) -> PlaylistAnswer
    func media(_ rendition: RenditionName, file name: Substring) -> MediaAnswer
}

extension ServedSnapshot {
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
