package import Shows

/// `/shows/SHOW`: the player, what the show is called and how it stands; from there the page follows by itself.
package struct WatchPage: Sendable {
    private let assets: WebAssets
    private let template: LocalisedPage
    private let style: String
    private let script: String
    /// The page's Content-Security-Policy: its style and the script that opens the picture stand in the page itself,
    /// because each file more that the first picture waits for costs a round trip.
    package let contentSecurityPolicy: String

    private struct Document: Encodable {
        let show: ShowDocument
        /// The address of the player's module, or null.
        let player: String?
        let opening: Opening?

        enum CodingKeys: String, CodingKey { case player, opening }

        func encode(to encoder: any Encoder) throws {
            try show.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(player, forKey: .player)
            try container.encode(opening, forKey: .opening)
        }
    }

    /// Throws where the page's template is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        self.assets = assets
        var style = ""
        for name in ["base.css", "stage.css", "controls.css", "timeline.css", "watch.css"] {
            style += try assets.text(name)
        }
        self.style = style
        script = try assets.text("opening.js")
        contentSecurityPolicy = PagePolicy.policy(scripts: [script], styles: [style])
        template = try LocalisedPage(
            assets, "watch.html",
            holes: [
                "title", "description", "scene", "sceneBadge", "sceneTitle", "sceneLine", "playlist",
                "document",
                "playerPreload", "style", "script",
            ], scripts: ["badge.", "scene.", "player.", "watch."])
    }

    /// The page. `token` is what a viewer has brought; what cannot be a token is passed over. `opening` is what there is
    /// to see at once, where the show is live and open to all.
    package func html(
        show: ShowSummary, viewers: Int, token: String? = nil, opening: Opening? = nil, for reader: Reader
    ) -> PageText {
        let words = template.words(for: reader)
        let token = token.flatMap { WatchPage.isToken($0) ? $0 : nil }
        let document = ShowDocument(show, viewers: viewers, token: token)
        let scene = Scene(show)
        // Last of all: the picture is there before the player, which is larger than all the rest.
        let preload =
            assets.player.map {
                "<link rel=\"modulepreload\" fetchpriority=\"low\" href=\"\(escaped($0))\">"
            } ?? ""
        return template.page(
            for: reader,
            [
                "title": .text(show.title),
                "description": .text(words.say("watch.description", ["title": .text(show.title)])),
                "scene": .text(scene.name),
                "sceneBadge": .text(words.say(scene.badge)),
                "sceneTitle": .text(words.say(scene.title)),
                "sceneLine": .text(words.say(scene.line)),
                "playlist": .text(document.playlist),
                "playerPreload": .markup(preload),
                "style": .markup(style),
                "script": .markup(script),
                "document": .markup(
                    scriptSafeJSON(Document(show: document, player: assets.player, opening: opening))),
            ])
    }

    /// Letters, digits, `-`, `_` and `.`, as in every JWT; nothing that would end a segment of a path.
    package static func isToken(_ text: String) -> Bool {
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
