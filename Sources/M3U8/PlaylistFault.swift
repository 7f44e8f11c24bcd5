/// Why a text is not the playlist that it was taken for.
package enum PlaylistFault: Error, Hashable, Sendable {
    case tooLong(bytes: Int)
    case lineTooLong(line: Int)
    case notUTF8(line: Int)
    /// No playlist holds any, but for tabs in a list of identifiers.
    case controlCharacter(line: Int)
    /// It does not begin with `#EXTM3U`.
    case notAPlaylist
    /// A media playlist's tag in a multivariant playlist, or the other way round.
    case wrongKind(tag: String, line: Int)
    case missingTag(String)
    case missingAttribute(String, tag: String, line: Int)
    case malformed(tag: String, line: Int)
    /// An address that no EXTINF or EXT-X-STREAM-INF announced, or one of these without its address.
    case strayAddress(line: Int)
}
