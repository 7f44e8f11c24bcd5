/// Writes numbers where English is spoken as people read them: "twenty percent" is "20%", "forty nine dollars" is "$49", "size
/// em" is "size M". Only where a percent, a currency or a size says that a number is meant. Pure.
package struct NumberRules: Sendable {
    package init() {}

    private static let units: [String: Int] = {
        let names = """
            zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen \
            eighteen nineteen
            """.split(separator: " ").map(String.init)
        return Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }()
    private static let tens: [String: Int] = [
        "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
        "ninety": 90,
    ]
    private static let currencies: [String: String] = [
        "dollar": "$", "dollars": "$", "euro": "€", "euros": "€", "pounds": "£", "yen": "¥", "yuan": "¥",
        "bucks": "$",
    ]
    private static let sizes: [[String]: String] = [
        ["em"]: "M", ["m"]: "M", ["el"]: "L", ["ell"]: "L", ["l"]: "L", ["es"]: "S", ["ess"]: "S", ["s"]: "S",
        ["ex", "el"]: "XL", ["x", "l"]: "XL", ["xl"]: "XL", ["excel"]: "XL", ["ex", "es"]: "XS",
        ["x", "s"]: "XS",
        ["ex", "ex", "el"]: "XXL", ["x", "x", "l"]: "XXL", ["double", "ex", "el"]: "XXL",
        ["double", "x", "l"]: "XXL", ["excess"]: "XS",
    ]
    /// Words of a number.
    private static let mostWords = 9

    package func corrected(_ words: [SpokenWord]) -> [SpokenWord] {
        var words = words
        var place = 0
        while place < words.count {
            _ = money(&words, place) || percent(&words, place) || size(&words, place)
            place += 1
        }
        return words
    }

    /// "twenty percent", "20 percent".
    private func percent(_ words: inout [SpokenWord], _ place: Int) -> Bool {
        guard let (number, next) = self.number(in: words, from: place) else { return false }
        let bare = words[safe: next].map { BareWord($0.text) }
        var end = next
        if bare?.word.lowercased() == "percent" {
            end = next + 1
        } else if bare?.word.lowercased() == "per",
            words[safe: next + 1].map({ BareWord($0.text).word }) == "cent"
        {
            end = next + 2
        } else {
            return false
        }
        replace(&words, place..<end, with: number.text + "%")
        return true
    }

    /// "forty nine dollars", "nineteen dollars and ninety nine cents", "49 euros".
    private func money(_ words: inout [SpokenWord], _ place: Int) -> Bool {
        guard let (number, next) = self.number(in: words, from: place),
            let unit = words[safe: next].map({ BareWord($0.text) }),
            let sign = NumberRules.currencies[unit.word.lowercased()]
        else { return false }
        // Pounds may be a weight, unless something costs them; and there is no half of a yen.
        if sign == "£", !isPriced(words, place) { return false }
        var end = next + 1
        var text = number.text
        if !unit.isLastOfClause || unit.after == ",", number.isWhole {
            let skip = words[safe: end].map { BareWord($0.text).word.lowercased() } == "and" ? 1 : 0
            if let (cents, after) = self.number(in: words, from: end + skip), cents.isWhole,
                let value = Int(cents.text),
                value < 100, let name = words[safe: after].map({ BareWord($0.text).word.lowercased() }),
                name == "cents" || name == "cent"
            {
                text += value < 10 ? ".0\(value)" : ".\(value)"
                end = after + 1
            }
        }
        replace(&words, place..<end, with: sign + text)
        return true
    }

    private func isPriced(_ words: [SpokenWord], _ place: Int) -> Bool {
        words[max(0, place - 3)..<place].contains { word in
            ["costs", "cost", "price", "for", "only", "was", "now", "just", "pay", "save"].contains(
                BareWord(word.text).word.lowercased())
        }
    }

    /// "size em", "size thirty eight".
    private func size(_ words: inout [SpokenWord], _ place: Int) -> Bool {
        let word = BareWord(words[place].text)
        guard word.word.lowercased() == "size" || word.word.lowercased() == "sizes", !word.isLastOfClause
        else {
            return false
        }
        for count in stride(from: 3, to: 0, by: -1) where place + count < words.count {
            let range = place + 1..<place + 1 + count
            let bare = words[range].map { BareWord($0.text) }
            guard !bare.dropLast().contains(where: \.isLastOfClause),
                let size = NumberRules.sizes[bare.map { $0.word.lowercased() }]
            else { continue }
            replace(&words, range, with: size)
            return true
        }
        guard let (number, next) = self.number(in: words, from: place + 1), number.isSpoken, number.isWhole,
            let value = Int(number.text), (20...60).contains(value)
        else { return false }
        replace(&words, place + 1..<next, with: number.text)
        return true
    }

    private func replace(_ words: inout [SpokenWord], _ range: Range<Int>, with text: String) {
        guard let first = words[range].first, let last = words[range].last else { return }
        let (before, after) = (BareWord(first.text).before, BareWord(last.text).after)
        words.merge(range, into: "\(before)\(text)\(after)")
    }

    private struct Number {
        var text: String
        var isWhole: Bool
        /// As words.
        var isSpoken: Bool
    }

    /// A number that begins at a place, and where it ends. Words that follow each other without being one number, such as a
    /// telephone's, are none.
    private func number(in words: [SpokenWord], from place: Int) -> (Number, end: Int)? {
        guard let first = words[safe: place] else { return nil }
        let bare = BareWord(first.text)
        if bare.word.first?.isNumber == true {
            guard bare.word.allSatisfy({ $0.isNumber || $0 == "." || $0 == "," }), !bare.isLastOfClause,
                bare.before.isEmpty
            else { return nil }
            return (
                Number(text: String(bare.word), isWhole: !bare.word.contains("."), isSpoken: false), place + 1
            )
        }
        // In the middle of a longer one.
        if place > 0, isNumeral(BareWord(words[place - 1].text)) { return nil }
        var total = 0
        var group = 0
        var isAfterTens = false
        var hasUnit = false
        var end = place
        var parts: [Substring] = []
        scan: while end < min(words.count, place + NumberRules.mostWords) {
            let bare = BareWord(words[end].text)
            let pieces = bare.word.lowercased().split(separator: "-")
            for piece in pieces {
                let piece = String(piece)
                if let unit = NumberRules.units[piece] {
                    guard !hasUnit, !isAfterTens || (1...9).contains(unit) else { break scan }
                    group += unit
                    hasUnit = true
                    isAfterTens = false
                } else if let ten = NumberRules.tens[piece] {
                    guard !hasUnit, !isAfterTens else { break scan }
                    group += ten
                    isAfterTens = true
                } else if piece == "hundred",
                    (1...9).contains(group) || (group == 0 && isArticle(words, end - 1, place))
                {
                    group = max(1, group) * 100
                    (hasUnit, isAfterTens) = (false, false)
                } else if piece == "thousand", (1...999).contains(group) || isArticle(words, end - 1, place),
                    total == 0
                {
                    total = max(1, group) * 1000
                    group = 0
                    (hasUnit, isAfterTens) = (false, false)
                } else if piece == "a", end == place,
                    let next = words[safe: end + 1].map({ BareWord($0.text).word.lowercased() }),
                    next == "hundred" || next == "thousand"
                {
                    parts.append("a")
                } else if piece == "and", total + group >= 100, let next = words[safe: end + 1],
                    isNumeral(BareWord(next.text))
                {
                    parts.append("and")
                } else {
                    break scan
                }
            }
            if pieces.isEmpty { break }
            end += 1
            if bare.isLastOfClause { return nil }
        }
        guard end > place, total + group > 0, end == place + 1 || parts.isEmpty || total + group >= 100 else {
            return nil
        }
        // It goes on as something that is no number.
        if let next = words[safe: end], isNumeral(BareWord(next.text)) { return nil }
        return (Number(text: String(total + group), isWhole: true, isSpoken: true), end)
    }

    private func isArticle(_ words: [SpokenWord], _ place: Int, _ first: Int) -> Bool {
        place >= first && words[safe: place].map { BareWord($0.text).word.lowercased() } == "a"
    }

    private func isNumeral(_ word: BareWord) -> Bool {
        let pieces = word.word.lowercased().split(separator: "-").map(String.init)
        return !pieces.isEmpty
            && pieces.allSatisfy {
                NumberRules.units[$0] != nil || NumberRules.tens[$0] != nil || $0 == "hundred"
                    || $0 == "thousand"
            }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
