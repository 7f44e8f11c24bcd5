package import Foundation
import Media
package import Shows

/// `/shows/SHOW`: the player, what the show is called, when it is and how it stands; from there the page follows by itself.
package struct WatchPage: Sendable {
    private let frame: PlayerFrame
    private let template: LocalisedPage
    /// The page's Content-Security-Policy: its style and the script that opens the picture stand in the page itself,
    /// because each file more that the first picture waits for costs a round trip.
    package let contentSecurityPolicy: String

    /// Throws where the page's template is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        frame = try PlayerFrame(assets)
        contentSecurityPolicy = PagePolicy.policy(scripts: [frame.script], styles: [frame.style])
        template = try LocalisedPage(
            assets, "watch.html",
            holes: PlayerFrame.holes.union([
                "titleLine", "description", "card", "when", "whenHidden", "length", "calendar",
                "calendarHidden", "text", "textLang", "textHidden", "tags", "tagsHidden",
            ]), scripts: PlayerFrame.words + ["chat."])
    }

    /// The page. `token` is what a viewer has brought; what cannot be a token is passed over. `opening` is what there is to
    /// see at once, where the show is live and open to all. `base` is how the server is called, without a slash at its end.
    package func html(
        show: ShowSummary, viewers: Int, token: String? = nil, opening: Opening? = nil,
        base: String = "", for reader: Reader, at now: Date = Date()
    ) -> PageText {
        let words = template.words(for: reader)
        let title = show.title(for: reader, page: words.language)
        let text = show.description(for: reader, page: words.language)
        let summary =
            text.map { String($0.line.prefix(200)) }
            ?? words.say("watch.description", ["title": .text(title.line)])
        let card = ShareCard(
            show: show, title: title, description: summary, base: base,
            languages: template.catalogues.all.map(\.language))
        let isComing = show.state == .scheduled || show.state == .rehearsal
        let isDated = show.start != nil && show.state != .live
        var values = frame.values(
            show: show, viewers: viewers, token: token, opening: opening, words, for: reader, at: now)
        values["titleLine"] = .text(title.line)
        values["description"] = .text(summary)
        values["card"] = .markup(card.markup)
        values["when"] = .markup(show.start.map { DateText.element($0, in: words.language, at: now) } ?? "")
        values["whenHidden"] = .markup(isDated ? "" : " hidden")
        values["length"] = .text(
            show.lengthMinutes.map {
                words.say(
                    "watch.length", ["duration": .text(DateText.length(minutes: $0, in: words.language))])
            } ?? "")
        values["calendar"] = .text("/shows/\(show.id.text)/calendar.ics")
        values["calendarHidden"] = .markup(isComing && show.start != nil ? "" : " hidden")
        values["text"] = .text(text?.text ?? "")
        values["textLang"] = text?.attribute(in: words.language) ?? .markup("")
        values["textHidden"] = .markup(text == nil ? " hidden" : "")
        values["tags"] = .markup(show.tags.map { "<li dir=\"auto\">\(escaped($0))</li>" }.joined())
        values["tagsHidden"] = .markup(show.tags.isEmpty ? " hidden" : "")
        return template.page(for: reader, values)
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
