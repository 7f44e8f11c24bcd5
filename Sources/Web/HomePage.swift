import Media
package import Shows

/// `/`: what is live, what is next, what has ended.
package struct HomePage: Sendable {
    private let page: LocalisedPage
    private let section: PageTemplate
    private let card: PageTemplate
    private let empty: LocalisedPage

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
    }

    /// Throws where one of the page's templates is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        page = try LocalisedPage(assets, "home.html", holes: ["document", "list"], scripts: ["home."])
        empty = try LocalisedPage(assets, "home-empty.html")
        section = try assets.template("home-section.html")
        card = try assets.template("home-card.html")
        try section.check(["heading", "cards"])
        try card.check(["kind", "id", "badge", "badgeClass", "title", "call"])
    }

    /// The page; shows keep their order within a group, drafts and cancelled shows are left out.
    package func html(shows: [ShowSummary], for reader: Reader) -> PageText {
        let words = page.words(for: reader)
        let groups = Group.allCases.compactMap { group -> String? in
            let cards = shows.filter { Group($0) == group }.map { text($0, in: group, words) }
            guard !cards.isEmpty else { return nil }
            return section.filled([
                "heading": .text(words.say("home.\(group.rawValue)")), "cards": .markup(cards.joined()),
            ])
        }
        let seen = shows.filter { Group($0) != nil }
        let document = Document(shows: seen.map { ShowDocument($0, viewers: 0) })
        return page.page(
            for: reader,
            [
                "document": .markup(scriptSafeJSON(document)),
                "list": .markup(groups.isEmpty ? empty.filled(for: reader) : groups.joined()),
            ])
    }

    private func text(_ show: ShowSummary, in group: Group, _ words: MessageCatalogue) -> String {
        let badge =
            switch group {
            case .live: show.isPaused ? "badge.paused" : "badge.live"
            case .soon: "badge.soon"
            case .replay: "badge.replay"
            case .past: "badge.ended"
            }
        return card.filled([
            "kind": .text(group.rawValue),
            "id": .text(show.id.text),
            "badge": .text(words.say(badge)),
            "badgeClass": .text(group == .live && !show.isPaused ? " badge-live" : ""),
            "title": .text(show.title),
            "call": .text(words.say("home.call.\(group.rawValue)")),
        ])
    }
}
