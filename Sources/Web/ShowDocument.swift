import Foundation
import Media
package import Shows

/// What a page knows of a show: the same document that `GET /api/v1/shows/SHOW` answers.
package struct ShowDocument: Encodable, Sendable, Hashable {
    package let id: String
    package let title: String
    package let state: String
    package let isPaused: Bool
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
        // A rehearsal is nobody's business but the host's.
        state = (show.state == .rehearsal ? .scheduled : show.state).rawValue
        isPaused = show.isPaused
        let place = "\(show.id.text)/\(token.map { "t/\($0)/" } ?? "")index.m3u8"
        playlist = "/live/\(place)"
        replay = show.hasReplay ? "/replay/\(place)" : nil
        self.viewers = viewers
    }
}

/// `value` as JSON that may stand in a script element: no `<` in it, so nothing there closes the element.
func scriptSafeJSON(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // These documents are strings, numbers and booleans, which always encode.
    guard let data = try? encoder.encode(value) else { return "null" }
    return String(decoding: data, as: UTF8.self).replacing("<", with: "\\u003c")
}
