package import Foundation
import Media
package import Shows

/// `/`: what is live, what is next, what can be seen again, what has ended.
package struct HomePage: Sendable {
    private let page: LocalisedPage
    private let section: PageTemplate
    private let card: PageTemplate
    private let empty: LocalisedPage

    /// More of a kind are passed over: a page is to be read.
    private static let mostOfAKind = 48

    private struct Document: Encodable {
        let shows: [ShowDocument]
    }

    /// Shows of a kind stand together, in this order.
    private enum Group: String, CaseIterable {
        case live, soon, replay, past

        /// Nil for shows that only their makers see.
        init?(_ show: ShowSummary) {
            switch show.state {
            case .live: self = .live
            case .scheduled, .rehearsal: self = .soon
            case .ended, .replay: self = show.hasReplay ? .replay : .past
            case .draft, .cancelled: return nil
            }
        }

        /// The soonest first, and the newest of what is over; shows without a date keep their order, after the others.
        func sorted(_ shows: [ShowSummary]) -> [ShowSummary] {
            let dated = shows.enumerated().map { place, show in
                let date = self == .replay || self == .past ? show.endedAt ?? show.start : show.start
                let seconds = date?.timeIntervalSince1970 ?? .infinity
                return (show, self == .soon || seconds == .infinity ? seconds : -seconds, place)
            }
            return dated.sorted { ($0.1, $0.2) < ($1.1, $1.2) }.map(\.0)
        }
    }

    /// Throws where one of the page's templates is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        page = try LocalisedPage(
            assets, "home.html", holes: ["document", "list", "alternates"], scripts: ["home."])
        empty = try LocalisedPage(assets, "home-empty.html")
        section = try assets.template("home-section.html")
        card = try assets.template("home-card.html")
        try section.check(["heading", "cards"])
        try card.check(["kind", "id", "cover", "badge", "badgeClass", "title", "titleLang", "when", "call"])
    }

    /// The page; drafts, cancelled shows and those that are not listed are left out. `base` is how the server is called,
    /// without a slash at its end.
    package func html(
        shows: [ShowSummary], base: String = "", for reader: Reader, at now: Date = Date()
    ) -> PageText {
        let words = page.words(for: reader)
        var seen: [ShowSummary] = []
        let groups = Group.allCases.compactMap { group -> String? in
            let found = group.sorted(shows.filter { $0.isListed && Group($0) == group })
                .prefix(HomePage.mostOfAKind)
            guard !found.isEmpty else { return nil }
            seen += found
            return section.filled([
                "heading": .text(words.say("home.\(group.rawValue)")),
                "cards": .markup(found.map { text($0, in: group, words, reader, now) }.joined()),
            ])
        }
        let document = Document(shows: seen.map { ShowDocument($0, viewers: 0) })
        let alternates = page.catalogues.all.map { catalogue in
            let tag = escaped(catalogue.language.text)
            return "<link rel=\"alternate\" hreflang=\"\(tag)\" href=\"\(escaped(base))/?lang=\(tag)\">"
        }
        return page.page(
            for: reader,
            [
                "document": .markup(scriptSafeJSON(document)),
                "list": .markup(groups.isEmpty ? empty.filled(for: reader) : groups.joined()),
                "alternates": .markup(alternates.joined(separator: "\n")),
            ])
    }

    private func text(
        _ show: ShowSummary, in group: Group, _ words: MessageCatalogue, _ reader: Reader, _ now: Date
    ) -> String {
        let badge =
            switch group {
            case .live: show.isPaused ? "badge.paused" : "badge.live"
            case .soon: show.isAhead(at: now) ? "badge.scheduled" : "badge.soon"
            case .replay: "badge.replay"
            case .past: "badge.ended"
            }
        let title = show.title(for: reader, page: words.language)
        let when = group == .live ? nil : group == .soon ? show.start : show.liveSince ?? show.start
        return card.filled([
            "kind": .text(group.rawValue),
            "id": .text(show.id.text),
            "cover": .markup(
                show.coverPath.map { "<img src=\"\(escaped($0))\" alt=\"\" loading=\"lazy\">" } ?? ""),
            "badge": .text(words.say(badge)),
            "badgeClass": .text(group == .live && !show.isPaused ? " badge-live" : ""),
            "title": .text(title.text),
            "titleLang": title.attribute(in: words.language),
            "when": .markup(when.map { DateText.element($0, in: words.language, at: now) } ?? ""),
            "call": .text(words.say("home.call.\(group.rawValue)")),
        ])
    }
}
