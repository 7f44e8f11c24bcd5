import Foundation
import Media
import NIOCore
import Shows
import Testing
import Web

/// What pages say of a show's date, in which language, and to whom.
struct ScheduleTests {
    private let assets: WebAssets
    private let watch: WatchPage
    private let home: HomePage
    private let now = Date(timeIntervalSince1970: 1_796_140_800)  // 2026-12-01T16:00:00Z
    private let start = Date(timeIntervalSince1970: 1_796_148_000)  // 18:00

    init() throws {
        assets = try WebAssets.bundled(playerDirectory: nil)
        watch = try WatchPage(assets)
        home = try HomePage(assets)
    }

    private func show(_ id: String = "silk", start: Date? = nil, _ state: ShowState = .scheduled) throws
        -> ShowSummary
    {
        var show = ShowSummary(
            id: try #require(ShowID(id)), title: "Silk \(id)", language: .english, state: state,
            isPaused: false)
        show.start = start
        return show
    }

    private func reader(_ language: String) -> Reader {
        Reader(LanguagePreference(acceptLanguage: language))
    }

    private func text(of show: ShowSummary, _ language: String = "en") -> String {
        String(
            buffer: watch.html(
                show: show, viewers: 0, base: "https://shop.example", for: reader(language), at: now
            ).html)
    }

    @Test(arguments: [
        ("en", "December 1"), ("zh-CN", "12月1日"), ("es", "1 de diciembre"), ("pt", "1 de dezembro"),
        ("fr", "1 décembre"), ("id", "1 Desember"), ("ja", "12月1日"),
    ])
    func theStartIsWrittenInTheLanguageAndInUTC(language: String, day: String) throws {
        let page = text(of: try show(start: start), language)
        let element = try #require(
            page.firstMatch(of: #/<time datetime="2026-12-01T18:00:00Z">([^<]*)<\/time>/#))
        #expect(element.output.1.contains(day) && element.output.1.hasSuffix(" UTC"), "\(element.output.1)")
        #expect(
            element.output.1.contains("18:00") || element.output.1.contains("18.00")
                || element.output.1.contains("6:00"))
        #expect(page.contains("href=\"/shows/silk/calendar.ics\"><svg>"))
    }

    @Test func withoutAStartNothingIsSaidOfIt() throws {
        let page = text(of: try show())
        #expect(page.contains("id=\"when\" hidden") && page.contains("calendar.ics\" hidden"))
        #expect(page.contains("id=\"screen-title\">Starting soon<") && !page.contains("<time"))
    }

    @Test func aShowThatIsFarOffIsScheduledAndNotSoon() throws {
        #expect(text(of: try show(start: start)).contains("data-badge>Scheduled<"))
        #expect(text(of: try show(start: now + 600)).contains("data-badge>Starting soon<"))
        #expect(text(of: try show(start: now - 600)).contains("id=\"screen-title\">Starting soon<"))
    }

    @Test func textsAreInTheBestLanguageAndSayWhichWhereItIsNotThePages() throws {
        var show = try show()
        let (zh, th) = (try #require(LanguageTag("zh-Hans")), try #require(LanguageTag("th")))
        show.titles = [zh: "丝绸", .english: "Silk", th: "ไหม"]
        show.descriptions = [zh: "手工丝绸"]
        show.language = zh
        #expect(text(of: show).contains("<h1 id=\"title\" dir=\"auto\">Silk</h1>"))
        #expect(text(of: show).contains("id=\"text\" dir=\"auto\" lang=\"zh-Hans\">手工丝绸</p>"))
        #expect(text(of: show, "zh-TW").contains("<h1 id=\"title\" dir=\"auto\">丝绸</h1>"))
        // Who wants Thai gets an English page with the Thai title.
        let page = text(of: show, "th-TH")
        #expect(
            page.contains("<html lang=\"en\"")
                && page.contains("<h1 id=\"title\" dir=\"auto\" lang=\"th\">ไหม</h1>"))
        // Nobody's wish is met: the language of the page, before that of the show.
        #expect(text(of: show, "de").contains(">Silk</h1>"))
        show.titles[.english] = nil
        #expect(text(of: show, "ja").contains("lang=\"zh-Hans\">丝绸</h1>"))
    }

    @Test func theListIsInOrderAndLeavesOutWhatIsNotForEverybody() throws {
        var (unlisted, protected) = (try show("unlisted"), try show("protected"))
        unlisted.visibility = .unlisted
        protected.visibility = .token
        let shows = [
            try show("undated"), try show("late", start: start + 3600), try show("early", start: start),
            unlisted,
            protected, try show("draft", .draft),
        ]
        let page = String(buffer: home.html(shows: shows, for: reader("en"), at: now).html)
        let order = try ["Silk early", "Silk late", "Silk undated"].map { title in
            try #require(page.firstRange(of: ">\(title)<")).lowerBound
        }
        #expect(order == order.sorted())
        for hidden in ["unlisted", "protected", "draft"] { #expect(!page.contains(hidden)) }
        #expect(page.contains("<link rel=\"alternate\" hreflang=\"ja\" href=\"/?lang=ja\">"))
    }

    @Test func theMenuOfLanguagesKeepsATokenAndNamesThePagesLanguage() throws {
        let reader = Reader(LanguagePreference(chosen: "ja"), query: "token=a.b-c_d")
        let page = String(buffer: watch.html(show: try show(), viewers: 0, for: reader).html)
        #expect(page.contains("href=\"?token=a.b-c_d&amp;lang=fr\" lang=\"fr\" hreflang=\"fr\""))
        #expect(page.contains("lang=\"ja\" hreflang=\"ja\" rel=\"nofollow\" aria-current=\"true\">日本語</a>"))
    }
}
