/// A page's text with holes `{{name}}`, each filled with a value that is escaped unless it says otherwise.
struct PageTemplate: Sendable {
    enum Value: Sendable {
        /// Escaped for element content and quoted attributes.
        case text(String)
        /// Put in as it stands: markup, or JSON that is safe in a script element.
        case markup(String)

        var markup: String {
            switch self {
            case .text(let text): escaped(text)
            case .markup(let markup): markup
            }
        }
    }

    /// What holes begin with that the catalogues fill.
    private static let saying = "say:"

    let name: String
    /// Text and holes in turn: text, hole, text, …, text.
    private let texts: [String]
    private let holes: [String]

    init(name: String, text: String) {
        var texts: [String] = []
        var holes: [String] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{"),
            let close = rest[open.upperBound...].firstRange(of: "}}")
        {
            texts.append(String(rest[..<open.lowerBound]))
            holes.append(String(rest[open.upperBound..<close.lowerBound]))
            rest = rest[close.upperBound...]
        }
        texts.append(String(rest))
        self.init(name: name, texts: texts, holes: holes)
    }

    private init(name: String, texts: [String], holes: [String]) {
        self.name = name
        self.texts = texts
        self.holes = holes
    }

    /// Throws where a hole has no value or a value no hole: a page is checked so when the server starts. Values of
    /// `beyond` need no hole; words have their own check.
    func check(_ names: Set<String>, beyond: Set<String> = []) throws(WebError) {
        let named = Set(holes.filter { !$0.hasPrefix(PageTemplate.saying) })
        if let odd = names.symmetricDifference(named.subtracting(beyond)).sorted().first {
            throw .badTemplate(page: name, hole: odd)
        }
    }

    /// The template with the words of `catalogue` and `values` in their holes; the other holes stay.
    /// Throws where it says what the catalogue has not.
    func said(in catalogue: MessageCatalogue, with values: [String: Value]) throws(WebError) -> PageTemplate {
        var texts = [self.texts[0]]
        var open: [String] = []
        for (hole, text) in zip(holes, self.texts.dropFirst()) {
            if hole.hasPrefix(PageTemplate.saying) {
                let key = String(hole.dropFirst(PageTemplate.saying.count))
                guard case .plain(let words) = catalogue.messages[key] else {
                    throw .badTemplate(page: name, hole: hole)
                }
                texts[texts.count - 1] += escaped(words) + text
            } else if let value = values[hole] {
                texts[texts.count - 1] += value.markup + text
            } else {
                open.append(hole)
                texts.append(text)
            }
        }
        return PageTemplate(name: name, texts: texts, holes: open)
    }

    func filled(_ values: [String: Value]) -> String {
        var page = texts[0]
        for (hole, text) in zip(holes, texts.dropFirst()) {
            page += (values[hole]?.markup ?? "") + text
        }
        return page
    }
}

/// `text` for element content and for attributes in double quotation marks.
func escaped(_ text: String) -> String {
    var safe = ""
    safe.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": safe += "&amp;"
        case "<": safe += "&lt;"
        case ">": safe += "&gt;"
        case "\"": safe += "&quot;"
        case "'": safe += "&#39;"
        // What HTML forbids as a character, from a title that an API took in.
        case "\u{0}"..."\u{8}", "\u{b}", "\u{c}", "\u{e}"..."\u{1f}", "\u{7f}":
            safe.unicodeScalars.append("\u{fffd}")
        default: safe.unicodeScalars.append(scalar)
        }
    }
    return safe
}
