import Foundation
package import Media
import People

/// Where a track's words come from.
package enum CaptionSource: String, Hashable, Sendable, Codable, CaseIterable {
    /// Typed by somebody who listens, here or with a program of theirs.
    case person
    /// Heard by a recogniser.
    case speech
    /// Brought along in the picture (CEA-608).
    case embedded
    /// From a file, for a show that was recorded before.
    case upload
    /// From the captions in another language.
    case translation

    /// Players say so, and viewers may want to know.
    package var isMachine: Bool { self == .speech || self == .translation }
}

/// Captions that a show has in one language: offered to players from its first picture on, whether or not there is a cue.
package struct CaptionPlan: Hashable, Sendable, Codable {
    package var language: LanguageTag
    /// What viewers choose it by; nil is the language's own name for itself.
    package var name: String?
    package var source: CaptionSource
    /// Of a translation: the track that it is made from; nil is the one of what is spoken.
    package var from: LanguageTag?

    package static let mostTracks = 20
    package static let fields: Set<String> = ["language", "name", "source", "from"]

    package init(
        language: LanguageTag, name: String? = nil, source: CaptionSource = .person, from: LanguageTag? = nil
    ) {
        self.language = language
        self.name = name
        self.source = source
        self.from = from
    }

    private enum CodingKeys: String, CodingKey { case language, name, source, from }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        language = try container.decode(LanguageTag.self, forKey: .language)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        source = try container.decodeIfPresent(CaptionSource.self, forKey: .source) ?? .person
        from = try container.decodeIfPresent(LanguageTag.self, forKey: .from)
    }

    /// `English`, `Español`, `简体中文`; the tag where nobody knows.
    package var title: String {
        if let name { return name }
        guard let own = Locale(identifier: language.text).localizedString(forIdentifier: language.text),
            !own.isEmpty
        else { return language.text }
        return own.prefix(1).uppercased(with: Locale(identifier: language.text)) + own.dropFirst()
    }

    /// What is wrong with a show's tracks, each fault with its place.
    static func faults(in plans: [CaptionPlan]) -> [FieldFault] {
        var faults: [FieldFault] = []
        if plans.count > mostTracks {
            faults.append(FieldFault("captions", "at most \(mostTracks) languages are kept"))
        }
        var languages: Set<LanguageTag> = []
        var titles: Set<String> = []
        for (place, plan) in plans.enumerated() {
            if plan.language == .undetermined || !languages.insert(plan.language).inserted {
                faults.append(FieldFault("captions.\(place).language", "each language once is needed"))
            }
            if let from = plan.from,
                plan.source != .translation
                    || !plans.contains(where: { $0.language == from && $0.source != .translation })
            {
                faults.append(
                    FieldFault(
                        "captions.\(place).from",
                        "a translation is made from the language of a track that is not one itself"))
            }
            if let name = plan.name,
                !(1...80).contains(name.count) || name.contains(where: { $0.isControl || $0 == "\"" })
                    || name.allSatisfy(\.isWhitespace)
            {
                faults.append(
                    FieldFault(
                        "captions.\(place).name", "1 to 80 characters without quotation marks are needed")
                )
            } else if !titles.insert(plan.title).inserted {
                faults.append(FieldFault("captions.\(place).name", "another track is called so"))
            }
        }
        return faults
    }
}
