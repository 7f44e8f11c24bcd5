import M3U8
import Media

/// What a multivariant playlist says of one rendition comes from this.
struct VariantSource: Sendable, Hashable {
    var rendition: RunPlan.Rendition
    var format: TrackFormat
    var rate: StatedRate
    /// Of the I-frame playlist; without meaning for audio.
    var pictureRate: StatedRate
}

extension StatedRate {
    /// What is stated of a rendition, and of its I-frame playlist, before anything is measured.
    static func promised(_ rendition: RunPlan.Rendition) -> (StatedRate, StatedRate) {
        let promised = Double(rendition.peakBitsPerSecond)
        switch rendition.kind {
        case .video:
            // The encoder's buffer holds half a second: a segment may take up to a quarter more, and boxes a little.
            let rate = StatedRate(
                promisedAverage: rendition.peakBitsPerSecond, promisedPeak: Int(promised * 1.25 * 1.05))
            // No picture is larger than that buffer, and a segment seldom shorter than a second.
            let pictures = StatedRate(
                promisedAverage: rendition.peakBitsPerSecond / 4, promisedPeak: Int(promised * 0.5 * 1.05))
            return (rate, pictures)
        case .audio:
            // Half a second of AAC has about 200 bytes of boxes.
            let rate = StatedRate(
                promisedAverage: Int(promised) + 3200, promisedPeak: Int(promised * 1.05) + 4000)
            return (rate, rate)
        case .text:
            let rate = StatedRate(promisedAverage: 0, promisedPeak: 0)
            return (rate, rate)
        }
    }
}

extension MultivariantPlaylist {
    /// Renditions best first, audio last; with `texts` to be read beside each. Nil where there is no audio.
    init?(_ sources: [VariantSource], _ settings: WindowSettings, texts: [TextRendition] = []) {
        guard let audio = sources.first(where: { $0.shortSide == nil }),
            case .audio(let channels) = audio.rendition.kind
        else { return nil }
        let videos = sources.filter { $0.shortSide != nil }
        let pathway = settings.steering?.base
        let scores = MultivariantPlaylist.scores(videos)
        self.init(
            steering: settings.steering.map { .init(uri: SteeringDocument.file, pathway: $0.base) },
            audio: [
                .init(
                    group: "audio", name: "Original", language: settings.language, isDefault: true,
                    channels: channels, stableID: audio.rendition.name.text,
                    uri: "\(audio.rendition.name)/index.m3u8")
            ], variants: [])
        for source in MultivariantPlaylist.startingOrder(videos) {
            guard case .video(let width, let height, let rate) = source.rendition.kind else { continue }
            let name = source.rendition.name
            variants.append(
                Variant(
                    // What captions weigh beside them is nothing.
                    bandwidth: source.rate.peak + audio.rate.peak,
                    averageBandwidth: min(
                        source.rate.average + audio.rate.average, source.rate.peak + audio.rate.peak),
                    codecs: [source.format.codecs, audio.format.codecs], width: width, height: height,
                    frameRate: rate.framesPerSecond, videoRange: .standard, audioGroup: "audio",
                    score: Double((scores[name] ?? 0) + 2), stableID: name.text, pathway: pathway,
                    uri: "\(name)/index.m3u8"))
            // A range of an encrypted file cannot be read by itself.
            guard settings.segmentsPerKey == nil else { continue }
            iFrameVariants.append(
                IFrameVariant(
                    bandwidth: source.pictureRate.peak,
                    averageBandwidth: min(source.pictureRate.average, source.pictureRate.peak),
                    codecs: [source.format.codecs], width: width, height: height, videoRange: .standard,
                    stableID: "\(name)-iframes", pathway: pathway, uri: "\(name)/iframes.m3u8"))
        }
        // Sound alone, for the worst of networks.
        variants.append(
            Variant(
                bandwidth: audio.rate.peak, averageBandwidth: min(audio.rate.average, audio.rate.peak),
                codecs: [audio.format.codecs], width: nil, height: nil, frameRate: nil, audioGroup: "audio",
                score: 1, stableID: audio.rendition.name.text, pathway: pathway,
                uri: "\(audio.rendition.name)/index.m3u8"))
        add(texts)
    }

    /// Players start with the first variant: the best that a phone network carries at once (short side up to 480),
    /// then the others, best first.
    private static func startingOrder(_ videos: [VariantSource]) -> [VariantSource] {
        let start =
            videos.filter { $0.shortSide ?? 0 <= 480 }.max { $0.shortSide ?? 0 < $1.shortSide ?? 0 }
            ?? videos.last
        return videos.filter { $0.rendition.name == start?.rendition.name }
            + videos.filter { $0.rendition.name != start?.rendition.name }
    }

    /// 0 for the least picture.
    private static func scores(_ videos: [VariantSource]) -> [RenditionName: Int] {
        let rising = videos.sorted {
            ($0.shortSide ?? 0, $0.rendition.peakBitsPerSecond)
                < ($1.shortSide ?? 0, $1.rendition.peakBitsPerSecond)
        }
        return Dictionary(
            rising.enumerated().map { ($1.rendition.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension VariantSource {
    /// Pixels; nil for audio.
    fileprivate var shortSide: Int? {
        if case .video(let width, let height, _) = rendition.kind { min(width, height) } else { nil }
    }
}
