package import Foundation
package import Media
package import People

/// What somebody says that a caption is.
package struct CueDraft: Hashable, Sendable {
    /// Unix milliseconds on the show clock.
    package var start: Int64
    package var end: Int64
    package var text: CueText
    package var speaker: String?
    package var origin: Cue.Origin
    /// Its times count from the moment at which the show goes on air.
    package var isScript: Bool

    package init(
        start: Int64, end: Int64, text: CueText, speaker: String? = nil, origin: Cue.Origin,
        isScript: Bool = false
    ) {
        self.start = start
        self.end = end
        self.text = text
        self.speaker = speaker
        self.origin = origin
        self.isScript = isScript
    }
}

/// What is to be other of a cue; nil leaves it.
package struct CueChange: Hashable, Sendable {
    package var start: Int64?
    package var end: Int64?
    package var text: CueText?
    /// Empty takes it away.
    package var speaker: String?

    package init(start: Int64? = nil, end: Int64? = nil, text: CueText? = nil, speaker: String? = nil) {
        self.start = start
        self.end = end
        self.text = text
        self.speaker = speaker
    }
}

/// Which cues of a track are wanted.
package struct CueQuery: Sendable {
    /// Those that end after it (Unix milliseconds).
    package var from: Int64?
    /// Those that start before it.
    package var to: Int64?
    /// Of these, those after this one in the order of starts and ids.
    package var after: (start: Int64, id: Int)?
    package var limit: Int

    package init(from: Int64? = nil, to: Int64? = nil, after: (start: Int64, id: Int)? = nil, limit: Int) {
        self.from = from
        self.to = to
        self.after = after
        self.limit = limit
    }
}

/// Keeps captions. Every call is one transaction, and is on disk when it returns; it throws `DomainFault` for what may not
/// be. Blocks.
package protocol CaptionStore: Sendable {
    /// In the order of their starts.
    func cues(of show: ShowID, _ language: LanguageTag, _ query: CueQuery) throws -> [Cue]
    func cue(_ id: Int, of show: ShowID, _ language: LanguageTag) throws -> Cue?
    /// Throws `repeated` where there are such whose sender calls them as the first of these: nothing is added then.
    func addCues(
        _ drafts: [CueDraft], to show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    )
        throws -> [Cue]
    /// A machine's renderings of the cue `source` of another track stand in the place of its earlier ones, `old`, which keep
    /// their numbers as far as there are as many; with no drafts, or without `source`, they are gone. Nil where nothing was
    /// done: the source is not as it was given, or not gone, or somebody has changed one of `old`, which stay while the
    /// source does (`keepCues`). What was done is noted in the same transaction (`renderedCues`).
    func renewCues(
        _ old: [Int], with drafts: [CueDraft], of source: CueSource, in show: ShowID, _ language: LanguageTag
    ) throws -> RenewedCues?
    /// What there is of `source` in another track stays as it is, and counts as made from it as it was given; false where it is
    /// not so any more.
    func keepCues(of source: CueSource, in show: ShowID, _ language: LanguageTag) throws -> Bool
    /// The cues of the track of `source` from which those of `language` have been made, or kept, by their ids: at which
    /// revision. What is made of a cue that is gone is in it until that is gone, too.
    func renderedCues(of show: ShowID, _ language: LanguageTag, from source: LanguageTag) throws -> [Int: Int]
    /// Those of the latest thousand whose sender calls them so.
    func cues(named name: String, of show: ShowID, _ language: LanguageTag) throws -> [Cue]
    /// Throws `stale` where the revision is another.
    func editCue(
        _ id: Int, of show: ShowID, _ language: LanguageTag, _ change: CueChange, ifRevision: Int?,
        by actor: Actor, at now: Date
    ) throws -> Cue
    func removeCue(_ id: Int, of show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date) throws
    /// All cues of the track are gone, and these there instead.
    func replaceCues(
        _ drafts: [CueDraft], of show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> RenewedCues
    /// Cues whose times count from the show's start get these of the show clock, on which that is `zero`. Returns the
    /// languages that had any.
    func anchorCues(of show: ShowID, zero: Int64) throws -> Set<LanguageTag>
    /// Of each language that has any: how many cues there are, and how often they have changed.
    func captionTracks(of show: ShowID) throws -> [LanguageTag: CaptionTrackFacts]
    /// The tracks whose machine somebody has stopped.
    func stoppedTracks(of show: ShowID) throws -> Set<LanguageTag>
    /// Whether that is something new.
    func setStopped(
        _ isStopped: Bool, _ show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> Bool
}

/// What there is of a track.
package struct CaptionTrackFacts: Hashable, Sendable {
    package var cues: Int
    /// Rises with each change.
    package var edition: Int

    package init(cues: Int, edition: Int) {
        self.cues = cues
        self.edition = edition
    }
}

/// The cue that others are made from.
package struct CueSource: Hashable, Sendable {
    package var language: LanguageTag
    package var id: Int
    /// As it was read; nil: it is gone.
    package var cue: Cue?

    package init(language: LanguageTag, id: Int, cue: Cue?) {
        self.language = language
        self.id = id
        self.cue = cue
    }
}

/// Cues that stand in the place of others, and those of the others that are gone.
package struct RenewedCues: Hashable, Sendable {
    package var put: [Cue]
    package var removed: [Int]

    package init(put: [Cue], removed: [Int]) {
        self.put = put
        self.removed = removed
    }
}
