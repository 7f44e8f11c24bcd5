import M3U8
import Media
import NIOCore

/// What of a window's playlists is written already, from one snapshot to the next.
///
/// In: the window's state after each change. Out: a snapshot whose texts are written when somebody asks. A closed
/// segment's text is made once for each list that it is in; what it weighs is measured then, too.
struct WindowText: Sendable {
    /// The multivariant playlist, whole and by what a viewer may see, with what it was made from.
    private struct Choice: Sendable {
        var of: [VariantSource]
        var texts: [TextRendition]
        var text: PlaylistText
        var capped: CappedVariants
    }

    private let settings: WindowSettings
    private let onWrite: @Sendable () -> Void
    private let steering: PlaylistText?
    private var lists: [RenditionName: RenditionText] = [:]
    private var multivariant: Choice?

    /// `onWrite` is called whenever a media playlist is written out, on the thread that asked for it.
    init(_ settings: WindowSettings, onWrite: @escaping @Sendable () -> Void) {
        self.settings = settings
        self.onWrite = onWrite
        steering = settings.steering.map { SteeringDocument($0).text }
    }

    mutating func snapshot(
        of core: WindowCore, version: UInt64, manifest: WindowManifest?
    ) -> WindowSnapshot {
        let standings = core.order.compactMap { core.tracks[$0]?.standing }
        var tracks: [RenditionName: WindowSnapshot.Track] = [:]
        for (name, track) in core.tracks {
            var own = lists[name] ?? RenditionText(settings)
            own.take(track, of: core)
            tracks[name] = own.rendered(track, of: core, standings, onWrite: onWrite)
            lists[name] = own
        }
        let state: WindowSnapshot.State =
            switch core.phase {
            case .waiting: .waiting
            case .live: .live
            case .away, .returning: .paused
            case .ended: .ended
            }
        let choice = choice(core)
        return WindowSnapshot(
            version: version, state: state, multivariant: choice?.text, steering: steering, tracks: tracks,
            advanceLimit: settings.advancePartLimit, description: manifest,
            // Between runs there is nothing to choose from, but what is too large for a viewer still is.
            capped: choice?.capped
                ?? CappedVariants(nil, sides: core.tracks.compactMapValues(\.rendition.shortSide)))
    }

    /// Written anew only where what it says has changed.
    private mutating func choice(_ core: WindowCore) -> Choice? {
        let goesOn = core.tracks.values.contains(where: \.isProducing)
        let active = core.order.compactMap { core.tracks[$0] }.filter { track in
            // What the run goes on without is no choice; what ends with the run stays one.
            track.isActive && track.rest == .none
                && !(track.hasEnded && (track.format == nil || goesOn && track.closed.last?.isGap == true))
        }
        let sources = active.compactMap { track -> VariantSource? in
            guard let format = track.format, !track.closed.isEmpty, let own = lists[track.rendition.name]
            else { return nil }
            return VariantSource(
                rendition: track.rendition, format: format, rate: own.rate, pictureRate: own.pictureRate)
        }
        // All of them, or what there was before: players do not read it again.
        guard !sources.isEmpty, sources.count == active.count else {
            if core.tracks.isEmpty { multivariant = nil }
            return multivariant
        }
        let texts = core.texts.filter { core.tracks[$0.name]?.closed.isEmpty == false }
        if let known = multivariant, known.of == sources, known.texts == texts { return known }
        let settings = settings
        guard let playlist = MultivariantPlaylist(sources, settings, texts: texts) else { return nil }
        let text = PlaylistText {
            var buffer = ByteBufferAllocator().buffer(capacity: 4096)
            playlist.write(into: &buffer)
            return buffer
        }
        let choice = Choice(
            of: sources, texts: texts, text: text,
            capped: CappedVariants(playlist, sides: core.tracks.compactMapValues(\.rendition.shortSide)))
        multivariant = choice
        return choice
    }
}
