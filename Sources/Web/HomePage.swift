import Media
package import NIOCore
package import Shows

/// `/`: what is live, what is next, what has ended.
package struct HomePage: Sendable {
    private let assets: WebAssets
    private let page: PageTemplate
    private let section: PageTemplate
    private let card: PageTemplate
    private let empty: PageTemplate

    private struct Document: Encodable {
        let shows: [ShowDocument]
    }

    /// Shows of a kind stand together, in this order.
    private enum Group: String, CaseIterable {
        case live, soon, past

        var heading: String {
            switch self {
            case .live: "Live now"
            case .soon: "Coming up"
            case .past: "Ended"
            }
        }

        /// Nil for shows that only their makers see.
        init?(_ state: ShowState) {
            switch state {
            case .live: self = .live
            case .scheduled, .rehearsal: self = .soon
            case .ended, .replay: self = .past
            case .draft, .cancelled: return nil
            }
        }
    }

    /// Throws where one of the page's templates is missing or has other holes than these.
    package init(_ assets: WebAssets) throws(WebError) {
        self.assets = assets
        page = try assets.template("home.html")
        section = try assets.template("home-section.html")
        card = try assets.template("home-card.html")
        empty = try assets.template("home-empty.html")
        try page.check(["assets", "document", "list"])
        try section.check(["heading", "cards"])
        try card.check(["kind", "id", "badge", "badgeClass", "title", "call"])
        try empty.check([])
    }

    /// The page as UTF-8; shows keep their order within a group, drafts and cancelled shows are left out.
    package func html(shows: [ShowSummary]) -> ByteBuffer {
        let groups = Group.allCases.compactMap { group -> String? in
            let cards = shows.filter { Group($0.state) == group }.map { text($0, in: group) }
            guard !cards.isEmpty else { return nil }
            return section.filled(["heading": .text(group.heading), "cards": .markup(cards.joined())])
        }
        let seen = shows.filter { Group($0.state) != nil }
        let document = Document(shows: seen.map { ShowDocument($0, viewers: 0) })
        return ByteBuffer(
            string: page.filled([
                "assets": .text(assets.root),
                "document": .markup(scriptSafeJSON(document)),
                "list": .markup(groups.isEmpty ? empty.filled([:]) : groups.joined()),
            ]))
    }

    private func text(_ show: ShowSummary, in group: Group) -> String {
        let badge: String
        let call: String
        switch group {
        case .live:
            badge = show.isPaused ? "Paused" : "Live"
            call = "Watch now"
        case .soon:
            badge = "Starting soon"
            call = "Begins on its page by itself"
        case .past:
            badge = show.hasReplay ? "Replay" : "Ended"
            call = show.hasReplay ? "Watch the replay" : "Thank you for watching"
        }
        return card.filled([
            "kind": .text(group.rawValue),
            "id": .text(show.id.text),
            "badge": .text(badge),
            "badgeClass": .text(group == .live && !show.isPaused ? " badge-live" : ""),
            "title": .text(show.title),
            "call": .text(call),
        ])
    }
}
