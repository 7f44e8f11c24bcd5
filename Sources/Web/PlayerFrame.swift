import Foundation
import Media
import Shows

/// What the watch page and the embedded player have in common: the stage, its style and scripts, the show for them.
struct PlayerFrame: Sendable {
    let style: String
    let script: String
    private let assets: WebAssets

    static let holes: Set<String> = [
        "title", "titleLang", "scene", "sceneBadge", "sceneTitle", "sceneLine", "playlist", "document",
        "playerPreload", "style", "script",
    ]
    private static let sheets = [
        "base.css", "stage.css", "controls.css", "menu.css", "captions/captions.css", "timeline.css",
        "watch.css", "beside.css", "captions/transcript.css",
    ]
    /// The beginnings of the keys that the scripts say.
    static let words = ["badge.", "scene.", "player.", "watch."]

    private struct Document: Encodable {
        let show: ShowDocument
        /// The address of the player's module, or null.
        let player: String?
        let opening: Opening?
        /// The server's clock, Unix milliseconds.
        let now: Int64

        enum CodingKeys: String, CodingKey { case player, opening, now }

        func encode(to encoder: any Encoder) throws {
            try show.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(player, forKey: .player)
            try container.encode(opening, forKey: .opening)
            try container.encode(now, forKey: .now)
        }
    }

    init(_ assets: WebAssets) throws(WebError) {
        self.assets = assets
        var style = ""
        for name in PlayerFrame.sheets { style += try assets.text(name) }
        self.style = style
        script = try assets.text("opening.js")
    }

    func values(
        show: ShowSummary, viewers: Int, token: String?, opening: Opening?, _ words: MessageCatalogue,
        for reader: Reader, at now: Date = Date()
    ) -> [String: PageTemplate.Value] {
        let token = token.flatMap { WatchPage.isToken($0) ? $0 : nil }
        let document = ShowDocument(show, viewers: viewers, token: token)
        let scene = Scene(show, at: now)
        let title = show.title(for: reader, page: words.language)
        // Last of all: the picture is there before the player, which is larger than all the rest.
        let preload =
            assets.player.map {
                "<link rel=\"modulepreload\" fetchpriority=\"low\" href=\"\(escaped($0))\">"
            } ?? ""
        let start = show.start.flatMap { $0 > now && scene.name == "soon" ? $0 : nil }
        return [
            "title": .text(title.text),
            "titleLang": title.attribute(in: words.language),
            "scene": .text(scene.name),
            "sceneBadge": .text(words.say(scene.badge)),
            "sceneTitle": start.map { .markup(DateText.element($0, in: words.language, at: now)) }
                ?? .text(words.say(scene.title)),
            "sceneLine": .text(words.say(scene.line)),
            "playlist": .text(document.playlist),
            "playerPreload": .markup(preload),
            "style": .markup(style),
            "script": .markup(script),
            "document": .markup(
                scriptSafeJSON(
                    Document(
                        show: document, player: assets.player, opening: opening,
                        now: Int64(now.timeIntervalSince1970 * 1000)))),
        ]
    }
}
