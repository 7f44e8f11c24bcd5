package import Media

/// Something about a feed that its host should know, in words that need no manual.
package struct Finding: Hashable, Sendable {
    package enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
        /// Good to know.
        case info
        /// Viewers see or hear less than they could.
        case warning
        /// Viewers see or hear next to nothing, or soon will.
        case error

        package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .info: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// What is wrong and what to do, a sentence each.
    package struct Words: Hashable, Sendable {
        package var title: String
        package var fix: String
        /// What is told of this feed in particular, by name: for the same words in another language.
        package var values: [String: String]

        package init(_ title: String, fix: String, values: [String: String] = [:]) {
            self.title = title
            self.fix = fix
            self.values = values
        }
    }

    package var code: FindingCode
    package var severity: Severity
    package var words: Words
    /// When it began.
    package var since: MonotonicTime

    package init(code: FindingCode, severity: Severity, words: Words, since: MonotonicTime) {
        self.code = code
        self.severity = severity
        self.words = words
        self.since = since
    }
}

/// What a finding is about. Programs may rely on the raw values.
package enum FindingCode: String, Sendable, Hashable, CaseIterable {
    case pictureMissing = "picture-missing"
    case pictureDark = "picture-dark"
    case pictureFrozen = "picture-frozen"
    case picturePortrait = "picture-portrait"
    case pictureShape = "picture-shape"
    case pictureInterlaced = "picture-interlaced"
    case resolutionLow = "resolution-low"
    case resolutionHigh = "resolution-high"
    case resolutionOdd = "resolution-odd"
    case keyframeInterval = "keyframe-interval"
    case frameRateLow = "frame-rate-low"
    case frameRateHigh = "frame-rate-high"
    case framesIrregular = "frames-irregular"
    case framesDropped = "frames-dropped"
    case bFrames = "b-frames"
    case bitrateLow = "bitrate-low"
    case bitrateHigh = "bitrate-high"
    case bitrateBelowTarget = "bitrate-below-target"
    case bitrateUnstable = "bitrate-unstable"
    case uploadLate = "upload-late"
    case clockDrift = "clock-drift"
    case audioMissing = "audio-missing"
    case audioSilent = "audio-silent"
    case audioClipping = "audio-clipping"
    case audioMono = "audio-mono"
    case audioOneSided = "audio-one-sided"
    case loudnessLow = "loudness-low"
    case loudnessHigh = "loudness-high"
    /// The machine's trouble, not the feed's: told by who runs the show.
    case machineOverloaded = "machine-overloaded"

    /// How long it has to be so before it is told, and how long it has to be gone before it is taken back.
    var patience: (raise: Duration, clear: Duration) {
        switch self {
        case .pictureMissing, .pictureDark: (.seconds(3), .milliseconds(500))
        case .pictureFrozen: (.zero, .zero)
        case .keyframeInterval: (.zero, .seconds(3))
        case .framesDropped, .framesIrregular: (.seconds(1), .seconds(5))
        case .frameRateLow, .frameRateHigh, .bFrames: (.seconds(2), .seconds(3))
        case .bitrateLow, .bitrateHigh, .bitrateBelowTarget, .bitrateUnstable: (.seconds(3), .seconds(5))
        case .uploadLate: (.seconds(1), .seconds(5))
        case .clockDrift: (.seconds(10), .seconds(10))
        case .audioMissing: (.zero, .seconds(1))
        case .audioSilent: (.seconds(8), .seconds(1))
        case .audioClipping: (.zero, .zero)
        case .audioOneSided: (.seconds(8), .seconds(2))
        case .loudnessLow, .loudnessHigh: (.seconds(5), .seconds(3))
        case .audioMono, .picturePortrait, .pictureShape, .pictureInterlaced, .resolutionLow, .resolutionHigh,
            .resolutionOdd, .machineOverloaded:
            (.zero, .zero)
        }
    }
}
