/// What caches are told, in terms of the target duration (TD).
package struct CachePolicy: Sendable {
    /// 6 × TD: a blocking playlist under its own query never changes once answered.
    package let blockingPlaylist: String
    /// 0.5 × TD, at least a second.
    package let playlist: String
    /// An ended show may be reopened under the same address, so not for ever.
    package let endedPlaylist: String
    /// No media address is ever reused.
    package let media = "public, max-age=31536000, immutable"
    package let refusal = "max-age=1"
    package let failure = "no-store"

    package init(targetDuration: Duration) {
        let seconds = targetDuration.components.seconds
        blockingPlaylist = "public, max-age=\(6 * seconds)"
        playlist = "public, max-age=\(max(1, seconds / 2))"
        endedPlaylist = "public, max-age=\(max(60, 6 * seconds))"
    }
}
