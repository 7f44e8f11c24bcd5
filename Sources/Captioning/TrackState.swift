package import Media

/// What a machine, or somebody who types, has of a caption so far: told at once, never kept, never in a playlist.
package struct CaptionPartial: Hashable, Sendable {
    /// Unix milliseconds on the show clock.
    package var start: Int64
    /// Nil: it goes on.
    package var end: Int64?
    package var text: CueText
    package var speaker: String?
    package var origin: Cue.Origin

    package init(
        start: Int64, end: Int64? = nil, text: CueText, speaker: String? = nil, origin: Cue.Origin
    ) {
        self.start = start
        self.end = end
        self.text = text
        self.speaker = speaker
        self.origin = origin
    }
}

/// How a track does, as whoever makes its cues reports it, for those who work on the show.
package struct TrackState: Hashable, Sendable {
    package enum Phase: String, Hashable, Sendable, Codable, CaseIterable {
        /// Ready, and nothing to do: the show is not on air, or nobody speaks.
        case idle
        case running
        /// By somebody.
        case stopped
        /// `why` tells.
        case failed
    }

    /// What has been spent of what may be, today (UTC).
    package struct Cost: Hashable, Sendable, Codable {
        package enum Unit: String, Hashable, Sendable, Codable { case characters, seconds }

        package var unit: Unit
        package var spent: Int
        package var cap: Int

        package init(_ unit: Unit, spent: Int, cap: Int) {
            (self.unit, self.spent, self.cap) = (unit, spent, cap)
        }
    }

    package var phase: Phase
    /// Who makes the cues; nil where that is a person, or nobody yet.
    package var engine: String?
    /// What is wrong, in one sentence that says what to do.
    package var why: String?
    /// From the end of what was said until its cue was there: the median of the last minute. Nil: as the hall measures it.
    package var delay: Duration?
    /// Of the last minute. Nil: as the hall counts them.
    package var cuesPerMinute: Int?
    /// Nil where nothing is paid for.
    package var cost: Cost?

    package init(
        _ phase: Phase, engine: String? = nil, why: String? = nil, delay: Duration? = nil,
        cuesPerMinute: Int? = nil, cost: Cost? = nil
    ) {
        self.phase = phase
        self.engine = engine
        self.why = why
        self.delay = delay
        self.cuesPerMinute = cuesPerMinute
        self.cost = cost
    }
}

/// One language of one show.
package struct TrackName: Hashable, Sendable {
    package var show: ShowID
    package var language: LanguageTag

    package init(_ show: ShowID, _ language: LanguageTag) {
        self.show = show
        self.language = language
    }
}
