/// A language as BCP 47 names it: `en`, `pt-BR`, `zh-Hans-CN`. Letters are in the usual case, so equal tags are equal text.
///
/// It is checked for form only; no registry is asked. `x-…` alone and the old irregular tags are refused.
package struct LanguageTag: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package static let english = LanguageTag(known: "en")
    /// Of a text whose language nobody has said.
    package static let undetermined = LanguageTag(known: "und")

    private init(known: String) { text = known }

    /// Nil where `text` is no language tag of at most 64 characters.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 64 else { return nil }
        let parts = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
        guard let language = parts.first, LanguageTag.isAlpha(language, 2...8) else { return nil }
        var subtags = [String(language)]
        var rest = parts.dropFirst()
        func take(_ isRight: (Substring) -> Bool, _ shape: (Substring) -> String) -> Bool {
            guard let next = rest.first, isRight(next) else { return false }
            subtags.append(shape(next))
            rest = rest.dropFirst()
            return true
        }
        if language.utf8.count <= 3 {
            for _ in 0..<3 where !take({ LanguageTag.isAlpha($0, 3...3) }, String.init) { break }
        }
        _ = take({ LanguageTag.isAlpha($0, 4...4) }, { $0.prefix(1).uppercased() + $0.dropFirst() })
        _ = take(LanguageTag.isRegion, { $0.uppercased() })
        var variants: Set<Substring> = []
        while let next = rest.first, LanguageTag.isVariant(next) {
            guard variants.insert(next).inserted, take({ _ in true }, String.init) else { return nil }
        }
        var singletons: Set<Substring> = []
        while let single = rest.first, single.utf8.count == 1, single != "x" {
            guard LanguageTag.isPlain(single, 1...1), singletons.insert(single).inserted else { return nil }
            subtags.append(String(single))
            rest = rest.dropFirst()
            var count = 0
            while take({ LanguageTag.isPlain($0, 2...8) }, String.init) { count += 1 }
            guard count > 0 else { return nil }
        }
        if rest.first == "x" {
            guard rest.count > 1, rest.dropFirst().allSatisfy({ LanguageTag.isPlain($0, 1...8) }) else {
                return nil
            }
            subtags += rest.map(String.init)
            rest = []
        }
        guard rest.isEmpty else { return nil }
        self.text = subtags.joined(separator: "-")
    }

    package var description: String { text }

    /// `pt` of `pt-BR`.
    package var primary: String { text.split(separator: "-").first.map(String.init) ?? text }

    /// Basic filtering of RFC 4647: whether this is `range`, or begins with it (`zh-Hans` matches `zh`).
    package func matches(_ range: LanguageTag) -> Bool {
        text == range.text || text.hasPrefix(range.text + "-")
    }

    /// Lookup of RFC 4647: the best of `available` for somebody who wants `wanted`, most wanted first; nil where nothing
    /// fits. Each wish is shortened from its end before the next wish is looked at.
    package static func lookup(_ wanted: [LanguageTag], in available: some Sequence<LanguageTag>)
        -> LanguageTag?
    {
        let known = Set(available.map(\.text))
        for wish in wanted {
            var subtags = wish.text.split(separator: "-")
            while !subtags.isEmpty {
                let text = subtags.joined(separator: "-")
                if known.contains(text) { return LanguageTag(known: text) }
                subtags.removeLast()
                // A lone letter only introduces what followed it.
                if let last = subtags.last, last.utf8.count == 1 { subtags.removeLast() }
            }
        }
        return nil
    }

    /// The wishes of an `Accept-Language` field, best first; what is no tag, and what is refused with `q=0`, is left out.
    /// At most 20 are read.
    package static func wishes(acceptLanguage field: String) -> [LanguageTag] {
        let found = field.prefix(1000).split(separator: ",").prefix(20).enumerated()
        let wishes = found.compactMap { place, item -> (tag: LanguageTag, weight: Double, place: Int)? in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let tag = parts.first.flatMap({ LanguageTag($0) }) else { return nil }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 }
            return (tag, min(1, weight ?? 1), place)
        }
        return wishes.filter { $0.weight > 0 }
            .sorted { ($1.weight, $0.place) < ($0.weight, $1.place) }.map(\.tag)
    }

    private static func isAlpha(_ part: Substring, _ length: ClosedRange<Int>) -> Bool {
        length.contains(part.utf8.count)
            && part.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }

    private static func isPlain(_ part: Substring, _ length: ClosedRange<Int>) -> Bool {
        length.contains(part.utf8.count)
            && part.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }

    private static func isRegion(_ part: Substring) -> Bool {
        isAlpha(part, 2...2)
            || (part.utf8.count == 3
                && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    }

    private static func isVariant(_ part: Substring) -> Bool {
        isPlain(part, 5...8)
            || (isPlain(part, 4...4)
                && part.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true)
    }
}

extension LanguageTag: Codable, CodingKeyRepresentable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let tag = LanguageTag(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a BCP 47 tag such as en, pt-BR or zh-Hans is needed")
        }
        self = tag
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var codingKey: any CodingKey { Key(stringValue: text) }

    package init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
