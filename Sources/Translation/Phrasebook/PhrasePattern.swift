/// A way to say something: words, slots, and groups of which one alternative stands there, or none.
struct PhrasePattern: Hashable, Sendable {
    indirect enum Element: Hashable, Sendable {
        case word(String)
        case slot(Slot)
        case group([[Element]], isOptional: Bool)
    }

    let elements: [Element]
    /// Tokens that it has at least. Slots count as one.
    let shortest: Int

    var slots: [Slot] { PhrasePattern.slots(of: elements) }

    /// Words that stand in every text that fits.
    var required: [String] {
        elements.compactMap { if case .word(let word) = $0 { word } else { nil } }
    }

    /// `how much [is|are] (it|this) in {colour}`: brackets may be left out, of parentheses one stands there.
    init(_ text: String) throws(PhraseFault) {
        elements = try PhrasePattern.parse(text[...], isInGroup: false)
        shortest = PhrasePattern.shortest(elements)
        guard shortest > 0 else { throw .pattern(text, "it fits an empty text") }
    }

    private static func parse(_ text: Substring, isInGroup: Bool) throws(PhraseFault) -> [Element] {
        var elements: [Element] = []
        var rest = text
        while let mark = rest.firstIndex(where: { "[]()|{}".contains($0) }) {
            elements += words(rest[..<mark])
            let close: Character
            switch rest[mark] {
            case "{": close = "}"
            case "[" where !isInGroup: close = "]"
            case "(" where !isInGroup: close = ")"
            default: throw .pattern(String(text), "'\(rest[mark])' stands where it means nothing")
            }
            guard let end = rest[mark...].firstIndex(of: close) else {
                throw .pattern(String(text), "'\(rest[mark])' is not closed")
            }
            let inner = rest[rest.index(after: mark)..<end]
            if close == "}" {
                guard let slot = Slot(inner) else {
                    throw .pattern(String(text), "no slot is called '\(inner)'")
                }
                elements.append(.slot(slot))
            } else {
                var choices: [[Element]] = []
                for choice in inner.split(separator: "|", omittingEmptySubsequences: false) {
                    let parsed = try parse(choice, isInGroup: true)
                    guard !parsed.isEmpty else { throw .pattern(String(text), "an alternative is empty") }
                    choices.append(parsed)
                }
                elements.append(.group(choices, isOptional: close == "]"))
            }
            rest = rest[rest.index(after: end)...]
        }
        return elements + words(rest)
    }

    private static func words(_ text: Substring) -> [Element] {
        PhraseText.tokens(of: text).map { .word($0.text) }
    }

    private static func shortest(_ elements: [Element]) -> Int {
        elements.reduce(0) { sum, element in
            switch element {
            case .word, .slot: sum + 1
            case .group(_, isOptional: true): sum
            case .group(let choices, isOptional: false): sum + (choices.map(shortest).min() ?? 0)
            }
        }
    }

    private static func slots(of elements: [Element]) -> [Slot] {
        elements.flatMap { element -> [Slot] in
            switch element {
            case .word: []
            case .slot(let slot): [slot]
            case .group(let choices, _): choices.flatMap(slots)
            }
        }
    }

    /// The values of the slots where all of `tokens` fit; nil where they do not. `read`: what may stand in a slot from a
    /// token on, and where it ends, the best first.
    func match(
        _ tokens: ArraySlice<PhraseToken>,
        read: (Slot, ArraySlice<PhraseToken>) -> [(value: SlotValue, end: Int)]
    ) -> [String: SlotValue]? {
        guard tokens.count >= shortest else { return nil }
        return PhrasePattern.match(elements[...], tokens, [:], read)
    }

    private static func match(
        _ elements: ArraySlice<Element>, _ tokens: ArraySlice<PhraseToken>, _ values: [String: SlotValue],
        _ read: (Slot, ArraySlice<PhraseToken>) -> [(value: SlotValue, end: Int)]
    ) -> [String: SlotValue]? {
        guard let first = elements.first else { return tokens.isEmpty ? values : nil }
        let rest = elements.dropFirst()
        switch first {
        case .word(let word):
            guard let token = tokens.first, token.text == word else { return nil }
            return match(rest, tokens.dropFirst(), values, read)
        case .slot(let slot):
            guard !tokens.isEmpty else { return nil }
            for (value, end) in read(slot, tokens) {
                var more = values
                more[slot.key] = value
                if let found = match(rest, tokens[end...], more, read) { return found }
            }
            return nil
        case .group(let choices, let isOptional):
            for choice in choices {
                if let found = match(choice + rest, tokens, values, read) { return found }
            }
            return isOptional ? match(rest, tokens, values, read) : nil
        }
    }
}

/// What is wrong with a file of phrases, in words for whoever writes it.
package enum PhraseFault: Error, Hashable, Sendable, CustomStringConvertible {
    case pattern(String, String)
    case line(file: String, line: Int, String)
    case file(String, String)

    package var description: String {
        switch self {
        case .pattern(let text, let reason): "'\(text)': \(reason)"
        case .line(let file, let line, let reason): "\(file), line \(line): \(reason)"
        case .file(let file, let reason): "\(file): \(reason)"
        }
    }
}
