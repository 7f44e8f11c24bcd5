package import Media

/// Everything a show's viewers can ask for at one moment: immutable, fully rendered, shared.
///
/// Readers take the newest from `LiveWindow.snapshot` and keep it for as long as they write from it.
package final class WindowSnapshot: Sendable {
    package enum State: Sendable, Hashable {
        /// Nothing was ever on air.
        case waiting
        case live
        /// On air, but the feed is away.
        case paused
        case ended
    }

    /// One rendition, as far as answers need it.
    struct Track: Sendable {
        var playlist: PlaylistText?
        /// The delta update; nil where nothing can be skipped.
        var delta: PlaylistText?
        /// The I-frame playlist and its delta update; nil for audio.
        var iFrames: PlaylistText?
        var iFramesDelta: PlaylistText?
        /// The last complete segment that is listed, and how many parts it had.
        var lastClosed: PartCount?
        /// The segment that is open, and how many of its parts are listed.
        var open: PartCount?
        var hintedFile: String?
        /// Renditions of text are asked for by whole segments.
        var hasParts = true
        /// What is in memory, and what is not.
        var files: [String: MediaObject]
        var shelf: FileShelf
    }

    struct PartCount: Sendable, Hashable {
        var sequence: UInt64
        var parts: Int
    }

    /// Rises by one with each snapshot of a window.
    package let version: UInt64
    package let state: State
    /// The multivariant playlist; nil until every rendition has a complete segment.
    package let multivariant: PlaylistText?
    /// The content steering document; nil where there is no steering.
    package let steering: PlaylistText?
    private let tracks: [RenditionName: Track]
    private let advanceLimit: Int
    private let description: WindowManifest?
    let capped: CappedVariants

    init(
        version: UInt64, state: State, multivariant: PlaylistText?, steering: PlaylistText?,
        tracks: [RenditionName: Track], advanceLimit: Int, description: WindowManifest? = nil,
        capped: CappedVariants = CappedVariants(nil, sides: [:])
    ) {
        self.version = version
        self.state = state
        self.multivariant = multivariant
        self.steering = steering
        self.tracks = tracks
        self.advanceLimit = advanceLimit
        self.description = description
        self.capped = capped
    }

    /// A window in which nothing is listed yet.
    package convenience init(version: UInt64, state: State) {
        self.init(
            version: version, state: state, multivariant: nil, steering: nil, tracks: [:], advanceLimit: 6)
    }

    /// The renditions that can be asked for.
    package var renditions: [RenditionName] { Array(tracks.keys) }

    /// The DASH description; nil where there is nothing to tell. Rendered once for each complete segment, by who asks
    /// first.
    package var manifest: PlaylistText? { description?.text() }

    /// The multivariant playlist without the renditions whose short side is above `cap` (pixels).
    package func multivariant(upTo cap: Int) -> PlaylistText? { capped.text(upTo: cap) }

    /// The DASH description without them.
    package func manifest(upTo cap: Int) -> PlaylistText? { description?.text(upTo: cap) }

    /// Pixels of a rendition's shorter side; nil for sound.
    package func shortSide(of rendition: RenditionName) -> Int? { capped.sides[rendition] }

    /// A media playlist, by the rules for delivery directives (draft-pantos-hls-rfc8216bis, 6.2.5.2): a request without
    /// a number never waits; one that is too far ahead is refused; one for what is long past gets what there is.
    /// After the end directives are ignored. A delta update in which nothing is skipped is the full list.
    package func playlist(_ rendition: RenditionName, _ request: BlockingRequest) -> PlaylistAnswer {
        guard let track = tracks[rendition], let lastClosed = track.lastClosed,
            let full = request.list == .segments ? track.playlist : track.iFrames
        else { return .unknown }
        guard state != .ended else { return .ready(full) }
        let delta = request.list == .segments ? track.delta : track.iFramesDelta
        let text = request.skips ? delta ?? full : full
        guard let wanted = request.mediaSequence else {
            return request.part == nil ? .ready(text) : .badRequest("_HLS_part needs _HLS_msn")
        }
        let last = lastClosed.sequence
        guard wanted <= last || wanted - last <= 2 else {
            return .badRequest("_HLS_msn is more than two segments ahead of \(last)")
        }
        // I-frame playlists and text have no parts: whole segments are waited for.
        guard let part = request.part, request.list == .segments, track.hasParts else {
            return wanted <= last ? .ready(text) : .wait
        }
        guard part >= 0 else { return .badRequest("_HLS_part is negative") }
        if wanted < last || (wanted == last && part < lastClosed.parts) { return .ready(text) }
        // Past the final part of a segment means the first of the next.
        let target = wanted == last ? (sequence: last + 1, part: 0) : (sequence: wanted, part: part)
        let listed = track.open.map { $0.sequence == target.sequence ? $0.parts : 0 } ?? 0
        if target.part < listed { return .ready(text) }
        guard target.part - listed < advanceLimit else {
            return .badRequest("_HLS_part is more than \(advanceLimit) parts ahead")
        }
        return .wait
    }

    /// The file `name` (no slash) beside the playlist of `rendition`.
    package func media(_ rendition: RenditionName, file name: Substring) -> MediaAnswer {
        guard let track = tracks[rendition] else { return .unknown }
        if let object = track.files[String(name)] ?? track.shelf.object(String(name)) {
            return .ready(object)
        }
        if let hinted = track.hintedFile, hinted == name { return .wait }
        return .unknown
    }
}
