import Foundation
package import Media

/// What the pages say in one language: text by key, with places `{name}` for values. A message that depends on a count has
/// a form for each plural of the language.
package struct MessageCatalogue: Sendable {
    package enum Message: Sendable, Hashable {
        case plain(String)
        /// By CLDR's names: `one`, `other`, …; the value `count` chooses.
        case plural([String: String])

        /// Its text, or all its forms.
        package var texts: [String] {
            switch self {
            case .plain(let text): [text]
            case .plural(let forms): forms.sorted { $0.key < $1.key }.map(\.value)
            }
        }
    }

    package enum Value: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case text(String)
        /// Written with the language's digits and separators.
        case number(Int)

        package init(stringLiteral value: String) { self = .text(value) }
        package init(integerLiteral value: Int) { self = .number(value) }
    }

    /// BCP 47; also the `lang` of the page.
    package let language: LanguageTag
    package let messages: [String: Message]

    /// Reads a file of the catalogue: one object of texts, or of objects of plural forms.
    init(language: LanguageTag, json: [UInt8], over wider: MessageCatalogue? = nil) throws(WebError) {
        let path = "messages/\(language).json"
        guard let decoded = try? JSONDecoder().decode([String: Entry].self, from: Data(json)) else {
            throw .badCatalogue(path, "is not one object of texts")
        }
        var messages = wider?.messages ?? [:]
        for (key, entry) in decoded {
            guard messages.updateValue(entry.message, forKey: key) == nil else {
                throw .badCatalogue(path, "has '\(key)' twice")
            }
        }
        self.language = language
        self.messages = messages
    }

    /// The language's own name for itself.
    package var name: String { say("language.name") }
    /// `ltr` or `rtl`.
    package var direction: String { say("language.direction") }

    /// The message with its places filled; the key itself where there is no such message, which the tests rule out.
    package func say(_ key: String, _ values: [String: Value] = [:]) -> String {
        let pattern: String
        switch messages[key] {
        case nil: return key
        case .plain(let text): pattern = text
        case .plural(let forms):
            var form = "other"
            if case .number(let count) = values["count"] {
                form = PluralRules.form(of: count, in: language.primary)
            }
            pattern = forms[form] ?? forms["other"] ?? key
        }
        return filled(pattern, values)
    }

    /// The messages whose keys begin with one of `prefixes`, as the pages' scripts take them.
    package func document(prefixes: [String]) -> some Encodable {
        let chosen = messages.filter { key, _ in prefixes.contains { key.hasPrefix($0) } }
        return Document(language: language.text, words: chosen.mapValues(Entry.init))
    }

    /// The names of the places in a text.
    package static func places(in text: String) -> Set<String> {
        Set(text.matches(of: #/\{([A-Za-z]+)\}/#).map { String($0.output.1) })
    }

    private func filled(_ pattern: String, _ values: [String: Value]) -> String {
        guard !values.isEmpty else { return pattern }
        return pattern.replacing(#/\{([A-Za-z]+)\}/#) { match in
            switch values[String(match.output.1)] {
            case .text(let text): text
            case .number(let number): number.formatted(.number.locale(Locale(identifier: language.text)))
            case nil: String(match.output.0)
            }
        }
    }

    private struct Document: Encodable {
        let language: String
        let words: [String: Entry]
    }

    private struct Entry: Codable {
        let message: Message

        init(_ message: Message) { self.message = message }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                message = .plain(text)
            } else {
                message = .plural(try container.decode([String: String].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch message {
            case .plain(let text): try container.encode(text)
            case .plural(let forms): try container.encode(forms)
            }
        }
    }
}
