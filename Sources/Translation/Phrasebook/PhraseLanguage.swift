import Media

/// A template's sentence in one language, and the ways in which people say it.
struct PhraseTemplate: Sendable {
    let id: String
    /// As it is written for readers.
    let sentence: String
    let patterns: [PhrasePattern]

    /// It asks, so that it may end with a question mark when it is read.
    var isQuestion: Bool { id.hasPrefix("ask.") }
    /// Either, such as a greeting.
    var isNeutral: Bool { id.hasPrefix("say.") }
}

/// The phrasebook in one language.
struct PhraseLanguage: Sendable {
    let tag: LanguageTag
    /// What stands between two sentences.
    let joiner: String
    let templates: [String: PhraseTemplate]
    let colours: PhraseNames
    let countries: PhraseNames
    let currencies: PhraseNames
    let sizes: PhraseNames
    let numbers: PhraseNames
    /// Words for percent, and those that make a price a thousand times as large (its key is how it is written).
    let percents: PhraseNames
    let thousands: PhraseNames
    /// What may stand before or behind a sentence and says nothing: `please`, `host`.
    let fillers: PhraseNames

    /// Patterns by a word that they need; those that need none are under the empty text.
    let shelf: [String: [Place]]

    struct Place: Sendable {
        var template: String
        var pattern: PhrasePattern
    }

    init(_ file: PhraseFile) {
        tag = file.tag
        joiner = file.joiner
        templates = Dictionary(uniqueKeysWithValues: file.templates.map { ($0.id, $0) })
        colours = file.names["colours"] ?? PhraseNames()
        countries = file.names["countries"] ?? PhraseNames()
        currencies = file.names["currencies"] ?? PhraseNames()
        sizes = file.names["sizes"] ?? PhraseNames()
        numbers = file.names["numbers"] ?? PhraseNames()
        percents = file.names["percent"] ?? PhraseNames()
        thousands = file.names["thousands"] ?? PhraseNames()
        fillers = file.names["fillers"] ?? PhraseNames()
        var uses: [String: Int] = [:]
        for template in file.templates {
            for pattern in template.patterns {
                for word in Set(pattern.required) { uses[word, default: 0] += 1 }
            }
        }
        var shelf: [String: [Place]] = [:]
        for template in file.templates {
            for pattern in template.patterns {
                let rarest = pattern.required.min { (uses[$0] ?? 0, $0) < (uses[$1] ?? 0, $1) }
                shelf[rarest ?? "", default: []].append(Place(template: template.id, pattern: pattern))
            }
        }
        self.shelf = shelf
    }
}
