package import Foundation
package import Media
package import People

/// What a client may set of a show. Members that are missing in JSON have the defaults here.
///
/// An edit is the whole draft: `show.draft`, changed (a JSON merge patch on its JSON), and checked as a new one is.
package struct ShowDraft: Hashable, Sendable {
    package var titles: [LanguageTag: String]
    package var descriptions: [LanguageTag: String]
    package var language: LanguageTag
    package var hosts: [PersonID]
    package var start: Date?
    package var lengthMinutes: Int?
    package var zone: String?
    package var recurrence: Recurrence?
    package var visibility: Visibility
    package var tags: [String]
    package var profile: LatencyProfile
    package var source: Bool
    package var rungs: [Int]?
    package var rehearsal: Bool
    package var startsWithFeed: Bool
    package var embedOrigins: [String]
    package var encrypt: Encryption
    package var srtPassphrase: String?
    /// Not in JSON: only the settings set it.
    package var slate: String?
    /// Languages in which there are captions, in the order in which they are offered; nil where there are none.
    package var captions: [CaptionPlan]?

    package init(
        titles: [LanguageTag: String], descriptions: [LanguageTag: String] = [:],
        language: LanguageTag = .english, hosts: [PersonID] = [], start: Date? = nil,
        lengthMinutes: Int? = nil, zone: String? = nil, recurrence: Recurrence? = nil,
        visibility: Visibility = .public, tags: [String] = [], profile: LatencyProfile = .balanced,
        source: Bool = true, rungs: [Int]? = nil, rehearsal: Bool = true, startsWithFeed: Bool = false,
        embedOrigins: [String] = [], encrypt: Encryption = .none, srtPassphrase: String? = nil,
        slate: String? = nil, captions: [CaptionPlan]? = nil
    ) {
        self.titles = titles
        self.descriptions = descriptions
        self.language = language
        self.hosts = hosts
        self.start = start
        self.lengthMinutes = lengthMinutes
        self.zone = zone
        self.recurrence = recurrence
        self.visibility = visibility
        self.tags = tags
        self.profile = profile
        self.source = source
        self.rungs = rungs
        self.rehearsal = rehearsal
        self.startsWithFeed = startsWithFeed
        self.embedOrigins = embedOrigins
        self.encrypt = encrypt
        self.srtPassphrase = srtPassphrase
        self.slate = slate
        self.captions = captions
    }

    /// The names of everything that may be set.
    package static let fields = Set(CodingKeys.allCases.map(\.rawValue))
}

extension ShowDraft: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case titles, descriptions, language, hosts, start, lengthMinutes, zone, recurrence, visibility, tags,
            profile, source, rungs, rehearsal, startsWithFeed, embedOrigins, encrypt, srtPassphrase, captions
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, or value: Value) throws -> Value {
            try container.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        self.init(titles: try read(.titles, or: [:]))
        descriptions = try read(.descriptions, or: descriptions)
        language = try read(.language, or: language)
        hosts = try read(.hosts, or: hosts)
        start = try container.decodeIfPresent(Date.self, forKey: .start)
        lengthMinutes = try container.decodeIfPresent(Int.self, forKey: .lengthMinutes)
        zone = try container.decodeIfPresent(String.self, forKey: .zone)
        recurrence = try container.decodeIfPresent(Recurrence.self, forKey: .recurrence)
        visibility = try read(.visibility, or: visibility)
        tags = try read(.tags, or: tags)
        profile = try read(.profile, or: profile)
        source = try read(.source, or: source)
        rungs = try container.decodeIfPresent([Int].self, forKey: .rungs)
        rehearsal = try read(.rehearsal, or: rehearsal)
        startsWithFeed = try read(.startsWithFeed, or: startsWithFeed)
        embedOrigins = try read(.embedOrigins, or: embedOrigins)
        encrypt = try read(.encrypt, or: encrypt)
        srtPassphrase = try container.decodeIfPresent(String.self, forKey: .srtPassphrase)
        captions = try container.decodeIfPresent([CaptionPlan].self, forKey: .captions)
    }
}
