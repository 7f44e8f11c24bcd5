package import Media

/// A word or code that engines must not touch.
package struct GlossaryTerm: Hashable, Sendable, Codable {
    /// As people write it.
    package var text: String
    /// It stays as it was written, in every language.
    package var keep: Bool
    /// What it is called in other languages.
    package var renderings: [LanguageTag: String]
    package var caseSensitive: Bool

    package init(
        _ text: String, keep: Bool = true, renderings: [LanguageTag: String] = [:],
        caseSensitive: Bool = false
    ) {
        self.text = text
        self.keep = keep
        self.renderings = renderings
        self.caseSensitive = caseSensitive
    }

    private enum CodingKeys: CodingKey { case text, keep, renderings, caseSensitive }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        text = try container.decode(String.self, forKey: .text)
        renderings = try container.decodeIfPresent([LanguageTag: String].self, forKey: .renderings) ?? [:]
        keep = try container.decodeIfPresent(Bool.self, forKey: .keep) ?? renderings.isEmpty
        caseSensitive = try container.decodeIfPresent(Bool.self, forKey: .caseSensitive) ?? false
    }

    /// What stands in a text in `language` where `written` stood; nil: engines may translate it.
    package func rendering(of written: String, in language: LanguageTag) -> String? {
        if let tag = LanguageTag.lookup([language], in: renderings.keys) { return renderings[tag] }
        let kin = renderings.keys.filter { $0.tongue == language.tongue }.min { $0.text < $1.text }
        if let kin { return renderings[kin] }
        return keep ? written : nil
    }
}

/// The words of a show that survive every engine: brand names, sizes, codes, and fixed translations.
package struct Glossary: Hashable, Sendable, Codable {
    package static let termsAtMost = 500
    /// Characters of a term, and of a rendering.
    package static let longest = 80

    package let terms: [GlossaryTerm]
    /// Changes with the terms; equal terms have equal ones within a process.
    package let revision: Int
    let index: GlossaryIndex

    package static let empty = Glossary(checked: [])

    private init(checked terms: [GlossaryTerm]) {
        self.terms = terms
        revision = terms.hashValue
        index = GlossaryIndex(terms)
    }

    /// Throws where the list is no glossary, with what is wrong in words for its author.
    package init(_ terms: [GlossaryTerm]) throws(GlossaryFault) {
        guard terms.count <= Glossary.termsAtMost else { throw .tooMany(terms.count) }
        var seen: Set<String> = []
        for term in terms {
            guard Glossary.isWritable(term.text) else { throw .term(term.text) }
            let name = term.caseSensitive ? term.text : term.text.lowercased()
            guard seen.insert(name).inserted else { throw .twice(term.text) }
            guard term.renderings.count <= 50 else { throw .renderings(term.text) }
            for (_, text) in term.renderings where !Glossary.isWritable(text) { throw .renderings(term.text) }
        }
        self.init(checked: terms)
    }

    package static func == (a: Glossary, b: Glossary) -> Bool { a.terms == b.terms }

    package func hash(into hasher: inout Hasher) { hasher.combine(revision) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(container.decode([GlossaryTerm].self, forKey: .terms))
    }

    private enum CodingKeys: CodingKey { case terms }

    /// One line without control characters, not blank, not too long.
    private static func isWritable(_ text: String) -> Bool {
        (1...longest).contains(text.count) && text.utf8.count <= longest * 8
            && text.contains { $0.isLetter || $0.isNumber || $0.isSymbol }
            && text.first?.isWhitespace == false && text.last?.isWhitespace == false
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

/// What is wrong with a glossary.
package enum GlossaryFault: Error, Hashable, Sendable, CustomStringConvertible {
    case tooMany(Int)
    case term(String)
    case twice(String)
    case renderings(String)

    package var description: String {
        switch self {
        case .tooMany(let count): "\(count) terms, and at most \(Glossary.termsAtMost) are kept"
        case .term(let text):
            "'\(text)' is no term: 1 to \(Glossary.longest) characters, with a letter or digit, no spaces around"
        case .twice(let text): "'\(text)' is there twice"
        case .renderings(let text):
            "the renderings of '\(text)' must be at most 50, of 1 to \(Glossary.longest) characters"
        }
    }
}
