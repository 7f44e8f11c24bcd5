import Foundation
import Media
import NIOCore
import Shows
import Testing
import Web

/// What other sites are told of a show, and who may embed it.
struct ShareTests {
    private let assets: WebAssets
    private let start = Date(timeIntervalSince1970: 1_796_148_000)  // 2026-12-01T18:00:00Z
    private let base = "https://shop.example"

    init() throws {
        assets = try WebAssets.bundled(playerDirectory: nil)
    }

    private func show(_ title: String = "Silk", _ state: ShowState = .scheduled) throws -> ShowSummary {
        var show = ShowSummary(
            id: try #require(ShowID("silk")), title: title, language: .english, state: state, isPaused: false)
        show.start = start
        show.lengthMinutes = 90
        return show
    }

    private func page(_ show: ShowSummary) throws -> String {
        String(buffer: try WatchPage(assets).html(show: show, viewers: 0, base: base, for: Reader()).html)
    }

    private func video(in page: String) throws -> [String: Any] {
        let opening = try #require(page.firstRange(of: "<script type=\"application/ld+json\">"))
        let text = page[opening.upperBound...].prefix { $0 != "<" }
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test(arguments: ["</script><script>alert(1)</script>", "<!--<script>", "\"}]", "a\r\nb", "\u{202e}evil"])
    func noTitleBreaksOutOfTheCard(title: String) throws {
        let page = try page(try show(title))
        #expect(!page.contains("alert(1)</script>") && !page.contains("<!--<"))
        let video = try video(in: page)
        #expect(video["@type"] as? String == "VideoObject")
        let name = try #require(video["name"] as? String)
        #expect(!name.contains("\n") && !name.contains("\u{202e}") && !name.isEmpty)
        let meta = try #require(page.firstMatch(of: #/property="og:title" content="([^"]*)"/#)).output.1
        #expect(!meta.contains("<") && !meta.contains("\n") && !meta.unicodeScalars.contains("\u{202e}"))
    }

    @Test func theBroadcastHasItsTimes() throws {
        var show = try show()
        var event = try #require(try video(in: try page(show))["publication"] as? [String: Any])
        #expect(event["@type"] as? String == "BroadcastEvent" && event["isLiveBroadcast"] as? Bool == true)
        #expect(event["startDate"] as? String == "2026-12-01T18:00:00Z")
        #expect(event["endDate"] as? String == "2026-12-01T19:30:00Z")
        #expect(event["eventStatus"] as? String == "https://schema.org/EventScheduled")
        show.state = .replay
        show.liveSince = start + 60
        show.endedAt = start + 3660
        event = try #require(try video(in: try page(show))["publication"] as? [String: Any])
        #expect(event["startDate"] as? String == "2026-12-01T18:01:00Z")
        #expect(event["endDate"] as? String == "2026-12-01T19:01:00Z")
        show.state = .cancelled
        event = try #require(try video(in: try page(show))["publication"] as? [String: Any])
        #expect(event["eventStatus"] as? String == "https://schema.org/EventCancelled")
    }

    @Test func theCoverGoesWithTheCard() throws {
        var show = try show()
        #expect(try !page(show).contains("og:image") && page(show).contains("content=\"summary\""))
        show.cover = CoverID("0123456789abcdef0123456789abcdef")
        let page = try page(show)
        let address = "https://shop.example/covers/0123456789abcdef0123456789abcdef.jpg"
        #expect(page.contains("property=\"og:image\" content=\"\(address)\""))
        #expect(page.contains("content=\"summary_large_image\""))
        #expect(try video(in: page)["thumbnailUrl"] as? String == address)
    }

    @Test func searchEnginesAreToldOfPublicShowsOnly() throws {
        var show = try show()
        #expect(try !page(show).contains("noindex"))
        for visibility in [Visibility.unlisted, .token] {
            show.visibility = visibility
            let page = try page(show)
            #expect(page.contains("name=\"robots\" content=\"noindex\"") && !page.contains("ld+json"))
            #expect(page.contains("json+oembed") == (visibility == .unlisted))
        }
    }

    @Test(
        arguments: [
            ([], "'self'"), (["https://shop.example"], "'self' https://shop.example"),
            (
                ["https://a.example", "http://b.example:8080"],
                "'self' https://a.example http://b.example:8080"
            ),
            (["*"], "*"), (["https://a.example; script-src *"], "'self'"), (["javascript:x", ""], "'self'"),
            (["https://a.example\r\nX: y", "https://*.a.example"], "'self'"),
        ] as [([String], String)])
    func whoMayEmbedIsTheShowsToSay(origins: [String], ancestors: String) throws {
        var show = try show()
        show.embedOrigins = origins
        let policy = try EmbedPage(assets).contentSecurityPolicy(of: show)
        #expect(policy.hasSuffix("; frame-ancestors \(ancestors)"))
        #expect(policy.contains("script-src 'self' 'sha256-") && !policy.contains("unsafe"))
    }

    @Test(
        arguments: [
            ("https://shop.example/shows/silk", "silk"), ("https://shop.example/shows/silk?lang=ja", "silk"),
            ("https://shop.example/shows/silk#t", "silk"), ("https://shop.example/shows/", nil),
            ("https://other.example/shows/silk", nil), ("http://shop.example/shows/silk", nil),
            ("https://shop.example/shows/../x", nil), ("https://shop.example.evil/shows/silk", nil),
            ("https://shop.example@evil/shows/silk", nil), ("", nil),
            ("https://shop.example/shows/SILK", nil),
        ] as [(String, String?)])
    func anAddressOfOursIsKnown(address: String, show: String?) {
        #expect(OEmbed.show(in: address, base: base)?.text == show)
    }

    @Test(
        arguments: [
            (nil, nil, 640, 360), (320, nil, 320, 180), (nil, 180, 320, 180), (10_000, 10_000, 640, 360),
            (0, -5, 1, 1), (Int.max, Int.min, 1, 1),
        ] as [(Int?, Int?, Int, Int)])
    func thePlayerFitsWhereItIsAskedFor(width: Int?, height: Int?, is wide: Int, by high: Int) throws {
        let document = OEmbed(
            try show("\"><script>"), base: base, most: (width, height), for: Reader())
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(document)) as? [String: Any]
        #expect(json?["width"] as? Int == wide && json?["height"] as? Int == high)
        let html = try #require(json?["html"] as? String)
        #expect(html.contains("src=\"https://shop.example/embed/silk\"") && !html.contains("<script"))
    }
}
