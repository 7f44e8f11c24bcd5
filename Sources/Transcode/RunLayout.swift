package import Media

/// What a run is made of: decided once, from the feed's facts and the settings. Pure.
package struct RunLayout: Sendable {
    package var ladder: Ladder
    /// The host's sound is passed on as it is.
    package var copiesAudio: Bool
    package var cost: EncodingCost
    package var plan: RunPlan

    package init(facts: FeedFacts, settings: TranscodeSettings, start: MediaTime) {
        let picture = facts.format.parameters
        var unfit = settings.fitness.reasons(facts)
        if settings.source == .never { unfit.append("passing the source through is switched off") }
        let source = Ladder.Source(
            width: picture.width, height: picture.height, pixelAspect: picture.pixelAspect,
            frameRate: facts.timing.rate)
        ladder = Ladder.choose(
            source: source, passesSource: unfit.isEmpty, steps: settings.steps,
            maximumFrameRate: settings.maximumFrameRate)
        if ladder.passesSource { RunLayout.keepBelow(facts.peakVideoKilobits, &ladder.rungs) }
        copiesAudio = RunLayout.copies(facts.audio, settings.audio, encodesVideo: !ladder.rungs.isEmpty)
        cost = EncodingCost(
            sourceWidth: picture.width, sourceHeight: picture.height, sourceRate: facts.timing.rate,
            rungs: ladder.rungs, preset: settings.preset, encodesAudio: !copiesAudio,
            sourceCodec: facts.format.codec)
        var renditions: [RunPlan.Rendition] = []
        if ladder.passesSource {
            renditions.append(
                RunPlan.Rendition(
                    name: .source,
                    kind: .video(width: picture.width, height: picture.height, frameRate: facts.timing.rate),
                    peakBitsPerSecond: max(facts.peakVideoKilobits, 1) * 1000, isPassthrough: true))
        }
        for rung in ladder.rungs {
            renditions.append(
                RunPlan.Rendition(
                    name: rung.name,
                    kind: .video(width: rung.width, height: rung.height, frameRate: rung.frameRate),
                    peakBitsPerSecond: rung.maximumKilobits * 1000, isPassthrough: false))
        }
        let claimed = Int(min(max(facts.metadata.audioKilobits ?? 0, 0), 10_000))
        let kilobits = copiesAudio ? max(facts.audioKilobits, claimed, 16) : settings.audioKilobits
        renditions.append(
            RunPlan.Rendition(
                name: .audio, kind: .audio(channels: copiesAudio ? facts.audio?.channels ?? 2 : 2),
                peakBitsPerSecond: kilobits * 1000, isPassthrough: copiesAudio))
        plan = RunPlan(
            renditions: renditions, partGrid: ladder.rungs.first?.frameRate ?? facts.timing.rate,
            start: start,
            startArrival: facts.firstArrival, unfitReasons: unfit)
    }

    /// A rung that may spend as much as the source would be listed above it by players that sort by bandwidth.
    private static func keepBelow(_ sourceKilobits: Int, _ rungs: inout [Rung]) {
        var above = sourceKilobits
        for index in rungs.indices {
            rungs[index].maximumKilobits = max(64, min(rungs[index].maximumKilobits, above * 6 / 10))
            above = rungs[index].maximumKilobits
        }
    }

    private static func copies(
        _ audio: SoundFormat?, _ rule: TranscodeSettings.AudioRule, encodesVideo: Bool
    ) -> Bool {
        guard rule == .copy || (rule == .auto && !encodesVideo), let audio = audio?.aac else { return false }
        return isPlain(audio)
    }

    /// AAC-LC as every player takes it.
    static func isPlain(_ audio: AACFormat) -> Bool {
        audio.objectType == 2 && [44_100, 48_000].contains(audio.sampleRate)
            && (1...2).contains(audio.channels)
    }
}

extension RunLayout {
    /// How the source's slot is encoded where the host's own picture can no longer be passed through: its size, and
    /// the rate of the step nearest to it.
    func sourceRung(_ facts: FeedFacts, maximumFrameRate: Int) -> Rung {
        let picture = facts.format.parameters
        let source = Ladder.Source(
            width: picture.width, height: picture.height, pixelAspect: picture.pixelAspect,
            frameRate: facts.timing.rate)
        var rung = Ladder.own(source: source, maximumFrameRate: maximumFrameRate)
        rung.name = .source
        if let running = ladder.rungs.first { rung.frameRate = running.frameRate }
        return rung
    }
}
