package import NIOCore
package import Shows

/// `/shows/SHOW`: the player, what the show is called and how it stands; from there the page follows by itself.
package struct WatchPage: Sendable {
    private let assets: WebAssets
    private let template: PageTemplate

    private struct Document: Encodable {
        let show: ShowDocument
        /// The address of the player's module, or null.
        let player: String?

        enum CodingKeys: String, CodingKey { case player }

        func encode(to encoder: any Encoder) throws {
            try show.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(player, forKey: .player)
        }
    }

    /// Throws where the page's template is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        self.assets = assets
        template = try assets.template("watch.html")
        try template.check([
            "assets", "title", "scene", "sceneBadge", "sceneTitle", "sceneLine", "playlist", "document",
            "playerPreload",
        ])
    }

    /// The page as UTF-8. `token` is what a viewer has brought; what cannot be a token is passed over.
    package func html(show: ShowSummary, viewers: Int, token: String? = nil) -> ByteBuffer {
        let token = token.flatMap { WatchPage.isToken($0) ? $0 : nil }
        let document = ShowDocument(show, viewers: viewers, token: token)
        let scene = Scene(show)
        let preload = assets.player.map { "<link rel=\"modulepreload\" href=\"\(escaped($0))\">" } ?? ""
        return ByteBuffer(
            string: template.filled([
                "assets": .text(assets.root),
                "title": .text(show.title),
                "scene": .text(scene.name),
                "sceneBadge": .text(scene.badge),
                "sceneTitle": .text(scene.title),
                "sceneLine": .text(scene.line),
                "playlist": .text(document.playlist),
                "playerPreload": .markup(preload),
                "document": .markup(scriptSafeJSON(Document(show: document, player: assets.player))),
            ]))
    }

    /// Letters, digits, `-`, `_` and `.`, as in every JWT; nothing that would end a segment of a path.
    private static func isToken(_ text: String) -> Bool {
        (1...1024).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
