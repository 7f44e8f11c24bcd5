import CCLD2
package import Media

/// Tells in what language a chat message is: by its script where that is enough, by the phrasebook where it is a short one,
/// and else by CLD2, which is good from four or five words on.
package struct LanguageDetector: Sendable {
    private let phrasebook: Phrasebook?

    /// Texts with fewer letters are not looked at, where the script alone does not tell.
    private static let fewest = 4
    /// Up to so many letters a guess that CLD2 would not stand by gives way to what is likely.
    private static let short = 12

    package init(phrasebook: Phrasebook? = nil) {
        self.phrasebook = phrasebook
    }

    /// `prior`: what is likely without looking: the author's other messages, or the language of the author's page. Nil
    /// where nothing can be said.
    package func language(of text: String, prior: LanguageTag? = nil) -> LanguageTag? {
        let words = LanguageDetector.words(of: text)
        guard let (script, letters) = Script.main(of: words) else { return nil }
        let prior = prior?.tongue
        switch script {
        case .kana: return LanguageDetector.japanese
        case .hangul: return LanguageDetector.korean
        case .thai: return LanguageDetector.thai
        case .han: return chinese(words, letters, prior)
        case .latin, .cyrillic, .arabic, .other: break
        }
        guard letters >= LanguageDetector.fewest else { return nil }
        switch script {
        case .cyrillic: return cyrillic(words, letters, prior)
        case .arabic: return arabic(words, letters, prior)
        default: return latin(text, words, letters, prior)
        }
    }

    // MARK: Scripts

    private func chinese(_ words: String, _ letters: Int, _ prior: LanguageTag?) -> LanguageTag {
        if letters < 5, let prior, prior == LanguageDetector.japanese || prior.primary == "zh" {
            return prior
        }
        let guess = LanguageDetector.guess(words, hint: prior)
        if guess.tag == LanguageDetector.japanese, guess.isReliable || prior == LanguageDetector.japanese {
            return LanguageDetector.japanese
        }
        return guess.tag == .traditionalChinese ? .traditionalChinese : .simplifiedChinese
    }

    private func cyrillic(_ words: String, _ letters: Int, _ prior: LanguageTag?) -> LanguageTag? {
        if words.unicodeScalars.contains(where: { "іїєґІЇЄҐ".unicodeScalars.contains($0) }) {
            return LanguageTag.known("uk")
        }
        let guess = LanguageDetector.guess(words, hint: prior ?? LanguageDetector.russian)
        if letters < 20 || !guess.isReliable {
            return prior.flatMap { LanguageDetector.cyrillicOnes.contains($0.text) ? $0 : nil }
                ?? LanguageDetector.russian
        }
        return guess.tag ?? LanguageDetector.russian
    }

    private func arabic(_ words: String, _ letters: Int, _ prior: LanguageTag?) -> LanguageTag? {
        let guess = LanguageDetector.guess(words, hint: prior ?? LanguageDetector.arabic)
        let isPersian = words.unicodeScalars.contains { "پچژگٹڈڑے".unicodeScalars.contains($0) }
        return isPersian || (guess.isReliable && letters >= 20) ? guess.tag : LanguageDetector.arabic
    }

    private func latin(
        _ text: String, _ words: String, _ letters: Int, _ prior: LanguageTag?
    ) -> LanguageTag? {
        if text.contains("¿") || text.contains("¡") { return LanguageDetector.spanish }
        if words.decomposedVietnamese { return LanguageDetector.vietnamese }
        // Without the likely one: it would outweigh short texts in another.
        let guess = LanguageDetector.guess(words, hint: nil)
        if letters < 40, let phrasebook {
            let fitting = LanguageDetector.latinOnes.filter { phrasebook.understands(text, in: $0) }
            if let prior, fitting.contains(prior) { return prior }
            if let tag = guess.tag, fitting.contains(tag) { return tag }
            if let only = fitting.first, fitting.count == 1 { return only }
        }
        guard let tag = guess.tag else { return prior }
        // A short word alone belongs to many.
        if let prior, letters < 7, words.split(whereSeparator: \.isWhitespace).count == 1 { return prior }
        // One is hardly told from the other by a few words.
        if let prior, let kin = LanguageDetector.kin[tag.text], kin.contains(prior.text) { return prior }
        if guess.isReliable || letters > LanguageDetector.short { return tag }
        return prior ?? tag
    }

    // MARK: CLD2

    private static func guess(_ words: String, hint: LanguageTag?) -> (tag: LanguageTag?, isReliable: Bool) {
        var words = words
        let found = words.withUTF8 { bytes -> ccld2_guess in
            guard let start = bytes.baseAddress else {
                return ccld2_guess(code: nil, percent: 0, is_reliable: false)
            }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) { text in
                // CLD2 calls Simplified Chinese by its plain name.
                let code = hint.map { $0 == .simplifiedChinese ? "zh" : $0.text }
                guard let code else { return ccld2_detect(text, Int32(clamping: bytes.count), nil) }
                return ccld2_detect(text, Int32(clamping: bytes.count), code)
            }
        }
        guard let code = found.code.map({ String(cString: $0) }), code != "un", let tag = LanguageTag(code)
        else {
            return (nil, false)
        }
        return (tag.tongue, found.is_reliable && found.percent >= 60)
    }

    /// The text without what is in no language: addresses, mentions, codes, numbers and pictures.
    private static func words(of text: String) -> String {
        let characters = Array(text.prefix(1000))
        var words = ""
        var place = 0
        for span in ProtectedSpan.find(in: characters, glossary: .empty) {
            words += String(characters[place..<span.range.lowerBound]) + " "
            place = span.range.upperBound
        }
        return words + String(characters[place...])
    }

    private static let japanese = LanguageTag.known("ja")
    private static let korean = LanguageTag.known("ko")
    private static let thai = LanguageTag.known("th")
    private static let russian = LanguageTag.known("ru")
    private static let arabic = LanguageTag.known("ar")
    private static let spanish = LanguageTag.known("es")
    private static let vietnamese = LanguageTag.known("vi")
    private static let latinOnes = ["en", "es", "pt", "fr", "it", "de", "id", "ms", "vi"].map(
        LanguageTag.known)
    private static let cyrillicOnes: Set<String> = [
        "ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg",
    ]
    /// Languages that are taken for each other.
    private static let kin: [String: Set<String>] = [
        "id": ["ms"], "ms": ["id"], "gl": ["pt", "es"], "ca": ["es", "fr"], "no": ["da", "sv"],
        "da": ["no", "sv"], "hr": ["sr", "bs", "sl"], "sr": ["hr", "bs"], "cs": ["sk"], "sk": ["cs"],
        "jw": ["id", "ms"], "su": ["id", "ms"], "co": ["it"], "oc": ["fr", "es"],
    ]
}

/// Writings, as far as they tell languages apart.
private enum Script: CaseIterable {
    case latin, cyrillic, arabic, han, kana, hangul, thai, other

    /// The one that most letters are of, and how many. A few kana make Han Japanese.
    static func main(of text: String) -> (script: Script, letters: Int)? {
        var counts: [Script: Int] = [:]
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            counts[Script(scalar), default: 0] += 1
        }
        guard let (script, count) = counts.max(by: { $0.value < $1.value }) else { return nil }
        if script == .han, let kana = counts[.kana], kana * 8 >= count { return (.kana, count + kana) }
        return (script, count)
    }

    private init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x41...0x24F, 0x1E00...0x1EFF: self = .latin
        case 0x400...0x52F: self = .cyrillic
        case 0x600...0x6FF, 0x750...0x77F, 0xFB50...0xFDFF, 0xFE70...0xFEFF: self = .arabic
        case 0x3400...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: self = .han
        case 0x3040...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F: self = .kana
        case 0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF: self = .hangul
        case 0xE00...0xE7F: self = .thai
        default: self = .other
        }
    }
}

extension String {
    /// Letters that only Vietnamese has.
    fileprivate var decomposedVietnamese: Bool {
        unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x1A0, 0x1A1, 0x1AF, 0x1B0, 0x110, 0x111, 0x1EA0...0x1EBB, 0x1EBE...0x1EF1: true
            default: false
            }
        }
    }
}
