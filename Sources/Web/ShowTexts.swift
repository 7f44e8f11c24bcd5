import Foundation
import Media
import Shows

/// A text of a show, and the language that it is in.
struct ShowText: Sendable, Hashable {
    let text: String
    let language: LanguageTag

    /// The attribute for an element of a page in `page`; empty where it is that language, or unknown.
    func attribute(in page: LanguageTag) -> PageTemplate.Value {
        guard language != page, language != .undetermined else { return .markup("") }
        return .markup(" lang=\"\(escaped(language.text))\"")
    }

    /// The text for a sentence or a field of plain text: one line, without what would turn its neighbours around.
    var line: String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.value {
                    case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029: " "
                    default: scalar
                    }
                }.filter { scalar in
                    switch scalar.value {
                    case 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x61C: false
                    default: true
                    }
                }))
    }
}

extension ShowSummary {
    /// The title that `reader` wants most, else in the language of the page, else in the show's own.
    func title(for reader: Reader, page: LanguageTag) -> ShowText {
        ShowSummary.best(titles, for: reader, page: page, own: language)
            ?? ShowText(text: id.text, language: .undetermined)
    }

    /// Nil where there is none, or an empty one.
    func description(for reader: Reader, page: LanguageTag) -> ShowText? {
        ShowSummary.best(descriptions, for: reader, page: page, own: language).flatMap {
            $0.text.contains { !$0.isWhitespace } ? $0 : nil
        }
    }

    private static func best(
        _ texts: [LanguageTag: String], for reader: Reader, page: LanguageTag, own: LanguageTag
    ) -> ShowText? {
        let tags = texts.keys.sorted { $0.text < $1.text }
        let language = reader.preference.best(of: tags, else: [page, own]) ?? tags.first
        return language.flatMap { language in
            texts[language].map { ShowText(text: $0, language: language) }
        }
    }

    /// Listed for everybody.
    var isListed: Bool { visibility == .public }

    /// A scheduled start that is still so far off that "soon" would be wrong.
    func isAhead(at now: Date) -> Bool {
        guard state == .scheduled || state == .rehearsal, let start else { return false }
        return start.timeIntervalSince(now) > 15 * 60
    }
}
