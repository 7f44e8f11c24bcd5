package import Media

/// What a watch page of a live show begins with before the player is there: a key frame's part and those after it, in
/// a rendition that every network carries at once.
package struct Opening: Encodable, Sendable, Hashable {
    /// For Media Source: `video/mp4; codecs="avc1.64001e"`.
    package let type: String
    package let rendition: String
    package let width: Int
    package let height: Int
    /// The addresses of the init section and of the parts in a row; the first begins with a key frame.
    package let initSection: String
    package let parts: [String]
    /// The date of the first picture, Unix milliseconds.
    package let date: Int64
    /// The addresses of the playlists that the player will ask for first.
    package let playlists: [String]

    /// Nil where there are no parts.
    package init?(
        show: ShowID, rendition: String, codecs: String, width: Int, height: Int, initSection: String,
        parts: [String], date: Int64, playlists: [String]
    ) {
        guard !parts.isEmpty else { return nil }
        let folder = "/live/\(show.text)/\(rendition)/"
        type = "video/mp4; codecs=\"\(codecs)\""
        self.rendition = rendition
        self.width = width
        self.height = height
        self.initSection = folder + initSection
        self.parts = parts.map { folder + $0 }
        self.date = date
        self.playlists = playlists.map { "/live/\(show.text)/\($0)" }
    }

    /// `Link` fields (RFC 8288) that start the first requests with the page's head; the page's script asks for the
    /// same in the same way, so nothing is loaded twice.
    package var links: String {
        [initSection, parts[0]].map { "<\($0)>; rel=preload; as=fetch; crossorigin" }.joined(separator: ", ")
    }
}
