package import Captioning
package import Hearing
package import Media
import Shows

/// Makes captions of lines that were heard. Pure.
package struct SpeechScribe: Sendable {
    private let text: SpokenText
    private let rules: ReadingRules
    private let origin: Cue.Origin
    private var prefix = StablePrefix()
    private var speaker: Int?

    package init(text: SpokenText, language: LanguageTag, engine: String) {
        self.text = text
        rules = ReadingRules(for: language)
        origin = Cue.Origin(.speech, engine: engine)
    }

    /// What of an open line may be shown; nil where there is nothing new.
    package mutating func partial(_ line: HeardLine) -> CaptionPartial? {
        guard let stable = prefix.take(line.text, of: line.id) else { return nil }
        let shown = CueText(rules.isUnspaced ? stable : text.corrected(stable))
        return shown.isEmpty ? nil : CaptionPartial(start: line.start, text: shown, origin: origin)
    }

    /// The captions of a line, as long as can be read at a time, each with the time of its words.
    package mutating func cues(_ line: HeardLine) -> [CueDraft] {
        prefix.finish(line.id)
        let pages = rules.isUnspaced ? unspaced(line) : spaced(line)
        let name = mark(line.speaker)
        return pages.enumerated().compactMap { place, page in
            guard !page.text.isEmpty else { return nil }
            let next = place + 1 < pages.count ? pages[place + 1].start : nil
            let shortest = page.start + rules.shortest.milliseconds
            let end = min(max(page.end, shortest), max(next ?? .max, page.start + 1))
            return CueDraft(
                start: page.start, end: end, text: page.text, speaker: place == 0 ? name : nil, origin: origin
            )
        }
    }

    private typealias Page = (text: CueText, start: Int64, end: Int64)

    private func unspaced(_ line: HeardLine) -> [Page] {
        ClauseCutter(rules: rules).pages(CueText(line.text), from: line.start, to: line.end)
    }

    private func spaced(_ line: HeardLine) -> [Page] {
        let said = line.text.split(whereSeparator: \.isWhitespace)
        let heard =
            line.words.count == said.count
            ? zip(said, line.words).map { SpokenWord(String($0), start: $1.start, end: $1.end) }
            : SpokenWord.spread(line.text, from: line.start, to: line.end)
        // A term of several words has come back as one.
        let words = text.corrected(heard).flatMap { SpokenWord.spread($0.text, from: $0.start, to: $0.end) }
        let whole = CueText(words.map(\.text).joined(separator: " "))
        var place = 0
        return ClauseCutter(rules: rules).pages(whole).compactMap { page in
            let count = page.text.split(whereSeparator: \.isWhitespace).count
            let own = words[min(place, words.count)..<min(place + count, words.count)]
            place += count
            guard let first = own.first, let last = own.last else { return nil }
            return (page, first.start, max(first.start + 1, last.end))
        }
    }

    /// Where somebody else speaks than before.
    private mutating func mark(_ next: Int?) -> String? {
        guard let next, next != speaker else { return nil }
        defer { speaker = next }
        return "\(next)"
    }
}
