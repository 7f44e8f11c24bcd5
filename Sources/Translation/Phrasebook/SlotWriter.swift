import Media

/// Writes what stands in slots in one language. Digits stay as they were written, and nothing is converted.
struct SlotWriter {
    let language: PhraseLanguage
    let glossary: Glossary

    /// Nil where the language has no word for one of the values.
    func write(_ sentence: String, _ values: [String: SlotValue]) -> String? {
        var text = ""
        var rest = sentence[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            text += rest[..<open]
            guard let slot = Slot(rest[rest.index(after: open)..<close]), let value = values[slot.key],
                let word = write(slot, value)
            else { return nil }
            text += word
            rest = rest[rest.index(after: close)...]
        }
        let whole = text + rest
        return sentence.hasPrefix("{co") ? SlotWriter.capitalised(whole) : whole
    }

    private func write(_ slot: Slot, _ value: SlotValue) -> String? {
        switch value {
        case .verbatim(let text): return text
        case .number(let digits): return slot.kind == .percent ? digits + "%" : digits
        case .money(let amount, let currency):
            guard let name = language.currencies.names[currency]?.written else {
                return "\(amount) \(currency)"
            }
            return amount + language.joiner + name
        case .name(let key):
            let name = (slot.kind == .colour ? language.colours : language.countries).names[key]
            return slot.isDirected ? name?.directed ?? name?.written : name?.written
        case .term(let number, let written):
            return glossary.terms[number].rendering(of: written, in: language.tag) ?? written
        }
    }

    private static func capitalised(_ text: String) -> String {
        guard let place = text.firstIndex(where: { $0.isLetter || $0.isNumber }), text[place].isLowercase
        else {
            return text
        }
        return text[..<place] + text[place].uppercased() + text[text.index(after: place)...]
    }
}
