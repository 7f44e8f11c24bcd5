import Media

/// A place in a text that has to survive translation.
struct ProtectedSpan: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case term(Int)
        case address, mention, tag, picture, code, number
    }

    var range: Range<Int>
    var kind: Kind

    /// Those of `text` in their order; none touch each other's characters.
    static func find(in text: [Character], glossary: Glossary) -> [ProtectedSpan] {
        var spans: [ProtectedSpan] = []
        var place = 0
        while place < text.count {
            if let span = span(at: place, in: text, glossary) {
                spans.append(span)
                place = span.range.upperBound
            } else {
                place += 1
            }
        }
        return spans
    }

    /// Whether anything is left to translate where the protected places are taken out.
    static func leaveWords(_ text: String, glossary: Glossary) -> Bool {
        let characters = Array(text)
        var place = 0
        for span in find(in: characters, glossary: glossary) {
            if characters[place..<span.range.lowerBound].contains(where: \.isLetter) { return true }
            place = span.range.upperBound
        }
        return characters[place...].contains(where: \.isLetter)
    }

    private static func span(
        at place: Int, in text: [Character], _ glossary: Glossary
    ) -> ProtectedSpan? {
        if !glossary.index.isEmpty, let (term, length) = glossary.index.match(in: text, at: place) {
            return ProtectedSpan(range: place..<place + length, kind: .term(term))
        }
        let first = text[place]
        if first.isPictured {
            return ProtectedSpan(range: place..<end(of: text, from: place) { $0.isPictured }, kind: .picture)
        }
        let isAtStart = GlossaryIndex.isBoundary(text, at: place)
        if first == "@" || first == "#" || first == "＠" || first == "＃" {
            guard place == 0 || !text[place - 1].isASCII || !text[place - 1].isWordPart else { return nil }
            let stop = end(of: text, from: place + 1) { $0.isWordPart || $0 == "_" || $0 == "." || $0 == "-" }
            let trimmed = trimming(text, place + 1, stop)
            guard trimmed > place + 1 else { return nil }
            return ProtectedSpan(
                range: place..<trimmed, kind: first == "@" || first == "＠" ? .mention : .tag)
        }
        if isAtStart, first.isASCII, first.isWordPart, let stop = endOfAddress(text, place) {
            return ProtectedSpan(range: place..<stop, kind: .address)
        }
        if let stop = endOfNumber(text, place) {
            return ProtectedSpan(range: place..<stop, kind: .number)
        }
        if isAtStart, first.isASCII, first.isWordPart, let stop = endOfCode(text, place) {
            return ProtectedSpan(range: place..<stop, kind: .code)
        }
        return nil
    }

    private static func end(
        of text: [Character], from place: Int, while fits: (Character) -> Bool
    ) -> Int {
        var end = place
        while end < text.count, fits(text[end]) { end += 1 }
        return end
    }

    /// Without the punctuation that ends a sentence rather than the word.
    private static func trimming(_ text: [Character], _ start: Int, _ end: Int) -> Int {
        var end = end
        while end > start, ".,;:!?'\")]}>-".contains(text[end - 1]) { end -= 1 }
        return end
    }

    // MARK: Addresses

    private static let topLevels: Set<String> = [
        "com", "net", "org", "io", "shop", "store", "app", "co", "me", "tv", "live", "link", "ly", "gl", "gg",
        "cc", "example", "info", "biz", "dev", "cn", "jp", "kr", "br", "mx", "es", "fr", "de", "uk", "ru",
        "id",
        "my", "vn", "th", "eu", "us", "it", "pt",
    ]

    /// Of a web or mail address.
    private static func endOfAddress(_ text: [Character], _ place: Int) -> Int? {
        let stop = trimming(
            text, place,
            end(of: text, from: place) { $0.isASCII && !$0.isWhitespace && !"<>\"{}|\\^`".contains($0) })
        let word = String(text[place..<stop]).lowercased()
        if word.hasPrefix("http://") || word.hasPrefix("https://") || word.hasPrefix("www.") {
            return stop > place + 8 ? stop : nil
        }
        let at = word.firstIndex(of: "@")
        let host = (at.map { word[word.index(after: $0)...] } ?? word[...]).prefix { $0 != "/" && $0 != "?" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isHostPart) }),
            let last = labels.last, last.contains(where: \.isLetter),
            at != nil || topLevels.contains(String(last)) || host.count < word.count
        else { return nil }
        return stop
    }

    private static func isHostPart(_ character: Character) -> Bool {
        character.isASCII && (character.isWordPart || character == "-" || character == "_")
    }

    // MARK: Numbers and codes

    /// With the currency, sign or percent that touches it. Nil in the middle of a word.
    private static func endOfNumber(_ text: [Character], _ place: Int) -> Int? {
        var start = place
        // US$, R$, RM, Rp and the signs themselves.
        if !text[start].isDecimal {
            guard GlossaryIndex.isBoundary(text, at: place) || text[place].isCurrencySymbol else {
                return nil
            }
            while start < text.count, start < place + 4, text[start].isASCII, text[start].isLetter {
                start += 1
            }
            let hasLetters = start > place
            let isSigned = start < text.count && text[start].isCurrencySymbol
            if isSigned { start += 1 }
            if hasLetters, !isSigned {
                let word = String(text[place..<start]).uppercased()
                guard currencyWords.contains(word) else { return nil }
            }
            if !hasLetters, !isSigned { return nil }
            if start < text.count, text[start] == " ", start + 1 < text.count, text[start + 1].isDecimal {
                start += 1
            }
            guard start < text.count, text[start].isDecimal else { return nil }
        } else if place > 0, text[place - 1].isASCII, text[place - 1].isWordPart {
            return nil
        }
        var stop = start
        while stop < text.count {
            if text[stop].isDecimal {
                stop += 1
            } else if ".,'’/:×x-–".contains(text[stop]), stop + 1 < text.count, text[stop + 1].isDecimal {
                stop += 1
            } else {
                break
            }
        }
        if stop < text.count, text[stop].isASCII, text[stop].isLetter {
            // 30min, 2XL, 20k: a code, which is taken as it stands.
            return nil
        }
        var tail = stop
        if tail + 1 < text.count, text[tail] == " " || text[tail] == "\u{A0}" || text[tail] == "\u{202F}" {
            tail += 1
        }
        if tail < text.count, "%％‰٪".contains(text[tail]) || text[tail].isCurrencySymbol,
            !(tail + 1 < text.count && text[tail].isCurrencySymbol && text[tail + 1].isDecimal)
        {
            stop = tail + 1
        }
        return stop
    }

    static let currencyWords: Set<String> = [
        "RM", "RP", "IDR", "MYR", "USD", "EUR", "GBP", "BRL", "MXN", "JPY", "KRW", "CNY", "RMB", "THB", "VND",
        "RUB", "AED", "SAR", "SGD", "TWD", "HKD", "AUD", "CAD", "ARS", "CLP", "COP", "PEN", "S", "US", "R",
    ]

    private static let sizes: Set<String> = [
        "S", "M", "L", "XS", "XL", "XXS", "XXL", "XXXL", "XXXS", "XXXXL",
    ]

    /// A word of letters and digits (SAVE20, 2XL, A-113), or a size.
    private static func endOfCode(_ text: [Character], _ place: Int) -> Int? {
        let stop = trimming(
            text, place,
            end(of: text, from: place) { $0.isASCII && ($0.isWordPart || $0 == "-" || $0 == "_") })
        // The M of México is none.
        guard GlossaryIndex.isBoundary(text, at: stop) else { return nil }
        let word = text[place..<stop]
        if word.contains(where: \.isDecimal) { return stop }
        guard sizes.contains(String(word)) else { return nil }
        // M. Dupont, l'L'
        if stop < text.count, "'’".contains(text[stop]) { return nil }
        return stop
    }
}

extension Character {
    /// A digit of any writing that counts in tens.
    var isDecimal: Bool {
        unicodeScalars.first?.properties.generalCategory == .decimalNumber
    }
}
