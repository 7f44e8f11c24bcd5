package import Media
package import NIOCore
package import People
package import Shows

/// The running shows, as the API knows them. Everything here may wait for the disk. What is changed in the store they hear
/// of from there.
package protocol Stage: Sendable {
    /// How a show stands at this moment.
    func standing(of show: Show) -> Standing

    /// Moves a show on: in the store, and on air. Throws `DomainFault` where state or feed stand against it.
    func move(_ show: ShowID, _ event: ShowState.Event, by actor: Actor) throws -> Show
    /// Puts a feed on air. Throws `DomainFault.conflict` where it is not connected or sends no pictures.
    func choose(_ role: FeedRole, of show: ShowID, by actor: Actor) throws

    /// What there is to tell of a show's feed, for its host, in words of this language.
    func feed(of show: ShowID, in language: LanguageTag) -> (any Encodable & Sendable)?
    /// An address under which a host sees what is not for everybody.
    func preview(of show: ShowID) -> PreviewPlace?

    /// How a show was watched in the last hours.
    func quality(of show: ShowID, hours: Int) throws -> any Encodable & Sendable
    /// All that is kept of how it was watched, as CSV.
    func qualityTable(of show: ShowID) throws -> String

    /// Bytes of a beat.
    var beatAtMost: Int { get }
    /// Takes what a viewer's player tells of itself; returns at once. Throws `ProblemDocument` where it is none, or too much.
    func hear(_ beat: ByteBuffer, from arrival: Arrival) throws

    /// What the console shows: every running show with its health, the disk, the version.
    func status() -> any Encodable & Sendable
}

/// How a running show stands.
package struct Standing: Sendable, Hashable {
    /// The show is live and its feed is away.
    package var isPaused: Bool
    /// It has ended and can be seen again.
    package var hasReplay: Bool
    package var viewers: Int

    package init(isPaused: Bool = false, hasReplay: Bool = false, viewers: Int = 0) {
        self.isPaused = isPaused
        self.hasReplay = hasReplay
        self.viewers = viewers
    }
}

/// Where a host sees the show, and for how long.
package struct PreviewPlace: Encodable, Sendable, Hashable {
    package let playlist: String
    package let expiresInSeconds: Int

    package init(playlist: String, expiresInSeconds: Int) {
        self.playlist = playlist
        self.expiresInSeconds = expiresInSeconds
    }
}
