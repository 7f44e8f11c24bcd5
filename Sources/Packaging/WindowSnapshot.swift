package import Media

/// Everything a show's viewers can ask for at one moment: immutable, fully rendered, shared.
///
/// Readers take the newest from `LiveWindow.snapshot` and keep it for as long as they write from it.
package final class WindowSnapshot: Sendable {
    package enum State: Sendable, Hashable { case waiting, live, paused, ended }

    /// Rises by one with each snapshot of a window.
    package let version: UInt64
    package let state: State

    package init(version: UInt64, state: State) {
        self.version = version
        self.state = state
    }

    /// The multivariant playlist; nil until every rendition has something listed.
    package var multivariant: PlaylistText? { nil }

    /// A media playlist. The plain request never waits.
    package func playlist(_ rendition: RenditionName, _ request: BlockingRequest) -> PlaylistAnswer {
        .unknown
    }

    /// The file `name` (no slash) beside the playlist of `rendition`.
    package func media(_ rendition: RenditionName, file name: Substring) -> MediaAnswer { .unknown }
}
