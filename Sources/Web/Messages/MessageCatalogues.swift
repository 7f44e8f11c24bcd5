import Media

/// The languages that pages of one kind are there in.
///
/// `messages/LANG.json` is what viewers' pages say; `messages/staff/LANG.json` is what hosts' and operators' pages say
/// beyond that. A language more is one file more.
package struct MessageCatalogues: Sendable {
    /// Whom pages are made for.
    package enum Kind: Sendable { case viewers, staff }

    /// English first, the others by their tags.
    package let all: [MessageCatalogue]

    private static let fallback = LanguageTag.english

    /// Throws where there is no English, which stands in for what nobody asked for.
    init(_ files: [String: [UInt8]], _ kind: Kind) throws(WebError) {
        var found: [MessageCatalogue] = []
        for (path, json) in files.sorted(by: { $0.key < $1.key }) where !path.contains("/") {
            guard let language = LanguageTag(path.dropLast(".json".count)) else {
                throw .badCatalogue("messages/\(path)", "is not named by a language")
            }
            let viewers = try MessageCatalogue(language: language, json: json)
            switch kind {
            case .viewers: found.append(viewers)
            case .staff:
                guard let more = files["staff/\(path)"] else { continue }
                found.append(try MessageCatalogue(language: language, json: more, over: viewers))
            }
        }
        guard let english = found.firstIndex(where: { $0.language == MessageCatalogues.fallback }) else {
            throw .unreadable("messages/\(MessageCatalogues.fallback).json")
        }
        found.insert(found.remove(at: english), at: 0)
        all = found
    }

    /// The catalogue of the language that is wanted most, else English.
    package func best(for preference: LanguagePreference) -> MessageCatalogue {
        let tag = preference.best(of: all.map(\.language))
        return all.first { $0.language == tag } ?? all[0]
    }
}
