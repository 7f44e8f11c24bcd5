import Foundation

/// A text as word lists see it: without case, width, accents, disguises and repetition. Pure.
///
/// Compatibility forms are resolved (NFKD), marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters are left out, those of
/// other scripts, where they are vowels, stay.
package struct FoldedText: Sendable {
    /// A character and how often it stands in a row.
    package struct Run: Hashable, Sendable {
        package var scalar: UInt32
        package var count: Int
    }

    private let scalars: [Unicode.Scalar]
    /// All letters and digits without what stands between them, for comparing whole texts.
    package let text: String

    package init(_ source: String) {
        scalars = FoldedText.folded(source)
        let plain = String(String.UnicodeScalarView(scalars.filter(FoldedText.isLetter)))
        // Pictures and signs only: as they are.
        text = plain.isEmpty ? String(String.UnicodeScalarView(scalars)).filter { $0 != " " } : plain
    }

    /// The same by runs; made anew each time.
    package var flat: [Run] { FoldedText.runs(scalars.filter(FoldedText.isLetter).map(\.value)) }

    /// Words between spaces and signs, each in every way in which it may be read; made anew each time.
    package var words: [[[Run]]] {
        var words: [[[Run]]] = []
        var word: [UInt32] = []
        var letters: [[UInt32]] = []
        func endSpelled() {
            // f u c k, f.u.c.k
            if letters.count >= 3 { words += [FoldedText.readings(of: Array(letters.joined()))] }
            letters = []
        }
        func endWord() {
            defer { word = [] }
            guard !word.isEmpty else { return }
            words.append(FoldedText.readings(of: word))
            if word.count == 1 { letters.append(word) } else { endSpelled() }
        }
        for scalar in scalars {
            if FoldedText.isWord(scalar) { word.append(scalar.value) } else { endWord() }
        }
        endWord()
        endSpelled()
        return words
    }

    // MARK: Folding

    private static func folded(_ source: String) -> [Unicode.Scalar] {
        var kept = String.UnicodeScalarView()
        var dropsMarks = false
        for scalar in source.decomposedStringWithCompatibilityMapping.lowercased()
            .decomposedStringWithCompatibilityMapping.unicodeScalars
        {
            switch scalar.properties.generalCategory {
            case .format, .control: continue
            case .nonspacingMark, .enclosingMark:
                if !dropsMarks, !(0xFE00...0xFE0F).contains(scalar.value), scalar.value < 0xE0000 {
                    kept.append(scalar)
                }
            default:
                dropsMarks = scalar.value < 0x0700 || (0x1E00...0x1FFF).contains(scalar.value)
                // Tatweel only stretches.
                if scalar.value == 0x0640 { continue }
                if let plain = letters[scalar.value] {
                    kept.append(contentsOf: plain.unicodeScalars)
                } else {
                    kept.append(scalar)
                }
            }
        }
        // Hangul and kana as they are usually written; both kinds of kana are one.
        return String(kept).precomposedStringWithCanonicalMapping.unicodeScalars.map { scalar in
            (0x30A1...0x30F6).contains(scalar.value)
                ? Unicode.Scalar(scalar.value - 0x60) ?? scalar : scalar
        }
    }

    /// Letters that no normalisation takes apart.
    private static let letters: [UInt32: String] = [
        0xDF: "ss", 0xE6: "ae", 0xF0: "d", 0xF8: "o", 0xFE: "th", 0x111: "d", 0x127: "h", 0x131: "i",
        0x142: "l",
        0x153: "oe", 0x3C2: "σ",
    ]

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }

    /// Letters, digits, and the signs that stand for letters.
    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        isLetter(scalar) || signs[scalar.value] != nil
    }

    private static let signs: [UInt32: String] = [
        0x40: "a", 0x24: "s", 0x20AC: "e", 0x21: "i", 0x7C: "i",
    ]

    private static let digits: [UInt32: String] = [
        0x30: "o", 0x31: "i", 0x33: "e", 0x34: "a", 0x35: "s", 0x37: "t", 0x38: "b", 0x39: "g",
    ]

    /// Cyrillic and Greek letters that look like Latin ones.
    private static let lookalikes: [UInt32: String] = [
        0x430: "a", 0x435: "e", 0x43E: "o", 0x440: "p", 0x441: "c", 0x443: "y", 0x445: "x", 0x456: "i",
        0x458: "j", 0x455: "s", 0x43A: "k", 0x43C: "m", 0x442: "t", 0x432: "b", 0x43D: "h", 0x3B1: "a",
        0x3BF: "o", 0x3B5: "e", 0x3B9: "i", 0x3BA: "k", 0x3BD: "v", 0x3C1: "p", 0x3C4: "t", 0x3C5: "u",
        0x3C7: "x",
    ]

    // MARK: Reading

    static func runs(_ scalars: [UInt32]) -> [Run] {
        var runs: [Run] = []
        for scalar in scalars {
            if runs.last?.scalar == scalar {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(Run(scalar: scalar, count: 1))
            }
        }
        return runs
    }

    /// As it stands, and as what its digits, signs and foreign letters may stand for.
    private static func readings(of word: [UInt32]) -> [[Run]] {
        // Signs at the ends are signs, as in "ok!" or "@ada".
        let bare = trimmed(word)
        var readings: [[UInt32]] = []
        func add(_ reading: [UInt32]) {
            if !reading.isEmpty, !readings.contains(reading) { readings.append(reading) }
        }
        add(bare)
        let isLatin = word.contains { (0x61...0x7A).contains($0) }
        if isLatin {
            for one in ["i", "l"] {
                for source in bare == word ? [word] : [bare, word] {
                    add(disguised(source, one: one))
                }
            }
        }
        return readings.map(runs)
    }

    private static func trimmed(_ word: [UInt32]) -> [UInt32] {
        let isSign: (UInt32) -> Bool = { signs[$0] != nil }
        let front = word.drop(while: isSign)
        return Array(front.reversed().drop(while: isSign).reversed())
    }

    private static func disguised(_ word: [UInt32], one: String) -> [UInt32] {
        word.flatMap { scalar -> [UInt32] in
            let plain: String? =
                scalar == 0x31 || scalar == 0x7C || scalar == 0x21
                ? one : digits[scalar] ?? signs[scalar] ?? lookalikes[scalar]
            return plain.map { $0.unicodeScalars.map(\.value) } ?? [scalar]
        }
    }
}
