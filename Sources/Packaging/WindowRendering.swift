import M3U8
import Media
import NIOCore

/// How a window's state becomes playlists.
extension WindowCore {
    /// One rendition's media playlist; nil until its first segment is complete, since players take a list without
    /// one for an error.
    func mediaPlaylist(_ name: RenditionName) -> MediaPlaylist? {
        guard let track = tracks[name], !track.closed.isEmpty else { return nil }
        let isEnded = phase == .ended
        var playlist = MediaPlaylist(
            targetDuration: settings.targetSeconds, partTarget: isEnded ? nil : settings.partTarget,
            serverControl: .init(
                canBlockReload: !isEnded, holdBack: settings.holdBack,
                partHoldBack: isEnded ? nil : settings.partHoldBack),
            mediaSequence: firstSequence, discontinuitySequence: discontinuitySequence, isEnded: isEnded)
        if isEnded { playlist.serverControl = nil }
        let partsFrom = (track.end ?? .zero) - settings.targetDuration * 3
        playlist.segments = track.closed.map { segment in
            listed(segment, hasParts: !isEnded && segment.end > partsFrom, isOpen: false)
        }
        if let open = track.open { playlist.segments.append(listed(open, hasParts: true, isOpen: true)) }
        tellKeys(of: track.closed.map { $0 } + [track.open].compactMap { $0 }, in: &playlist.segments)
        if let hint = hinted(track) { playlist.hintedPart = names.part(hint) }
        if !isEnded {
            playlist.reports = order.filter { $0 != name }.compactMap { other in
                guard let reported = tracks[other]?.reported else { return nil }
                return .init(
                    uri: "../\(other)/index.m3u8", lastSequence: reported.sequence,
                    lastPart: reported.index >= 0 ? reported.index : nil)
            }
        }
        return playlist
    }

    /// A key is told where it changes, with the init section under it. A gap of an encrypted show tells neither.
    private func tellKeys(of segments: [WindowTrack.Segment], in listed: inout [MediaPlaylist.Segment]) {
        guard settings.segmentsPerKey != nil else { return }
        var told: String?
        for (place, segment) in segments.enumerated() {
            guard let key = segment.key else {
                listed[place].map = nil
                continue
            }
            if key.file != told {
                listed[place].keys = [Key(method: "AES-128", uri: key.file, vector: key.vector)]
            }
            told = key.file
        }
    }

    private func listed(_ segment: WindowTrack.Segment, hasParts: Bool, isOpen: Bool) -> MediaPlaylist.Segment
    {
        MediaPlaylist.Segment(
            uri: isOpen ? nil : segment.file, duration: isOpen ? 0 : segment.duration.seconds,
            isDiscontinuity: segment.isDiscontinuity, isGap: !isOpen && segment.isGap, map: segment.map,
            programDateTime: segment.programDateTime,
            parts: hasParts
                ? segment.parts.map { part in
                    .init(
                        uri: part.file, duration: min(part.duration.seconds, settings.partTarget),
                        isIndependent: part.isIndependent, isGap: part.isGap)
                } : [])
    }

    /// What there is to choose from; nil until every rendition of the run has a format and a complete segment.
    func multivariantPlaylist() -> MultivariantPlaylist? {
        let active = order.compactMap { tracks[$0] }.filter(\.isActive)
        guard !active.isEmpty, active.allSatisfy({ $0.format != nil && !$0.closed.isEmpty }) else {
            return nil
        }
        guard let audio = active.first(where: { !$0.isVideo }),
            case .audio(let channels) = audio.rendition.kind
        else {
            return nil
        }
        let videos = active.filter(\.isVideo)
        let variants = startingOrder(videos).compactMap { track -> MultivariantPlaylist.Variant? in
            guard case .video(let width, let height, let rate) = track.rendition.kind,
                let format = track.format,
                let audioFormat = audio.format
            else { return nil }
            let (peak, sound) = (
                Double(track.rendition.peakBitsPerSecond), Double(audio.rendition.peakBitsPerSecond)
            )
            return .init(
                bandwidth: Int((peak * 1.25 + sound) * 1.05), averageBandwidth: Int(peak + sound),
                codecs: [format.codecs, audioFormat.codecs], width: width, height: height,
                frameRate: rate.framesPerSecond, audioGroup: "audio",
                uri: "\(track.rendition.name)/index.m3u8")
        }
        return MultivariantPlaylist(
            audio: [
                .init(
                    group: "audio", name: "Original", language: settings.language, isDefault: true,
                    channels: channels,
                    uri: "\(audio.rendition.name)/index.m3u8")
            ], variants: variants)
    }

    /// Players start with the first variant: the best that a phone network carries at once (short side up to 480),
    /// then the others, best first.
    private func startingOrder(_ videos: [WindowTrack]) -> [WindowTrack] {
        func shortSide(_ track: WindowTrack) -> Int {
            if case .video(let width, let height, _) = track.rendition.kind { min(width, height) } else { 0 }
        }
        let start =
            videos.filter { shortSide($0) <= 480 }.max { shortSide($0) < shortSide($1) } ?? videos.last
        return videos.filter { $0.rendition.name == start?.rendition.name }
            + videos.filter { $0.rendition.name != start?.rendition.name }
    }
}
