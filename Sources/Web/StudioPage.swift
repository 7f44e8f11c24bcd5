import Media
package import Shows

/// `/studio/SHOW`: where a host sees how the feed fares, rehearses, goes live and ends the show. Everything in it but the
/// show's name and the addresses for encoders is asked for by who is signed in, or with the stream key, which is typed in
/// and never part of an address.
package struct StudioPage: Sendable {
    private let assets: WebAssets
    private let page: LocalisedPage

    private struct Document: Encodable {
        let id: String
        let title: String
        /// The address of the player's module, or null.
        let player: String?
        let ingest: IngestAddresses
        /// The browser has shown a session: it is worth asking whose it is.
        let hasSession: Bool

        enum CodingKeys: String, CodingKey { case id, title, player, ingest, hasSession }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(title, forKey: .title)
            try container.encode(player, forKey: .player)
            try container.encode(ingest, forKey: .ingest)
            try container.encode(hasSession, forKey: .hasSession)
        }
    }

    /// Throws where the page's template is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        self.assets = assets
        page = try LocalisedPage(
            assets, "studio.html", for: .staff, holes: ["title", "document"],
            scripts: ["badge.", "studio.", "console.", "player.", "chat.", "desk.", "track."])
    }

    package func html(
        show: ShowSummary, ingest: IngestAddresses, hasSession: Bool = false, for reader: Reader
    ) -> PageText {
        let document = Document(
            id: show.id.text, title: show.title, player: assets.player, ingest: ingest, hasSession: hasSession
        )
        return page.page(
            for: reader,
            ["title": .text(show.title), "document": .markup(scriptSafeJSON(document))])
    }
}

/// Where hosts stream to, without the key: what an encoder asks for.
package struct IngestAddresses: Encodable, Sendable, Hashable {
    /// `rtmp://HOST:1935/live`
    package var rtmp: String
    package var rtmps: String?
    /// With `STREAMKEY` in the key's place.
    package var srt: String?

    /// The usual ports go unsaid. `host` is a name, or an address as it stands in a URL.
    package init(host: String, rtmp: Int, rtmps: Int?, srt: Int?) {
        func port(_ port: Int, usual: Int) -> String { port == usual ? "" : ":\(port)" }
        self.rtmp = "rtmp://\(host)\(port(rtmp, usual: 1935))/live"
        self.rtmps = rtmps.map { "rtmps://\(host):\($0)/live" }
        self.srt = srt.map { "srt://\(host):\($0)?streamid=#!::r=STREAMKEY,m=publish" }
    }
}
