/// What caches are told, in terms of the target duration (TD).
package struct CachePolicy: Sendable {
    /// 6 × TD: a blocking playlist under its own query never changes once answered.
    package let blockingPlaylist: String
    /// 0.5 × TD, at least a second.
    package let playlist: String
    /// An ended show may be reopened under the same address, so not for ever.
    package let endedPlaylist: String
    /// No media address is ever reused.
    package let media: String
    package let refusal = "max-age=1"
    package let failure = "no-store"
    /// For what is right at its moment only; caches that do not know `no-store` know `max-age`.
    package let never = "no-store, max-age=0"

    /// `isPrivate` keeps answers out of shared caches: a cache that does not know tokens would go on serving them when
    /// the token in the address has expired.
    package init(targetDuration: Duration, isPrivate: Bool = false) {
        let scope = isPrivate ? "private" : "public"
        let seconds = targetDuration.components.seconds
        blockingPlaylist = "\(scope), max-age=\(6 * seconds)"
        playlist = "\(scope), max-age=\(max(1, seconds / 2))"
        endedPlaylist = "\(scope), max-age=\(max(60, 6 * seconds))"
        media = "\(scope), max-age=31536000, immutable"
    }
}
