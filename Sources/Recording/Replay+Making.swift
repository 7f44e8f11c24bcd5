import CMAF
import Foundation
package import M3U8
package import Media
import NIOCore
package import Packaging

extension Replay {
    /// The replay of a show's reels, with `texts` to be read beside it; nil where there is nothing to play. Blocks for the
    /// init sections' files.
    package static func make(
        show: ShowID, script: ReplayScript, folder: ArchiveFolder, language: String?,
        texts: [any RecordedText] = []
    ) -> Replay? {
        guard !script.places.isEmpty else { return nil }
        var formats: [String: TrackFormat] = [:]
        for (reel, name, map) in script.maps {
            let path = folder.file(show, tag: script.reels[reel].tag, rendition: name, name: map)
            guard let data = FileManager.default.contents(atPath: path),
                let track = try? InitSection.read(ByteBuffer(bytes: data))
            else { continue }
            formats["\(name)/\(map)"] = track.format
        }
        return Replay(show: show, script: script, folder: folder, language: language, texts: texts) {
            formats["\($0)/\($1)"]
        }
    }

    /// The rules, with `format` to tell what a rendition's init section holds.
    package convenience init?(
        show: ShowID, script: ReplayScript, folder: ArchiveFolder, language: String?,
        texts: [any RecordedText] = [], format: (RenditionName, String) -> TrackFormat?
    ) {
        guard let sound = script.renditions.first(where: { !$0.isPicture }),
            script.renditions.contains(where: \.isPicture),
            var multivariant = ReplayVariants(script, sound: sound, language: language, format: format)?
                .playlist
        else { return nil }
        multivariant.add(texts.map(\.rendition))
        var playlists: [RenditionName: PlaylistText] = [:]
        var iFrames: [RenditionName: PlaylistText] = [:]
        for rendition in script.renditions {
            let name = rendition.name
            // The text is kept, not the model, which is several times as large.
            let text = script.playlist(of: name).text
            playlists[name] = PlaylistText { text }
            guard rendition.isPicture else { continue }
            let pictures = script.iFrames(of: name).text
            iFrames[name] = PlaylistText { pictures }
        }
        var files: [RenditionName: Files] = [:]
        for (index, reel) in script.reels.enumerated() {
            // Text is written anew, with what has been put right since.
            for (name, segments) in reel.segments where !reel.texts.contains(name) {
                let isSound = name == sound.name
                var own = files[name] ?? Files(kind: isSound ? .audio : .video)
                for segment in segments where !segment.isGap {
                    own.segments.append(
                        .init(
                            sequence: segment.sequence, bytes: UInt32(clamping: segment.bytes),
                            reel: UInt16(clamping: index)))
                }
                for (map, bytes) in reel.inits[name] ?? [:] { own.inits[map] = (index, bytes) }
                files[name] = own
            }
        }
        for name in files.keys { files[name]?.segments.sort { $0.sequence < $1.sequence } }
        self.init(
            show: show, variants: PlaylistText(multivariant),
            capped: CappedVariants(
                multivariant,
                sides: Dictionary(
                    script.renditions.compactMap { plan in plan.shortSide.map { (plan.name, $0) } }
                ) { first, _ in first }), playlists: playlists, iFrames: iFrames,
            files: files,
            tags: script.reels.map(\.tag), duration: script.duration, folder: folder,
            texts: texts)
    }
}

extension ReplayScript {
    /// Every init section that is needed: reel, rendition, file.
    var maps: [(Int, RenditionName, String)] {
        var known: Set<String> = []
        var maps: [(Int, RenditionName, String)] = []
        for shots in shots.values {
            for (place, shot) in zip(places, shots) {
                guard let map = shot.segment?.map, known.insert("\(shot.rendition)/\(map)").inserted else {
                    continue
                }
                maps.append((place.reel, shot.rendition, map))
            }
        }
        return maps
    }

    /// A rendition's list: the whole recording, without parts.
    package func playlist(of name: RenditionName) -> MediaPlaylist {
        let shots = shots[name] ?? []
        let longest = shots.compactMap(\.segment?.duration.seconds).max() ?? 2
        var playlist = MediaPlaylist(
            targetDuration: max(2, Int(longest.rounded())), mediaSequence: 0, kind: .video,
            isEnded: true)
        playlist.segments = zip(places, shots).map { place, shot in
            let prefix = shot.rendition == name ? "" : "../\(shot.rendition)/"
            return MediaPlaylist.Segment(
                uri: prefix + (shot.segment?.file ?? "gap\(place.sequence)-\(reels[place.reel].tag).mp4"),
                duration: (shot.segment?.duration ?? place.duration).seconds,
                isDiscontinuity: place.isBreak, isGap: shot.segment == nil,
                map: shot.segment?.map.map { prefix + $0 },
                programDateTime: shot.segment?.programDateTime ?? place.date)
        }
        return playlist
    }

    /// A rendition's first picture of each segment, for seeking with pictures.
    package func iFrames(of name: RenditionName) -> MediaPlaylist {
        var playlist = playlist(of: name)
        playlist.isIFramesOnly = true
        for (index, shot) in (shots[name] ?? []).enumerated() where index < playlist.segments.count {
            if let length = shot.segment?.keyLength {
                playlist.segments[index].byteRange = .init(length: UInt64(length), offset: 0)
            } else {
                playlist.segments[index].isGap = true
            }
        }
        return playlist
    }
}

/// What there is to choose from, with rates as they were measured.
private struct ReplayVariants {
    let playlist: MultivariantPlaylist

    init?(
        _ script: ReplayScript, sound: RunPlan.Rendition, language: String?,
        format: (RenditionName, String) -> TrackFormat?
    ) {
        guard case .audio(let channels) = sound.kind else { return nil }
        func codecs(_ name: RenditionName) -> [String] {
            var found: [String] = []
            for shot in script.shots[name] ?? [] {
                guard let map = shot.segment?.map, let codec = format(shot.rendition, map)?.codecs,
                    !found.contains(codec)
                else { continue }
                found.append(codec)
            }
            return found
        }
        let soundRate = Rate(script.shots[sound.name] ?? [])
        let soundCodecs = codecs(sound.name)
        let pictures = script.renditions.filter(\.isPicture)
        // Players start with the first: the best that a phone network carries at once, then the others, best first.
        let start =
            pictures.filter { $0.shortSide ?? 0 <= 480 }.max { $0.shortSide ?? 0 < $1.shortSide ?? 0 }
            ?? pictures.last
        let order = pictures.filter { $0.name == start?.name } + pictures.filter { $0.name != start?.name }
        let rising = pictures.sorted {
            ($0.shortSide ?? 0, $0.peakBitsPerSecond) < ($1.shortSide ?? 0, $1.peakBitsPerSecond)
        }
        let variants = order.compactMap { picture -> MultivariantPlaylist.Variant? in
            guard case .video(let width, let height, let frames) = picture.kind else { return nil }
            let rate = Rate(script.shots[picture.name] ?? [])
            let own = codecs(picture.name)
            guard rate.peak > 0, !own.isEmpty else { return nil }
            return .init(
                bandwidth: rate.peak + soundRate.peak, averageBandwidth: rate.average + soundRate.average,
                codecs: own + soundCodecs, width: width, height: height,
                frameRate: frames.framesPerSecond, videoRange: .standard, audioGroup: "audio",
                score: Double((rising.firstIndex { $0.name == picture.name } ?? 0) + 2),
                stableID: picture.name.text, uri: "\(picture.name)/index.m3u8")
        }
        guard !variants.isEmpty else { return nil }
        var lists = MultivariantPlaylist(
            audio: [
                .init(
                    group: "audio", name: "Original", language: language, isDefault: true, channels: channels,
                    stableID: sound.name.text, uri: "\(sound.name)/index.m3u8")
            ], variants: variants)
        lists.variants.append(
            .init(
                bandwidth: soundRate.peak, averageBandwidth: soundRate.average, codecs: soundCodecs,
                width: nil,
                height: nil, frameRate: nil, audioGroup: "audio", score: 1, stableID: sound.name.text,
                uri: "\(sound.name)/index.m3u8"))
        for picture in order {
            let rate = Rate(script.shots[picture.name] ?? [], ofPictures: true)
            guard case .video(let width, let height, _) = picture.kind, rate.peak > 0 else { continue }
            lists.iFrameVariants.append(
                .init(
                    bandwidth: rate.peak, averageBandwidth: rate.average, codecs: codecs(picture.name),
                    width: width, height: height, videoRange: .standard, stableID: "\(picture.name)-iframes",
                    uri: "\(picture.name)/iframes.m3u8"))
        }
        playlist = lists
    }

    /// Bits a second, as recorded.
    private struct Rate {
        var average = 0
        var peak = 0

        init(_ shots: [ReplayScript.Shot], ofPictures: Bool = false) {
            var bytes = 0
            var seconds = 0.0
            for segment in shots.compactMap(\.segment) where segment.duration > .zero {
                let size = ofPictures ? segment.keyLength ?? 0 : segment.bytes
                bytes += size
                seconds += segment.duration.seconds
                // Shorter ones count with their neighbours (4.1), which they cannot raise by much.
                if segment.duration.seconds >= 1 {
                    peak = max(peak, Int((Double(size * 8) / segment.duration.seconds).rounded(.up)))
                }
            }
            guard seconds > 0, bytes > 0 else { return }
            average = Int((Double(bytes * 8) / seconds).rounded(.up))
            peak = max(peak, average)
        }
    }
}

extension MediaPlaylist {
    fileprivate var text: ByteBuffer {
        var text = ByteBufferAllocator().buffer(capacity: 256 + segments.count * 120)
        write(into: &text)
        return text
    }
}

extension PlaylistText {
    convenience init(_ playlist: MultivariantPlaylist) {
        var text = ByteBufferAllocator().buffer(capacity: 2048)
        playlist.write(into: &text)
        let written = text
        self.init { written }
    }
}
