package import Media

/// What the first seconds of a feed say of it.
package struct FeedFacts: Sendable {
    package var format: PictureFormat
    package var timing: FrameTiming
    /// Between the first two IDR pictures; nil where the second did not come in time.
    package var keyFrameInterval: MediaTime?
    /// How much of the feed was seen.
    package var span: MediaTime
    /// kbit/s of the pictures seen.
    package var videoKilobits: Int
    /// kbit/s of the sound seen.
    package var audioKilobits: Int
    /// Pictures that a decoder must hold back to put them in order; 0 without B-frames.
    package var reorderDepth: Int
    /// Nil where no sound came within a second.
    package var audio: SoundFormat?
    package var metadata: FeedMetadata
    /// Presentation time of the first IDR picture, in the host's own time.
    package var firstTime: MediaTime
    package var firstArrival: MonotonicTime

    package init(format: PictureFormat, timing: FrameTiming) {
        self.format = format
        self.timing = timing
        keyFrameInterval = nil
        span = .zero
        videoKilobits = 0
        audioKilobits = 0
        reorderDepth = 0
        audio = nil
        metadata = FeedMetadata()
        firstTime = .zero
        firstArrival = MonotonicTime(nanoseconds: 0)
    }

    /// The larger of what the host says and what was measured: what players are promised.
    package var peakVideoKilobits: Int {
        max(videoKilobits, Int(min(max(metadata.videoKilobits ?? 0, 0), 1_000_000)))
    }
}

/// When the host's own H.264 may be passed through to players untouched.
package struct SourceFitness: Hashable, Sendable {
    /// Segments are cut at the host's IDR pictures, and a target duration of 2 s rounds down from below 2.5 s.
    package var maximumKeyFrameInterval = MediaTime(milliseconds: 2050)
    /// kbit/s; viewers' networks, not ours, set it.
    package var maximumKilobits = 8000
    /// Ten times the H.264 level; 4.2 is what phones and browsers decode in hardware.
    package var maximumLevel: UInt8 = 42

    package init() {}

    /// Why the feed is not fit, each in plain words; empty where it is.
    package func reasons(_ facts: FeedFacts) -> [String] {
        // Nothing that the host could set beside it would help.
        guard facts.format.codec == .avc else {
            return ["it is \(facts.format.codec.name), which not every browser plays; send H.264 for that"]
        }
        var reasons = keyFrameReasons(facts)
        let picture = facts.format.parameters
        if case .variable = facts.timing { reasons.append("its frame rate is not constant") }
        if facts.timing.rate.framesPerSecond > 60.5 {
            reasons.append("\(facts.timing.rate) frames a second are more than 60")
        }
        if ![66, 77, 100].contains(picture.profile) || picture.chromaFormat != 1 || picture.bitDepthLuma != 8
            || picture.bitDepthChroma != 8
        {
            reasons.append(
                "its H.264 profile (\(picture.profile), \(picture.bitDepthLuma) bit) is not one that all browsers"
                    + " play; use baseline, main or high")
        }
        if picture.level > maximumLevel {
            reasons.append(
                "its H.264 level \(SourceFitness.level(picture.level)) is above"
                    + " \(SourceFitness.level(maximumLevel))")
        }
        if picture.isInterlaced { reasons.append("it is interlaced") }
        if facts.peakVideoKilobits > maximumKilobits {
            reasons.append("its \(facts.peakVideoKilobits) kbit/s are above the limit of \(maximumKilobits)")
        }
        if max(picture.width, picture.height) > 1920 || min(picture.width, picture.height) > 1088 {
            reasons.append("its picture of \(picture.width)×\(picture.height) is larger than 1920×1080")
        }
        return reasons
    }

    private func keyFrameReasons(_ facts: FeedFacts) -> [String] {
        let advice = "set the encoder's key frame interval to 2 s"
        guard let interval = facts.keyFrameInterval else {
            if facts.span <= maximumKeyFrameInterval { return [] }
            return ["its key frames are more than \(facts.span) apart; \(advice)"]
        }
        return interval > maximumKeyFrameInterval
            ? ["its key frames are \(interval) apart; \(advice)"] : []
    }

    private static func level(_ value: UInt8) -> String { "\(value / 10).\(value % 10)" }
}
