package import Media

/// A word that was heard, and when (Unix milliseconds on the show clock).
package struct SpokenWord: Hashable, Sendable {
    package var text: String
    package var start: Int64
    package var end: Int64

    package init(_ text: String, start: Int64, end: Int64) {
        (self.text, self.start, self.end) = (text, start, end)
    }

    /// The words of a text that is spoken from one instant to another, each with as much of the time as it has of the letters.
    package static func spread(_ text: String, from start: Int64, to end: Int64) -> [SpokenWord] {
        let words = text.split(whereSeparator: \.isWhitespace)
        let sum = words.reduce(0) { $0 + $1.count + 1 }
        var done = 0
        return words.map { word in
            let from = start + (end - start) * Int64(done) / Int64(max(1, sum))
            done += word.count + 1
            let to = start + (end - start) * Int64(done) / Int64(max(1, sum))
            return SpokenWord(String(word), start: from, end: to)
        }
    }
}

/// Makes of what a recogniser heard what a caption should say. Pure. In doubt it leaves things as they are.
package struct SpokenText: Sendable {
    /// What becomes of words that are on the lists of the chat.
    package enum Profanity: String, Sendable, Hashable, CaseIterable {
        case keep
        /// The first letter stays.
        case mask
    }

    private let glossary: GlossaryMatcher
    private let numbers: NumberRules?
    private let isBad: (@Sendable (String) -> Bool)?

    /// `isBad`: whether a word, or several with spaces between, is to be masked; nil: none is.
    package init(
        language: LanguageTag, terms: [String] = [], isBad: (@Sendable (String) -> Bool)? = nil
    ) {
        glossary = GlossaryMatcher(terms)
        numbers = language.primary == "en" ? NumberRules() : nil
        self.isBad = isBad
    }

    package func corrected(_ words: [SpokenWord]) -> [SpokenWord] {
        var words = glossary.corrected(words)
        if let numbers { words = numbers.corrected(words) }
        if let isBad { words = ProfanityMask.masked(words, isBad) }
        return words
    }

    package func corrected(_ text: String) -> String {
        corrected(SpokenWord.spread(text, from: 0, to: 0)).map(\.text).joined(separator: " ")
    }
}

/// Several words in the place of one, or the other way round: times go with them.
extension [SpokenWord] {
    mutating func merge(_ range: Range<Int>, into text: String) {
        guard let first = self[range].first, let last = self[range].last else { return }
        replaceSubrange(range, with: [SpokenWord(text, start: first.start, end: last.end)])
    }
}

/// A word without the signs around it.
struct BareWord: Hashable, Sendable {
    var before: Substring
    var word: Substring
    var after: Substring

    init(_ text: String) {
        let isInner = { (sign: Character) in sign.isLetter || sign.isNumber }
        let start = text.firstIndex(where: isInner) ?? text.endIndex
        let end = text.lastIndex(where: isInner).map { text.index(after: $0) } ?? start
        before = text[..<start]
        word = text[start..<end]
        after = text[end...]
    }

    /// What follows belongs to another clause.
    var isLastOfClause: Bool { !after.allSatisfy { $0 == "-" || $0 == "'" || $0 == "’" } }
}
