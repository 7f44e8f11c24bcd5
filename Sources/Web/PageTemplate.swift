/// A page's text with holes `{{name}}`, each filled with a value that is escaped unless it says otherwise.
struct PageTemplate: Sendable {
    enum Value: Sendable {
        /// Escaped for element content and quoted attributes.
        case text(String)
        /// Put in as it stands: markup, or JSON that is safe in a script element.
        case markup(String)
    }

    let name: String
    /// Text and holes in turn: text, hole, text, …, text.
    private let texts: [String]
    private let holes: [String]

    init(name: String, text: String) {
        self.name = name
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
        self.texts = texts
        self.holes = holes
    }

    /// Throws where a hole has no value or a value no hole: a page is checked so when the server starts.
    func check(_ names: Set<String>) throws(WebError) {
        if let odd = names.symmetricDifference(holes).sorted().first {
            throw .badTemplate(page: name, hole: odd)
        }
    }

    func filled(_ values: [String: Value]) -> String {
        var page = texts[0]
        for (hole, text) in zip(holes, texts.dropFirst()) {
            switch values[hole] {
            case .text(let value): page += escaped(value)
            case .markup(let value): page += value
            case nil: break
            }
            page += text
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
