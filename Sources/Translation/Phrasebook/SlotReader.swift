import Media

/// What may stand in a slot, from a token on.
struct SlotReader {
    let language: PhraseLanguage
    let glossary: Glossary

    typealias Found = (value: SlotValue, end: Int)

    func read(_ slot: Slot, _ tokens: ArraySlice<PhraseToken>) -> [Found] {
        switch slot.kind {
        case .price: prices(tokens)
        case .percent: percents(tokens)
        case .size: sizes(tokens)
        case .colour: language.colours.matches(tokens).map { (.name($0.key), $0.end) }
        case .country: language.countries.matches(tokens).map { (.name($0.key), $0.end) }
        case .quantity: counts(tokens, 0...9999, ranges: false)
        case .minutes: counts(tokens, 0...600, ranges: false)
        case .days: counts(tokens, 0...365, ranges: true)
        case .coupon: coupons(tokens)
        case .term: terms(tokens)
        }
    }

    /// A sign or code before or behind (`$20`, `R$ 20`, `20 €`, `RM20`), a word behind (`20 euros`), or nothing.
    private func prices(_ tokens: ArraySlice<PhraseToken>) -> [Found] {
        var found: [Found] = []
        var place = tokens.startIndex
        var before = ""
        if let first = tokens.first, first.kind == .word,
            ProtectedSpan.currencyWords.contains(first.text.uppercased())
        {
            before = first.written
            place += 1
            if let next = tokens[place...].first, next.kind == .sign, next.text != "%", next.isGlued {
                before += next.written
                place += 1
            } else {
                // A lone S or R is no currency.
                if before.count < 2 { return [] }
                before = before == "Rp" ? before : before.uppercased()
            }
        } else if let first = tokens.first, first.kind == .sign, first.text != "%" {
            before = first.written
            place += 1
        }
        guard let number = tokens[place...].first, number.kind == .number, !number.text.contains("-") else {
            return []
        }
        var amount = number.text
        place += 1
        if let (key, end) = language.thousands.matches(tokens[place...]).first {
            amount += key
            place = end
        }
        if !before.isEmpty {
            return [(.verbatim(before + (number.isGlued ? "" : " ") + amount), place)]
        }
        if let sign = tokens[place...].first, sign.kind == .sign, sign.text != "%" {
            found.append((.verbatim(amount + sign.written), place + 1))
        }
        for (key, end) in language.currencies.matches(tokens[place...]) {
            found.append((.money(amount, currency: key), end))
        }
        if let code = tokens[place...].first, code.kind == .word, code.text.count == 3,
            ProtectedSpan.currencyWords.contains(code.text.uppercased())
        {
            found.append((.verbatim("\(amount) \(code.text.uppercased())"), place + 1))
        }
        found.append((.verbatim(amount), place))
        return found
    }

    private func percents(_ tokens: ArraySlice<PhraseToken>) -> [Found] {
        guard let number = tokens.first else { return [] }
        let rest = tokens.dropFirst()
        if number.kind == .number, PhraseNumber.value(number.text, 0...1000) != nil {
            if let sign = rest.first, sign.text == "%" {
                return [(.number(number.text), rest.startIndex + 1)]
            }
            if let (_, end) = language.percents.matches(rest).first { return [(.number(number.text), end)] }
            // Chinese and Japanese shops tell what is left to pay: 8折 is 20 % off, 85折 is 15 %.
            if rest.first?.text == "折", !number.text.contains("."), let tenths = Int(number.text) {
                return SlotReader.discount(of: tenths).map { [(.number($0), rest.startIndex + 1)] } ?? []
            }
        } else if language.tag.primary == "zh", let (key, end) = language.numbers.matches(tokens).first,
            tokens[end...].first?.text == "折", let tenths = Int(key)
        {
            return SlotReader.discount(of: tenths).map { [(.number($0), end + 1)] } ?? []
        }
        return []
    }

    private static func discount(of tenths: Int) -> String? {
        switch tenths {
        case 1...9: "\(100 - tenths * 10)"
        case 11...99: "\(100 - tenths)"
        default: nil
        }
    }

    /// Letters, numbers of clothes and shoes, and words.
    private func sizes(_ tokens: ArraySlice<PhraseToken>) -> [Found] {
        guard let first = tokens.first else { return [] }
        let next = tokens.dropFirst().first
        if first.kind == .number {
            if let next, next.kind == .word, next.isGlued, ["xl", "xs", "x"].contains(next.text),
                let count = Int(first.text), (2...8).contains(count)
            {
                return [(.verbatim(first.text + next.text.uppercased()), tokens.startIndex + 2)]
            }
            guard PhraseNumber.value(first.text, 1...200) != nil else { return [] }
            return [(.verbatim(first.text), tokens.startIndex + 1)]
        }
        var found: [Found] = language.sizes.matches(tokens).map { (.verbatim($0.key), $0.end) }
        if first.kind == .word, SlotReader.letters.contains(first.text) {
            found.append((.verbatim(first.text.uppercased()), tokens.startIndex + 1))
        }
        return found
    }

    private static let letters: Set<String> = [
        "s", "m", "l", "xs", "xl", "xxs", "xxl", "xxx", "xxxl", "xxxxl",
    ]

    private func counts(
        _ tokens: ArraySlice<PhraseToken>, _ range: ClosedRange<Double>, ranges: Bool
    ) -> [Found] {
        guard let first = tokens.first else { return [] }
        if first.kind == .number {
            let parts = first.text.split(separator: "-")
            guard ranges ? parts.count <= 2 : parts.count == 1,
                parts.allSatisfy({ $0.allSatisfy(\.isWholeNumber) && PhraseNumber.value($0, range) != nil })
            else { return [] }
            return [(.number(first.text), tokens.startIndex + 1)]
        }
        return language.numbers.matches(tokens).map { (.number($0.key), $0.end) }
    }

    /// Written together and in capitals, or with a digit in it.
    private func coupons(_ tokens: ArraySlice<PhraseToken>) -> [Found] {
        var end = tokens.startIndex
        var code = ""
        for token in tokens where end == tokens.startIndex || token.isGlued {
            guard token.kind != .sign, token.written.allSatisfy({ $0.isASCII && $0.isWordPart }) else {
                break
            }
            code += token.written
            end += 1
            if end < tokens.endIndex, !tokens[end].isGlued { break }
        }
        guard (3...24).contains(code.count), code.contains(where: \.isLetter) else { return [] }
        guard code.contains(where: \.isNumber) || code.allSatisfy(\.isUppercase) else { return [] }
        return [(.verbatim(code), end)]
    }

    private func terms(_ tokens: ArraySlice<PhraseToken>) -> [Found] {
        guard let first = tokens.first else { return [] }
        var found: [Found] = []
        for (number, term) in glossary.index.terms(startingWith: first.text) {
            let words = PhraseText.tokens(of: term).map(\.text)
            guard words.count <= tokens.count, zip(words, tokens).allSatisfy({ $0 == $1.text }) else {
                continue
            }
            let written = SlotReader.written(tokens.prefix(words.count))
            found.append((.term(number, written), tokens.startIndex + words.count))
        }
        return found.sorted { $0.end > $1.end }
    }

    private static func written(_ tokens: ArraySlice<PhraseToken>) -> String {
        var text = ""
        for token in tokens { text += (text.isEmpty || token.isGlued ? "" : " ") + token.written }
        return text
    }
}

/// Numbers as people write them.
enum PhraseNumber {
    /// Nil where it is none of this range.
    static func value(_ text: some StringProtocol, _ range: ClosedRange<Double>) -> Double? {
        guard let value = Double(String(text).replacing(",", with: ".")), range.contains(value) else {
            return nil
        }
        return value
    }
}
