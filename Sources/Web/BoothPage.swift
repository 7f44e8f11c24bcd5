package import Media
package import Shows

/// `/captions/SHOW/LANGUAGE`: where an interpreter listens to a show and types its captions in one language. What there is to
/// hear and to read is asked for by who is signed in.
package struct BoothPage: Sendable {
    private let assets: WebAssets
    private let page: LocalisedPage

    private struct Document: Encodable {
        let id: String
        /// The language of the captions.
        let language: String
        /// The address of the player's module, or null.
        let player: String?

        enum CodingKeys: String, CodingKey { case id, language, player }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(language, forKey: .language)
            try container.encode(player, forKey: .player)
        }
    }

    /// Throws where the page's template is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        self.assets = assets
        page = try LocalisedPage(
            assets, "booth.html", for: .staff, holes: ["title", "document"],
            scripts: ["badge.", "booth.", "track.", "console.", "player.", "chat.", "watch."])
    }

    package func html(show: ShowSummary, language: LanguageTag, for reader: Reader) -> PageText {
        let document = Document(id: show.id.text, language: language.text, player: assets.player)
        return page.page(
            for: reader, ["title": .text(show.title), "document": .markup(scriptSafeJSON(document))])
    }
}
