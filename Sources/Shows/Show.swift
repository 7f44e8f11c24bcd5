package import Foundation
package import Media
package import People

/// One scheduled broadcast, as it is kept.
package struct Show: Hashable, Sendable {
    package var id: ShowID
    /// The first show of a weekly series; nil where it stands alone.
    package var series: ShowID?
    package var titles: [LanguageTag: String]
    package var descriptions: [LanguageTag: String]
    /// What is spoken, and the language that texts fall back to.
    package var language: LanguageTag
    /// In the order of joining.
    package var hosts: [PersonID]
    package var start: Date?
    package var lengthMinutes: Int?
    /// The zone in which the start was meant, by its IANA name: a weekly show keeps its local time.
    package var zone: String?
    package var recurrence: Recurrence?
    package var state: ShowState
    package var visibility: Visibility
    package var tags: [String]
    package var cover: CoverID?
    package var profile: LatencyProfile
    /// The host's own picture is offered too, where it is fit.
    package var source: Bool
    /// Short sides of the renditions; nil is what the settings say.
    package var rungs: [Int]?
    /// A feed begins a rehearsal, until somebody goes live.
    package var rehearsal: Bool
    /// A scheduled show goes live when its feed arrives.
    package var startsWithFeed: Bool
    /// `https://shop.example` and the like: whose pages may embed it; `*` is everybody's. Empty: nobody's but ours.
    package var embedOrigins: [String]
    package var encrypt: Encryption
    /// SRT callers must encrypt with it. Never shown.
    package var srtPassphrase: String?
    /// A picture on the server's disk, from the settings; the API neither shows nor sets it.
    package var slate: String?
    package var captions: [CaptionPlan]?
    /// Counts every change, from 1.
    package var revision: Int
    package var createdAt: Date
    package var updatedAt: Date
    /// When it last went live.
    package var liveSince: Date?
    package var endedAt: Date?

    package init(id: ShowID, draft: ShowDraft, state: ShowState = .draft, at now: Date) {
        self.id = id
        series = nil
        titles = draft.titles
        descriptions = draft.descriptions
        language = draft.language
        hosts = draft.hosts
        start = draft.start
        lengthMinutes = draft.lengthMinutes
        zone = draft.zone
        recurrence = draft.recurrence
        self.state = state
        visibility = draft.visibility
        tags = draft.tags
        cover = nil
        profile = draft.profile
        source = draft.source
        rungs = draft.rungs
        rehearsal = draft.rehearsal
        startsWithFeed = draft.startsWithFeed
        embedOrigins = draft.embedOrigins
        encrypt = draft.encrypt
        srtPassphrase = draft.srtPassphrase
        slate = draft.slate
        captions = draft.captions
        revision = 1
        createdAt = now
        updatedAt = now
        liveSince = nil
        endedAt = nil
    }

    /// What a client may set, as it stands.
    package var draft: ShowDraft {
        get {
            ShowDraft(
                titles: titles, descriptions: descriptions, language: language, hosts: hosts, start: start,
                lengthMinutes: lengthMinutes, zone: zone, recurrence: recurrence, visibility: visibility,
                tags: tags, profile: profile, source: source, rungs: rungs, rehearsal: rehearsal,
                startsWithFeed: startsWithFeed, embedOrigins: embedOrigins, encrypt: encrypt,
                srtPassphrase: srtPassphrase, slate: slate, captions: captions)
        }
        set {
            titles = newValue.titles
            descriptions = newValue.descriptions
            language = newValue.language
            hosts = newValue.hosts
            start = newValue.start
            lengthMinutes = newValue.lengthMinutes
            zone = newValue.zone
            recurrence = newValue.recurrence
            visibility = newValue.visibility
            tags = newValue.tags
            profile = newValue.profile
            source = newValue.source
            rungs = newValue.rungs
            rehearsal = newValue.rehearsal
            startsWithFeed = newValue.startsWithFeed
            embedOrigins = newValue.embedOrigins
            encrypt = newValue.encrypt
            srtPassphrase = newValue.srtPassphrase
            slate = newValue.slate
            captions = newValue.captions
        }
    }

    /// The title for somebody who reads `wanted`, most wanted first; else in the show's own language, else any.
    package func title(for wanted: [LanguageTag] = []) -> String {
        Show.text(titles, for: wanted, own: language)?.text ?? id.text
    }

    /// With the language it is in; nil where there is no description.
    package func description(for wanted: [LanguageTag] = []) -> (text: String, language: LanguageTag)? {
        Show.text(descriptions, for: wanted, own: language)
    }

    private static func text(_ texts: [LanguageTag: String], for wanted: [LanguageTag], own: LanguageTag)
        -> (text: String, language: LanguageTag)?
    {
        let best =
            LanguageTag.lookup(wanted + [own], in: texts.keys) ?? texts.keys.min { $0.text < $1.text }
        return best.flatMap { best in texts[best].map { ($0, best) } }
    }

    /// The public ETag of this state: `"r7"`.
    package var entityTag: String { "\"r\(revision)\"" }

    /// The revision in an If-Match field; nil where it is none of ours.
    package static func revision(inEntityTag text: some StringProtocol) -> Int? {
        guard text.hasPrefix("\"r"), text.hasSuffix("\""), text.count > 3 else { return nil }
        return Int(text.dropFirst(2).dropLast())
    }
}

/// JSON without the secrets: `srtPassphrase` is only told to be there, and `slate` not at all.
extension Show: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, series, titles, descriptions, language, hosts, start, lengthMinutes, zone, recurrence, state,
            visibility, tags, cover, profile, source, rungs, rehearsal, startsWithFeed, embedOrigins, encrypt,
            hasSrtPassphrase, captions, revision, createdAt, updatedAt, liveSince, endedAt
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encodeIfPresent(series, forKey: .series)
        try container.encode(titles, forKey: .titles)
        try container.encode(descriptions, forKey: .descriptions)
        try container.encode(language, forKey: .language)
        try container.encode(hosts, forKey: .hosts)
        try container.encodeIfPresent(start, forKey: .start)
        try container.encodeIfPresent(lengthMinutes, forKey: .lengthMinutes)
        try container.encodeIfPresent(zone, forKey: .zone)
        try container.encodeIfPresent(recurrence, forKey: .recurrence)
        try container.encode(state, forKey: .state)
        try container.encode(visibility, forKey: .visibility)
        try container.encode(tags, forKey: .tags)
        try container.encodeIfPresent(cover, forKey: .cover)
        try container.encode(profile, forKey: .profile)
        try container.encode(source, forKey: .source)
        try container.encodeIfPresent(rungs, forKey: .rungs)
        try container.encode(rehearsal, forKey: .rehearsal)
        try container.encode(startsWithFeed, forKey: .startsWithFeed)
        try container.encode(embedOrigins, forKey: .embedOrigins)
        try container.encode(encrypt, forKey: .encrypt)
        try container.encode(srtPassphrase != nil, forKey: .hasSrtPassphrase)
        try container.encodeIfPresent(captions, forKey: .captions)
        try container.encode(revision, forKey: .revision)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(updatedAt, forKey: .updatedAt)
        try container.encodeIfPresent(liveSince, forKey: .liveSince)
        try container.encodeIfPresent(endedAt, forKey: .endedAt)
    }
}

/// Who finds a show.
package enum Visibility: String, Hashable, Sendable, Codable, CaseIterable {
    case `public`
    /// Whoever has its address.
    case unlisted
    /// Whoever has a playback token.
    case token
}

/// What is traded for a short way to the viewer.
package enum LatencyProfile: String, Hashable, Sendable, Codable, CaseIterable {
    case low, balanced, quality
}

package enum Encryption: String, Hashable, Sendable, Codable, CaseIterable {
    case none
    case aes128 = "aes-128"
}

/// Every week at the same local time, up to a day.
package struct Recurrence: Hashable, Sendable, Codable {
    package var weekly: Bool
    /// No occurrence starts after it; nil goes on.
    package var until: Date?

    package init(weekly: Bool = true, until: Date? = nil) {
        self.weekly = weekly
        self.until = until
    }
}

/// A picture of a show, by the first 16 bytes of its SHA-256 in hexadecimal digits: another picture has another name.
package struct CoverID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: some StringProtocol) {
        let isHex = text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard text.utf8.count == 32, isHex else { return nil }
        self.text = String(text)
    }

    /// The name of these bytes.
    package init(of bytes: [UInt8]) {
        text = String(SHA256Text.of(bytes).prefix(32))
    }

    package var description: String { text }
}

extension CoverID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = CoverID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "32 digits are needed")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
