import M3U8
import Media
import NIOCore

/// What of a window's playlists is written already, from one snapshot to the next.
///
/// In: the window's state after each change. Out: a snapshot whose texts are written when somebody asks. A closed
/// segment's text is made once for each list that it is in; what it weighs is measured then, too.
struct WindowText: Sendable {
    private let settings: WindowSettings
    private let steering: PlaylistText?
    private var lists: [RenditionName: RenditionText] = [:]
    private var multivariant: (of: [VariantSource], text: PlaylistText)?

    init(_ settings: WindowSettings) {
        self.settings = settings
        steering = settings.steering.map { SteeringDocument($0).text }
    }

    mutating func snapshot(of core: WindowCore, version: UInt64) -> WindowSnapshot {
        let standings = core.order.compactMap { core.tracks[$0]?.standing }
        var tracks: [RenditionName: WindowSnapshot.Track] = [:]
        for (name, track) in core.tracks {
            var own = lists[name] ?? RenditionText(settings)
            own.take(track, of: core)
            tracks[name] = own.rendered(track, of: core, standings)
            lists[name] = own
        }
        let state: WindowSnapshot.State =
            switch core.phase {
            case .waiting: .waiting
            case .live: .live
            case .away, .returning: .paused
            case .ended: .ended
            }
        return WindowSnapshot(
            version: version, state: state, multivariant: multivariantText(core), steering: steering,
            tracks: tracks, advanceLimit: settings.advancePartLimit)
    }

    /// Written anew only where what it says has changed.
    private mutating func multivariantText(_ core: WindowCore) -> PlaylistText? {
        let active = core.order.compactMap { core.tracks[$0] }.filter(\.isActive)
        let sources = active.compactMap { track -> VariantSource? in
            guard let format = track.format, !track.closed.isEmpty, let own = lists[track.rendition.name]
            else { return nil }
            return VariantSource(
                rendition: track.rendition, format: format, rate: own.rate, pictureRate: own.pictureRate)
        }
        // All of them, or none: players do not read it again.
        guard !sources.isEmpty, sources.count == active.count else { return nil }
        if let known = multivariant, known.of == sources { return known.text }
        let settings = settings
        guard let playlist = MultivariantPlaylist(sources, settings) else { return nil }
        let text = PlaylistText {
            var buffer = ByteBufferAllocator().buffer(capacity: 4096)
            playlist.write(into: &buffer)
            return buffer
        }
        multivariant = (sources, text)
        return text
    }
}
