import Foundation

/// A word, a number or a sign of a text, as phrases are compared.
struct PhraseToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Folded: lower case, without accents. A single character where writing has no spaces.
        case word
        /// Digits with the separators in between, as ASCII: `1,299.00`, `5-7`.
        case number
        /// A currency or percent sign.
        case sign
    }

    var kind: Kind
    var text: String
    /// As it was written, in NFKC.
    var written: String
    /// Nothing stands between it and the token before.
    var isGlued: Bool
}

/// Texts cut into tokens that people's many ways of writing have in common: no case, accents, punctuation, full-width
/// forms or letters drawn out.
enum PhraseText {
    static func tokens(of text: some Sequence<Character>) -> [PhraseToken] {
        let characters = text.flatMap(compatible)
        var tokens: [PhraseToken] = []
        var place = 0
        var isGlued = false
        while place < characters.count {
            let start = place
            let character = characters[place]
            if character.isDecimal {
                place = endOfNumber(characters, place)
                let written = String(characters[start..<place])
                tokens.append(
                    PhraseToken(kind: .number, text: ascii(written), written: written, isGlued: isGlued))
                isGlued = true
            } else if character.isCurrencySymbol || character == "%" || character == "٪" {
                place += 1
                let sign = character == "٪" ? "%" : String(character)
                tokens.append(PhraseToken(kind: .sign, text: sign, written: sign, isGlued: isGlued))
                isGlued = true
            } else if character.isWrittenWithoutSpaces, character.isLetter || character.isNumber {
                place += 1
                let written = String(character)
                tokens.append(PhraseToken(kind: .word, text: written, written: written, isGlued: isGlued))
                isGlued = true
            } else if character.isLetter {
                while place < characters.count, isInWord(characters, place) { place += 1 }
                let written = String(characters[start..<place])
                let folded = fold(written)
                if !folded.isEmpty {
                    tokens.append(PhraseToken(kind: .word, text: folded, written: written, isGlued: isGlued))
                }
                isGlued = true
            } else {
                place += 1
                isGlued = false
            }
        }
        return tokens
    }

    /// One word without case, accents, apostrophes and the vowel signs of Arabic, and with its letters drawn out no more.
    static func fold(_ word: String) -> String {
        if word.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) { return squeezed(word) }
        var folded = ""
        for scalar in word.lowercased().decomposedStringWithCanonicalMapping.unicodeScalars {
            switch scalar.value {
            case 0x27, 0x2019, 0x2BC, 0x60, 0xB4: continue
            case 0x640, 0x64B...0x65F, 0x670: continue
            case 0x300...0x36F: continue
            case 0x622, 0x623, 0x625, 0x671: folded.unicodeScalars.append("\u{627}")
            case 0x629: folded.unicodeScalars.append("\u{647}")
            case 0x649, 0x6CC: folded.unicodeScalars.append("\u{64A}")
            case 0x6A9: folded.unicodeScalars.append("\u{643}")
            case 0x111: folded += "d"
            case 0xDF: folded += "ss"
            case 0xE6: folded += "ae"
            case 0x153: folded += "oe"
            case 0xF8: folded += "o"
            case 0x131: folded += "i"
            default: folded.unicodeScalars.append(scalar)
            }
        }
        return squeezed(folded)
    }

    /// A letter that stands three times or more stands once: `helloooo`.
    private static func squeezed(_ word: String) -> String {
        var result = ""
        var run = 0
        var last: Character?
        for character in word {
            run = character == last ? run + 1 : 1
            if run == 3 { result.removeLast() }
            if run < 3 { result.append(character) }
            last = character
        }
        return result
    }

    /// Digits of any writing as ASCII, the Arabic separators too.
    static func ascii(_ number: String) -> String {
        String(
            number.map { character -> Character in
                if let value = character.wholeNumberValue, character.isDecimal, value < 10 {
                    return Character(UnicodeScalar(UInt8(0x30 + value)))
                }
                switch character {
                case "٫": return "."
                case "٬", "’": return ","
                case "–", "~", "〜", "～": return "-"
                default: return character
                }
            })
    }

    private static func compatible(_ character: Character) -> [Character] {
        if character.isASCII { return [character] }
        return Array(String(character).precomposedStringWithCompatibilityMapping)
    }

    private static func isInWord(_ text: [Character], _ place: Int) -> Bool {
        let character = text[place]
        if character.isLetter { return !character.isWrittenWithoutSpaces }
        guard "'’ʼ`´".contains(character) || character.unicodeScalars.first?.value == 0x640 else {
            return false
        }
        return place + 1 < text.count && text[place + 1].isLetter
    }

    private static func endOfNumber(_ text: [Character], _ start: Int) -> Int {
        var place = start
        while place < text.count {
            if text[place].isDecimal {
                place += 1
            } else if ".,'’٫٬-–~〜".contains(text[place]), place + 1 < text.count, text[place + 1].isDecimal {
                place += 1
            } else {
                break
            }
        }
        return place
    }
}
