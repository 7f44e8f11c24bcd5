import Foundation
import Media
import People
import Shows

/// A show, as the API tells it: what everybody may know, and more for those who work on it.
struct ShowDocument: Encodable {
    let show: Show
    let standing: Standing
    /// For those who work on it.
    let isWhole: Bool

    private enum Keys: String, CodingKey {
        case id, series, title, titles, descriptions, language, start, lengthMinutes, zone, recurrence, state
        case visibility, tags, cover, liveSince, endedAt, isPaused, playlist, replay, viewers
    }

    func encode(to encoder: any Encoder) throws {
        // First all there is; what follows is written over it.
        if isWhole { try show.encode(to: encoder) }
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(show.id, forKey: .id)
        try container.encodeIfPresent(show.series, forKey: .series)
        try container.encode(show.title(), forKey: .title)
        try container.encode(show.titles, forKey: .titles)
        try container.encode(show.descriptions, forKey: .descriptions)
        try container.encode(show.language, forKey: .language)
        try container.encodeIfPresent(show.start, forKey: .start)
        try container.encodeIfPresent(show.lengthMinutes, forKey: .lengthMinutes)
        try container.encodeIfPresent(show.zone, forKey: .zone)
        try container.encodeIfPresent(show.recurrence, forKey: .recurrence)
        // A rehearsal is nobody's business but its people's.
        let state = show.state == .rehearsal && !isWhole ? .scheduled : show.state
        try container.encode(state, forKey: .state)
        try container.encode(show.visibility, forKey: .visibility)
        try container.encode(show.tags, forKey: .tags)
        try container.encodeIfPresent(show.cover.map(CoverShelf.address), forKey: .cover)
        try container.encodeIfPresent(show.liveSince, forKey: .liveSince)
        try container.encodeIfPresent(show.endedAt, forKey: .endedAt)
        try container.encode(standing.isPaused && state == .live, forKey: .isPaused)
        try container.encode("/live/\(show.id)/index.m3u8", forKey: .playlist)
        if standing.hasReplay, state == .ended || state == .replay {
            try container.encode("/replay/\(show.id)/index.m3u8", forKey: .replay)
        }
        try container.encode(standing.viewers, forKey: .viewers)
    }
}

/// Some of a list, and where it goes on.
struct ListDocument<Item: Encodable>: Encodable {
    let name: String
    let items: [Item]
    let next: String?

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ text: String) { stringValue = text }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    init(_ name: String, _ items: [Item], next: String? = nil) {
        self.name = name
        self.items = items
        self.next = next
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(items, forKey: Key(name))
        try container.encodeIfPresent(next, forKey: Key("next"))
    }
}
