import Media
package import Shows

/// `/embed/SHOW`: the player alone, for other sites' frames.
package struct EmbedPage: Sendable {
    private let frame: PlayerFrame
    private let template: LocalisedPage

    /// Throws where the page's template is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        frame = try PlayerFrame(assets)
        template = try LocalisedPage(
            assets, "embed.html", holes: PlayerFrame.holes.union(["address"]), scripts: PlayerFrame.words)
    }

    /// The page. `base` is how the server is called, without a slash at its end.
    package func html(
        show: ShowSummary, viewers: Int, token: String? = nil, opening: Opening? = nil, base: String,
        for reader: Reader
    ) -> PageText {
        let words = template.words(for: reader)
        var values = frame.values(
            show: show, viewers: viewers, token: token, opening: opening, words, for: reader)
        values["address"] = .text("\(base)/shows/\(show.id.text)")
        return template.page(for: reader, values)
    }

    /// The page's Content-Security-Policy: who may frame it is the show's to say.
    package func contentSecurityPolicy(of show: ShowSummary) -> String {
        PagePolicy.policy(
            scripts: [frame.script], styles: [frame.style], ancestors: PagePolicy.ancestors(show.embedOrigins)
        )
    }
}
