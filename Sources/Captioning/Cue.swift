package import Media
package import People
package import Shows

/// One caption: what is said in one language, from one instant of the show clock to another.
package struct Cue: Hashable, Sendable {
    /// Rises from 1 in each track; never given to another cue.
    package var id: Int
    /// Unix milliseconds on the show clock: PROGRAM-DATE-TIME of the picture that it goes with.
    package var start: Int64
    package var end: Int64
    package var text: CueText
    package var speaker: String?
    package var origin: Origin
    /// The words may still change: shown at once, never in a playlist.
    package var isFinal: Bool
    /// Its times count from the moment at which the show goes on air, which it has not done.
    package var isScript: Bool
    /// Who wrote or changed it last; nil for a machine.
    package var editor: Actor?
    /// Counts every change, from 1.
    package var revision: Int

    /// Where the words come from.
    package struct Origin: Hashable, Sendable, Codable {
        package var kind: CaptionSource
        /// The recogniser or translator; nil for people.
        package var engine: String?
        /// Of a translation: the language that was spoken, and how many translations lie between.
        package var from: LanguageTag?
        package var hops: Int?
        /// The number of the cue that it is a translation of, in the track of `from`.
        package var cue: Int?
        /// What its sender calls it, told apart by senders: the same once more is the same cue.
        package var name: String?

        package init(
            _ kind: CaptionSource, engine: String? = nil, from: LanguageTag? = nil, hops: Int? = nil,
            cue: Int? = nil, name: String? = nil
        ) {
            self.kind = kind
            self.engine = engine
            self.from = from
            self.hops = hops
            self.cue = cue
            self.name = name
        }
    }

    package init(
        id: Int, start: Int64, end: Int64, text: CueText, speaker: String? = nil,
        origin: Origin, isFinal: Bool = true, isScript: Bool = false, editor: Actor? = nil, revision: Int = 1
    ) {
        self.id = id
        self.start = start
        self.end = end
        self.text = text
        self.speaker = speaker
        self.origin = origin
        self.isFinal = isFinal
        self.isScript = isScript
        self.editor = editor
        self.revision = revision
    }

    /// Somebody has written or changed it; what the server does by itself is a machine's doing.
    package var isPersons: Bool { editor.map { $0 != .server } ?? false }

    /// How players know it again.
    var name: String { "c\(id)" }
}
