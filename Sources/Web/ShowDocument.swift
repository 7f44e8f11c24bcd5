import Foundation
import Media
package import Shows

/// What a page knows of a show: the same document that `GET /api/v1/shows/SHOW` answers.
package struct ShowDocument: Encodable, Sendable, Hashable {
    package let id: String
    /// In the show's own language.
    package let title: String
    /// By BCP 47 tags; `und` where nobody has said which.
    package let titles: [String: String]
    package let descriptions: [String: String]
    package let language: String
    package let state: String
    package let isPaused: Bool
    /// Instants as `2026-12-01T18:00:00Z`; nil where there are none.
    package let start: String?
    package let lengthMinutes: Int?
    package let zone: String?
    package let tags: [String]
    /// The address of the cover picture; nil where there is none.
    package let cover: String?
    /// The address of the multivariant playlist.
    package let playlist: String
    /// The address of the recording's playlist, where the show has ended and there is one.
    package let replay: String?
    /// How many watch now.
    package let viewers: Int

    /// With a playback token, the playlist's address carries it.
    package init(_ show: ShowSummary, viewers: Int, token: String? = nil) {
        id = show.id.text
        title = show.title
        titles = ShowDocument.byTag(show.titles)
        descriptions = ShowDocument.byTag(show.descriptions)
        language = show.language.text
        // A rehearsal is nobody's business but the host's.
        state = (show.state == .rehearsal ? .scheduled : show.state).rawValue
        isPaused = show.isPaused
        start = show.start.map(DateText.iso)
        lengthMinutes = show.lengthMinutes
        zone = show.zone
        tags = show.tags
        cover = show.coverPath
        let place = "\(show.id.text)/\(token.map { "t/\($0)/" } ?? "")index.m3u8"
        playlist = "/live/\(place)"
        replay = show.hasReplay ? "/replay/\(place)" : nil
        self.viewers = viewers
    }

    private static func byTag(_ texts: [LanguageTag: String]) -> [String: String] {
        Dictionary(texts.map { ($0.key.text, $0.value) }) { first, _ in first }
    }
}

extension ShowSummary {
    /// The address of the cover picture on this server.
    var coverPath: String? { cover.map { "/covers/\($0.text).jpg" } }
}

/// `value` as JSON that may stand in a script element: no `<` in it, so nothing there closes the element.
func scriptSafeJSON(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // These documents are strings, numbers and booleans, which always encode.
    guard let data = try? encoder.encode(value) else { return "null" }
    return String(decoding: data, as: UTF8.self).replacing("<", with: "\\u003c")
}
