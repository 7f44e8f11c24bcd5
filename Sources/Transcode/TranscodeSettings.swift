package import Codecs
package import Media

/// How a run is made; plain values, read once.
package struct TranscodeSettings: Sendable {
    /// What becomes of the host's own picture.
    package enum SourceRule: String, Sendable, CaseIterable {
        /// Passed through as the top rendition where it is fit.
        case auto
        /// Always encoded.
        case never
    }

    package enum AudioRule: String, Sendable, CaseIterable {
        /// Copied where nothing else is encoded and it is plain AAC-LC, encoded otherwise.
        case auto
        case encode
        /// Copied wherever it is plain AAC-LC.
        case copy
    }

    package enum Pace: Sendable {
        /// The feed is live: `receive` never blocks, and what comes too late is dropped and counted.
        case live
        /// The feed is a file: `receive` waits for room, and nothing is dropped.
        case offline
    }

    /// Who decides what a run does without while its machine is overloaded.
    package enum Governing: Sendable {
        /// From `at` on (media time), the first `level` steps are taken.
        package struct Scripted: Sendable {
            package var at: MediaTime
            package var level: Int

            package init(at: MediaTime, level: Int) {
                self.at = at
                self.level = level
            }
        }

        /// Nobody: slow encoders lose pictures.
        case off
        case byLoad(OverloadGovernor.Limits)
        /// A list, in order of time: to see a ladder of loads without the load.
        case scripted([Scripted])
    }

    /// The encoded renditions on offer; none means that only the source is passed on.
    package var steps = Ladder.standardSteps
    package var source = SourceRule.auto
    /// Frames a second of encoded renditions, at most; faster sources are divided down.
    package var maximumFrameRate = 30
    package var latency = LatencyProfile.balanced
    package var rateControl = RateControl.cappedQuality(23)
    /// A preset of x264; `superfast` is half the work of `veryfast` for the same quality.
    package var preset = "superfast"
    package var audio = AudioRule.auto
    /// kbit/s of encoded audio, both channels together.
    package var audioKilobits = 128
    package var fitness = SourceFitness()
    /// A PNG or JPEG for the time that the feed is away; nil: the last picture, dark, with a few words.
    package var slate: String?
    package var backlog = FeedBacklog.Limits()
    package var pace = Pace.live
    package var governing = Governing.byLoad(OverloadGovernor.Limits())
    /// Refuse a feed that this machine cannot encode in real time beside those already live.
    package var admits = true

    package init() {}
}
