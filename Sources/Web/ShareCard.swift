import Foundation
package import Media
package import Shows

/// What a page tells other sites of a show, in its head: Open Graph and Twitter's tags, where its oEmbed document is, its
/// address in each language, and schema.org's `VideoObject` with its `BroadcastEvent` as JSON-LD.
struct ShareCard: Sendable {
    let show: ShowSummary
    let title: ShowText
    let description: String
    /// How the server is called, without a slash at its end.
    let base: String
    let languages: [LanguageTag]

    var markup: String {
        let page = "\(base)/shows/\(show.id.text)"
        let embed = "\(base)/embed/\(show.id.text)"
        var tags = [link("canonical", page)]
        tags += languages.map {
            "<link rel=\"alternate\" hreflang=\"\(escaped($0.text))\" href=\"\(escaped(page))?lang=\(escaped($0.text))\">"
        }
        tags.append("<link rel=\"alternate\" hreflang=\"x-default\" href=\"\(escaped(page))\">")
        tags += [
            property("og:site_name", "Shopcast"), property("og:type", "video.other"),
            property("og:title", title.line), property("og:description", description),
            property("og:url", page),
        ]
        let image = show.coverPath.map { base + $0 }
        if let image { tags.append(property("og:image", image)) }
        tags += [
            name("twitter:card", image == nil ? "summary" : "summary_large_image"),
            name("twitter:title", title.line), name("twitter:description", description),
        ]
        if let image { tags.append(name("twitter:image", image)) }
        if show.visibility != .token {
            tags += [
                property("og:video", embed), property("og:video:type", "text/html"),
                property("og:video:width", "\(OEmbed.width)"),
                property("og:video:height", "\(OEmbed.height)"),
                "<link rel=\"alternate\" type=\"application/json+oembed\" "
                    + "href=\"\(escaped(OEmbed.address(of: page, base: base)))\" title=\"\(escaped(title.line))\">",
            ]
        }
        if show.visibility == .public {
            let video = VideoObject(self, page: page, embed: embed, image: image)
            tags.append("<script type=\"application/ld+json\">\(scriptSafeJSON(video))</script>")
        } else {
            tags.append(name("robots", "noindex"))
        }
        return tags.joined(separator: "\n")
    }

    private func property(_ key: String, _ value: String) -> String {
        "<meta property=\"\(key)\" content=\"\(escaped(value))\">"
    }

    private func name(_ key: String, _ value: String) -> String {
        "<meta name=\"\(key)\" content=\"\(escaped(value))\">"
    }

    private func link(_ relation: String, _ address: String) -> String {
        "<link rel=\"\(relation)\" href=\"\(escaped(address))\">"
    }
}

/// schema.org's `VideoObject` of a show.
private struct VideoObject: Encodable {
    let context = "https://schema.org"
    let type = "VideoObject"
    let name: String
    let description: String
    let inLanguage: String?
    let url: String
    let embedUrl: String
    let thumbnailUrl: String?
    let uploadDate: String?
    let keywords: String?
    let publication: BroadcastEvent

    struct BroadcastEvent: Encodable {
        let type = "BroadcastEvent"
        let name: String
        let isLiveBroadcast = true
        let startDate: String?
        let endDate: String?
        let eventStatus: String

        enum CodingKeys: String, CodingKey {
            case type = "@type"
            case name, isLiveBroadcast, startDate, endDate, eventStatus
        }
    }

    enum CodingKeys: String, CodingKey {
        case context = "@context"
        case type = "@type"
        case name, description, inLanguage, url, embedUrl, thumbnailUrl, uploadDate, keywords, publication
    }

    init(_ card: ShareCard, page: String, embed: String, image: String?) {
        let show = card.show
        let hasEnded = show.state == .ended || show.state == .replay
        // What was announced, until it is known better.
        let start = show.liveSince ?? show.start
        name = card.title.line
        description = card.description
        inLanguage = show.language == .undetermined ? nil : show.language.text
        url = page
        embedUrl = embed
        thumbnailUrl = image
        uploadDate = start.map(DateText.iso)
        keywords = show.tags.isEmpty ? nil : show.tags.joined(separator: ", ")
        let end = hasEnded ? show.endedAt ?? show.end : show.end
        publication = BroadcastEvent(
            name: card.title.line, startDate: start.map(DateText.iso), endDate: end.map(DateText.iso),
            eventStatus: "https://schema.org/Event\(show.state == .cancelled ? "Cancelled" : "Scheduled")")
    }
}

/// oEmbed 1.0: how other sites embed a show's player.
package struct OEmbed: Encodable, Sendable {
    static let width = 640
    static let height = 360

    let version = "1.0"
    let type = "video"
    let title: String
    let provider_name = "Shopcast"
    let provider_url: String
    /// Seconds.
    let cache_age = 300
    let width: Int
    let height: Int
    let html: String

    /// `most` is what the asker has room for; the player keeps its shape.
    package init(_ show: ShowSummary, base: String, most: (width: Int?, height: Int?), for reader: Reader) {
        let byWidth = min(OEmbed.width, max(1, most.width ?? OEmbed.width))
        let fitting = min(byWidth, min(OEmbed.height, max(1, most.height ?? OEmbed.height)) * 16 / 9)
        width = max(1, fitting)
        height = max(1, width * 9 / 16)
        title = show.title(for: reader, page: show.language).line
        provider_url = base
        html =
            "<iframe src=\"\(escaped("\(base)/embed/\(show.id.text)"))\" title=\"\(escaped(title))\" "
            + "width=\"\(width)\" height=\"\(height)\" allow=\"autoplay; fullscreen\" allowfullscreen "
            + "referrerpolicy=\"strict-origin-when-cross-origin\" loading=\"lazy\"></iframe>"
    }

    /// The show of an address that an asker has; nil where it is not one of a show of this server.
    package static func show(in address: String, base: String) -> ShowID? {
        guard address.utf8.count <= 2048 else { return nil }
        let place = address.hasPrefix("\(base)/shows/") ? address.dropFirst("\(base)/shows/".count) : nil
        return place.flatMap { ShowID($0.prefix { $0 != "?" && $0 != "#" && $0 != "/" }) }
    }

    static func address(of page: String, base: String) -> String {
        let plain = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return
            "\(base)/api/oembed?format=json&url=\(page.addingPercentEncoding(withAllowedCharacters: plain) ?? "")"
    }
}
