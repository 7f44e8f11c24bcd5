/// Finds words of a show in what was heard wrongly: "cash mere" is "cashmere". Pure.
///
/// It is conservative: what it replaces has to be the same letters in other pieces, or sound the same and differ by few
/// letters; short words are left alone, and so is what is well known as it stands.
package struct GlossaryMatcher: Sendable {
    /// Letters of a term that is looked for in pieces, and of one that is looked for by its sound.
    private static let shortest = 5
    private static let shortestSound = 6
    /// Words in which a term may have come apart.
    private static let mostPieces = 4

    private struct Term: Sendable, Hashable {
        var text: String
        var letters: [Character]
        var sound: String
        var words: Int
        /// Written as it is for a reason: `iPhone`, `XS-200`.
        var isMarked: Bool
    }

    private var byLetters: [[Character]: Term] = [:]
    private var bySound: [String: [Term]] = [:]

    package init(_ terms: [String]) {
        for text in terms {
            let letters = GlossaryMatcher.letters(text)
            guard letters.count >= GlossaryMatcher.shortest else { continue }
            let term = Term(
                text: text, letters: letters, sound: SoundKey.of(letters),
                words: text.split(whereSeparator: \.isWhitespace).count,
                isMarked: text.dropFirst().contains { $0.isUppercase || $0.isNumber }
                    || text.contains(where: \.isWhitespace))
            if byLetters[letters] == nil { byLetters[letters] = term }
            if letters.count >= GlossaryMatcher.shortestSound, letters.allSatisfy(\.isASCII) {
                bySound[term.sound, default: []].append(term)
            }
        }
    }

    package var isEmpty: Bool { byLetters.isEmpty }

    private static func letters(_ text: some StringProtocol) -> [Character] {
        text.lowercased().filter { $0.isLetter || $0.isNumber }
    }

    package func corrected(_ words: [SpokenWord]) -> [SpokenWord] {
        guard !isEmpty else { return words }
        var words = words
        var place = 0
        while place < words.count {
            // The longest first: "silk road scarf" before "silk road".
            for count in stride(from: min(GlossaryMatcher.mostPieces, words.count - place), to: 0, by: -1) {
                if let text = replacement(for: words[place..<place + count]) {
                    words.merge(place..<place + count, into: text)
                    break
                }
            }
            place += 1
        }
        return words
    }

    /// Nil where they are to stay.
    private func replacement(for words: ArraySlice<SpokenWord>) -> String? {
        let bare = words.map { BareWord($0.text) }
        guard let first = bare.first, let last = bare.last,
            !bare.dropLast().contains(where: \.isLastOfClause),
            !bare.contains(where: \.word.isEmpty)
        else { return nil }
        let heard = GlossaryMatcher.letters(bare.map(\.word).joined())
        guard let term = byLetters[heard] ?? sounding(like: heard, in: bare) else { return nil }
        let isSame = term.letters == heard
        let written = bare.map { String($0.word) }.joined(separator: " ")
        if isSame, words.count == term.words, written.lowercased() == term.text.lowercased() {
            // Only its capitals are other ones: a name that is a word, too, may be that word.
            guard term.isMarked, written != term.text else { return nil }
        }
        // The beginning of a sentence keeps its capital.
        let isCapital =
            first.word.first?.isUppercase == true && term.text.first?.isLowercase == true && !term.isMarked
        let text = isCapital ? "\(term.text.prefix(1).uppercased())\(term.text.dropFirst())" : term.text
        return "\(first.before)\(text)\(last.after)"
    }

    private func sounding(like heard: [Character], in words: [BareWord]) -> Term? {
        guard heard.count >= GlossaryMatcher.shortestSound, heard.allSatisfy(\.isASCII) else { return nil }
        // A word of its own that everybody knows is what was meant.
        if words.count == 1, CommonWords.contains(String(heard)) { return nil }
        let near = (bySound[SoundKey.of(heard)] ?? []).filter { term in
            let most = max(1, term.letters.count / 4)
            return heard.first.map { SoundKey.isAlike($0, term.letters[0]) } == true
                && abs(term.letters.count - heard.count) <= most
                && EditDistance.of(heard, term.letters, atMost: most) != nil
        }
        // Where it might be one or the other, it is neither.
        return near.count == 1 ? near[0] : nil
    }
}

/// How a word sounds in English, roughly: words with equal keys may be heard for each other. Pure.
enum SoundKey {
    static func of(_ letters: [Character]) -> String {
        var text = String(letters)
        for (from, to) in [
            ("tch", "C"), ("sch", "S"), ("ght", "t"), ("ph", "f"), ("ck", "k"), ("sh", "S"), ("ch", "C"),
            ("th", "t"),
            ("wh", "w"), ("kn", "n"), ("wr", "r"), ("qu", "kw"), ("ce", "se"), ("ci", "si"), ("cy", "si"),
            ("x", "ks"),
            ("q", "k"), ("c", "k"), ("z", "s"), ("gh", "g"), ("dg", "j"),
        ] {
            text = text.replacing(from, with: to)
        }
        var key = ""
        for letter in text {
            let sound: Character = "aeiouyhw".contains(letter) ? "-" : (letter == "v" ? "f" : letter)
            if key.last != sound { key.append(sound) }
        }
        // Vowels at the end are often swallowed.
        if key.count > 1, key.last == "-" { key.removeLast() }
        return key
    }

    static func isAlike(_ a: Character, _ b: Character) -> Bool {
        if a == b { return true }
        let groups = ["ckq", "sz", "vf", "gj", "iey", "ou", "ae"]
        return groups.contains { $0.contains(a) && $0.contains(b) }
    }
}

/// Letters put in, left out, changed, or swapped. Pure.
enum EditDistance {
    /// Nil where it is more than `most`.
    static func of(_ a: [Character], _ b: [Character], atMost most: Int) -> Int? {
        guard abs(a.count - b.count) <= most else { return nil }
        var before = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
                row.append(cost)
            }
            (before, last) = (last, row)
        }
        return last[b.count] <= most ? last[b.count] : nil
    }
}

/// Words of six letters and more that are said in every show: none of them is a brand that was heard wrongly.
enum CommonWords {
    static func contains(_ word: String) -> Bool { list.contains(word) }

    private static let list = Set(
        """
        always another around because before better beautiful between bought bottom button called change children choose \
        classic closer cotton colour colours coming comfortable couple course custom customer customers delivery different \
        discount dollar dollars double during either eleven enough everybody everyone everything exactly family favorite \
        feeling figure finally finish follow friend friends getting giving gonna great happen happening having however \
        hundred inches including inside instead jacket ladies large leather leaving letter little limited looking lovely \
        making matter medium middle million minute minutes moment morning mother movie natural needed nothing number office \
        online orange orders ordered people percent perfect pocket pockets please prices pretty problem product products \
        purple quality question questions quickly really remember regular running saying second seconds season seeing seller \
        selling seventy shipping shirts should shoulder simple single sleeve sleeves small smaller someone something \
        special spring started stitch stitching street strong stuff style styles summer sweater system taking talking \
        tested thanks themselves thirty through together tomorrow tonight totally trying twelve twenty under until usually \
        velvet version waiting wanted wanting washing watching wearing weather website weekend welcome winter without woman \
        women wonder wonderful working yellow yesterday yourself
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
