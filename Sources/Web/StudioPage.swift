import Media
package import NIOCore
package import Shows

/// `/studio/SHOW`: where a host sees how the feed fares, rehearses, goes live and ends the show. Everything in it but the
/// show's name is asked for with the stream key, which is typed in and never part of an address.
package struct StudioPage: Sendable {
    private let assets: WebAssets
    private let template: PageTemplate

    private struct Document: Encodable {
        let id: String
        let title: String
        /// The address of the player's module, or null.
        let player: String?

        enum CodingKeys: String, CodingKey { case id, title, player }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(title, forKey: .title)
            try container.encode(player, forKey: .player)
        }
    }

    /// Throws where the page's template is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        self.assets = assets
        template = try assets.template("studio.html")
        try template.check(["assets", "title", "document"])
    }

    /// The page as UTF-8; the same for everybody.
    package func html(show: ShowSummary) -> ByteBuffer {
        let document = Document(id: show.id.text, title: show.title, player: assets.player)
        return ByteBuffer(
            string: template.filled([
                "assets": .text(assets.root),
                "title": .text(show.title),
                "document": .markup(scriptSafeJSON(document)),
            ]))
    }
}
