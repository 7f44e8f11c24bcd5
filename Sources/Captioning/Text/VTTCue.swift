package import Media

/// A cue as WebVTT has it, on a media clock.
package struct VTTCue: Hashable, Sendable {
    /// So that players know a cue again that stands in two segments; nil where it has none.
    package var id: String?
    package var start: MediaTime
    package var end: MediaTime
    /// Who speaks; nil where that is not said.
    package var speaker: String?
    package var text: CueText

    package init(
        id: String? = nil, start: MediaTime, end: MediaTime, speaker: String? = nil, text: CueText
    ) {
        self.id = id
        self.start = start
        self.end = end
        self.speaker = speaker
        self.text = text
    }
}
