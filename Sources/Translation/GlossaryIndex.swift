/// A glossary's terms by their first characters, the longest first, so that looking for them in a text is quick.
struct GlossaryIndex: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        /// As they are compared: in lower case, unless case counts.
        var characters: [Character]
        var isExact: Bool
        var term: Int
    }

    private var entries: [Character: [Entry]] = [:]
    /// Terms by their first words as phrases fold them.
    private var heads: [String: [Int]] = [:]
    private var texts: [String] = []

    init(_ terms: [GlossaryTerm]) {
        texts = terms.map(\.text)
        for (number, term) in terms.enumerated() {
            let characters = Array(term.text)
            let folded = term.caseSensitive ? characters : characters.map(GlossaryIndex.fold)
            guard let first = folded.first else { continue }
            entries[GlossaryIndex.fold(first), default: []].append(
                Entry(characters: folded, isExact: term.caseSensitive, term: number))
            if let head = PhraseText.tokens(of: term.text).first {
                heads[head.text, default: []].append(number)
            }
        }
        for key in entries.keys { entries[key]?.sort { $0.characters.count > $1.characters.count } }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Those whose first word is this, whatever its case.
    func terms(startingWith word: String) -> [(number: Int, text: String)] {
        (heads[word] ?? []).map { ($0, texts[$0]) }
    }

    /// The longest term that stands at `place`: its number, and how many characters it takes.
    func match(in text: [Character], at place: Int) -> (term: Int, length: Int)? {
        guard let candidates = entries[GlossaryIndex.fold(text[place])] else { return nil }
        for entry in candidates where place + entry.characters.count <= text.count {
            let end = place + entry.characters.count
            let isSame = zip(entry.characters, text[place..<end]).allSatisfy { wanted, found in
                wanted == (entry.isExact ? found : GlossaryIndex.fold(found))
            }
            guard isSame, GlossaryIndex.isBoundary(text, at: place), GlossaryIndex.isBoundary(text, at: end)
            else { continue }
            return (entry.term, entry.characters.count)
        }
        return nil
    }

    /// Whether a word may begin or end between the characters before and at `place`. Where writing has no spaces it may
    /// anywhere.
    static func isBoundary(_ text: [Character], at place: Int) -> Bool {
        guard place > 0, place < text.count else { return true }
        let (before, after) = (text[place - 1], text[place])
        guard before.isWordPart, after.isWordPart else { return true }
        return before.isWrittenWithoutSpaces || after.isWrittenWithoutSpaces
    }

    private static func fold(_ character: Character) -> Character {
        if let ascii = character.asciiValue {
            return (0x41...0x5A).contains(ascii) ? Character(UnicodeScalar(ascii + 32)) : character
        }
        let lower = character.lowercased()
        return lower.count == 1 ? lower.first ?? character : character
    }
}

extension Character {
    /// A letter, a digit, or a mark that belongs to one.
    var isWordPart: Bool { isLetter || isNumber }

    /// Of Han, kana, Hangul, Thai and their neighbours: no space parts their words, or not reliably.
    var isWrittenWithoutSpaces: Bool {
        guard let scalar = unicodeScalars.first else { return false }
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x3005...0x3007,
            0x3040...0x30FF, 0x3130...0x318F, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xAC00...0xD7AF, 0xF900...0xFAFF, 0xFF66...0xFF9F, 0x20000...0x3FFFF:
            return true
        default: return false
        }
    }

    /// A picture: an emoji, whatever it is made of. Digits, `#` and `*` by themselves are none.
    var isPictured: Bool {
        guard let first = unicodeScalars.first else { return false }
        if first.properties.isEmojiPresentation { return true }
        if unicodeScalars.contains(where: { $0.value == 0xFE0F || $0.value == 0x20E3 || $0.value == 0x200D })
        {
            return first.properties.isEmoji
        }
        return first.properties.isEmoji && first.value > 0xFF || (0x1F1E6...0x1F1FF).contains(first.value)
    }
}
