import Crypto
import Foundation
import Media
import NIOCore
import Shows
import Testing
import Web

struct PagesTests {
    private let assets: WebAssets
    private let watch: WatchPage
    private let home: HomePage

    init() throws {
        assets = try WebAssets.bundled(playerDirectory: nil)
        watch = try WatchPage(assets)
        home = try HomePage(assets)
    }

    /// The page for a reader of `language`.
    private func text(
        of show: ShowSummary, viewers: Int = 0, opening: Opening? = nil, in language: String = "en"
    ) -> String {
        let reader = Reader(LanguagePreference(chosen: language))
        return String(buffer: watch.html(show: show, viewers: viewers, opening: opening, for: reader).html)
    }

    private func list(_ shows: [ShowSummary], in language: String = "en") -> String {
        String(buffer: home.html(shows: shows, for: Reader(LanguagePreference(chosen: language))).html)
    }

    private func show(
        _ id: String = "demo", _ title: String = "Silk", _ state: ShowState = .live, paused: Bool = false
    ) throws -> ShowSummary {
        ShowSummary(id: try #require(ShowID(id)), title: title, state: state, isPaused: paused)
    }

    /// The JSON that a page carries for its script.
    private func document(in page: String, id: String) throws -> [String: Any] {
        let opening = try #require(page.firstRange(of: "<script type=\"application/json\" id=\"\(id)\">"))
        let rest = page[opening.upperBound...]
        let close = try #require(rest.firstRange(of: "</script>"))
        let json = try JSONSerialization.jsonObject(with: Data(rest[..<close.lowerBound].utf8))
        return try #require(json as? [String: Any])
    }

    @Test(arguments: [
        "</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; drop --", "<!--", "]]>",
        "{{assets}}", "a & b", "日本の着物", "\u{0}\u{8}\u{202e}", "",
    ])
    func noTitleBreaksOutOfThePage(title: String) throws {
        let page = text(of: try show("demo", title))
        #expect(page.components(separatedBy: "<script").count == 6)
        #expect(!page.contains("<img src=x"))
        #expect(!page.contains("\u{0}"))
        let framed = String(
            buffer: try EmbedPage(assets).html(
                show: try show("demo", title), viewers: 0, base: "https://a.example", for: Reader()
            ).html)
        #expect(framed.components(separatedBy: "<script").count == 5 && !framed.contains("<img src=x"))
        #expect(try document(in: page, id: "show")["title"] as? String == title)
        let list = list([try show("demo", title)])
        #expect(list.components(separatedBy: "<script").count == 4)
        #expect(!list.contains("<img src=x"))
    }

    @Test func theWatchPageCarriesTheShowAndThePlayer() throws {
        let page = text(of: try show(), viewers: 12)
        let carried = try document(in: page, id: "show")
        #expect(carried["id"] as? String == "demo")
        #expect(carried["state"] as? String == "live")
        #expect(carried["isPaused"] as? Bool == false)
        #expect(carried["playlist"] as? String == "/live/demo/index.m3u8")
        #expect(carried["viewers"] as? Int == 12)
        #expect(carried["player"] is NSNull)
        #expect(carried["opening"] is NSNull)
        #expect(carried["replay"] == nil)
        #expect(page.contains("<title>Silk · Shopcast</title>"))
        #expect(page.contains("href=\"/live/demo/index.m3u8\""))
    }

    @Test func theWatchPageCarriesItsOpening() throws {
        let id = try #require(ShowID("demo"))
        let opening = try #require(
            Opening(
                show: id, rendition: "240p", codecs: "avc1.64000d", width: 426, height: 240,
                initSection: "init1-x.mp4", parts: ["s5.0-x.mp4", "s5.1-x.mp4"], date: 1_795_000_000_123,
                playlists: ["index.m3u8", "240p/index.m3u8"]))
        let page = text(of: try show(), opening: opening)
        let carried = try #require(try document(in: page, id: "show")["opening"] as? [String: Any])
        #expect(carried["type"] as? String == "video/mp4; codecs=\"avc1.64000d\"")
        #expect(
            carried["parts"] as? [String] == ["/live/demo/240p/s5.0-x.mp4", "/live/demo/240p/s5.1-x.mp4"])
        #expect(carried["playlists"] as? [String] == ["/live/demo/index.m3u8", "/live/demo/240p/index.m3u8"])
        #expect(
            opening.links == "</live/demo/240p/init1-x.mp4>; rel=preload; as=fetch; crossorigin, "
                + "</live/demo/240p/s5.0-x.mp4>; rel=preload; as=fetch; crossorigin")
    }

    /// What stands in the page itself is what its policy names, to the byte.
    @Test func theWatchPagesPolicyNamesWhatStandsInIt() throws {
        let page = text(of: try show())
        for (opening, closing, directive) in [
            ("<script>", "</script>", "script-src 'self' "), ("<style>", "</style>", "style-src 'self' "),
        ] {
            let start = try #require(page.firstRange(of: opening))
            let rest = page[start.upperBound...]
            let text = rest[..<(try #require(rest.firstRange(of: closing))).lowerBound]
            let hash = Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
            #expect(watch.contentSecurityPolicy.contains("\(directive)'sha256-\(hash)'"))
        }
        #expect(!page.contains("style=") && !page.contains("<script>\n"))
    }

    @Test func theStudioCarriesTheShowAndNoSecret() throws {
        let studio = try StudioPage(assets)
        let title = "</script><img src=x onerror=alert(1)>"
        let ingest = IngestAddresses(host: "live.example", rtmp: 1935, rtmps: nil, srt: 8891)
        let page = String(
            buffer: studio.html(show: try show("demo", title), ingest: ingest, for: Reader()).html)
        #expect(page.components(separatedBy: "<script").count == 4 && !page.contains("<img src=x"))
        let carried = try document(in: page, id: "show")
        #expect(carried["id"] as? String == "demo" && carried["title"] as? String == title)
        #expect(Set(carried.keys) == ["id", "title", "player", "ingest", "hasSession"])
        #expect(
            carried["ingest"] as? [String: String] == [
                "rtmp": "rtmp://live.example/live",
                "srt": "srt://live.example:8891?streamid=#!::r=STREAMKEY,m=publish",
            ])
        // Its policy allows no style and no script that stands in the page.
        #expect(!page.contains("style=") && !page.contains("<style") && !page.contains("onclick"))
    }

    @Test func thePagesOfStaffCarryWordsOnly() throws {
        let staff = try StaffPages(assets)
        let ingest = IngestAddresses(host: "h", rtmp: 1935, rtmps: nil, srt: nil)
        let chinese = Reader(LanguagePreference(acceptLanguage: "zh-CN"))
        for (page, title) in [
            (staff.console(ingest: ingest, for: chinese), "控制台"), (staff.login(for: chinese), "登录"),
            (staff.welcome(for: chinese), "欢迎"),
        ] {
            let html = String(buffer: page.html)
            #expect(page.language == "zh-Hans" && html.contains("<title>\(title)"))
            #expect(!html.contains("style=") && !html.contains("onclick"))
        }
    }

    @Test func aRehearsalIsNotTold() throws {
        let told = ShowDocument(try show("demo", "Silk", .rehearsal), viewers: 0)
        #expect(told.state == "scheduled")
    }

    @Test(arguments: [
        (ShowState.draft, false, "soon"), (.scheduled, false, "soon"), (.rehearsal, false, "soon"),
        (.live, false, "starting"), (.live, true, "away"), (.ended, false, "ended"),
        (.replay, false, "ended"),
        (.cancelled, false, "cancelled"),
    ])
    func eachStateHasItsScene(state: ShowState, paused: Bool, scene: String) throws {
        let page = text(of: try show("demo", "Silk", state, paused: paused))
        #expect(page.contains("data-scene=\"\(scene)\""))
    }

    /// The page before its script says what the script will say of it, in the page's language.
    @Test(arguments: ["en", "zh-Hans", "es", "pt", "fr", "id", "ja"])
    func theScriptSaysTheWordsOfThePage(language: String) throws {
        let script = String(buffer: try #require(assets.answer("text.mjs")).asset.body)
        let states: [(ShowState, Bool, String)] = [
            (.scheduled, false, "soon"), (.live, false, "starting"), (.live, true, "away"),
            (.ended, false, "ended"), (.cancelled, false, "cancelled"),
        ]
        for (state, paused, name) in states {
            let page = text(of: try show("demo", "Silk", state, paused: paused), in: language)
            #expect(page.contains("<html lang=\"\(language)\" dir=\"ltr\">"))
            let words = try #require(try document(in: page, id: "messages")["words"] as? [String: Any])
            for (id, key) in [("screen-title", "title"), ("screen-line", "line")] {
                let opening = try #require(page.firstRange(of: "id=\"\(id)\">"))
                let shown = String(page[opening.upperBound...].prefix { $0 != "<" })
                #expect(!shown.isEmpty && words["scene.\(name).\(key)"] as? String == shown)
            }
            #expect(script.contains("scene(\"\(name)\""))
        }
    }

    @Test func everyFileThatAPageNamesIsServed() throws {
        let pages = [
            text(of: try show()), list([]),
            String(buffer: try NotFoundPage(assets).html(for: Reader()).html),
            String(
                buffer: try EmbedPage(assets).html(
                    show: try show(), viewers: 0, base: "https://a.example", for: Reader()
                ).html),
            String(
                buffer: try StudioPage(assets).html(
                    show: try show(), ingest: IngestAddresses(host: "h", rtmp: 1935, rtmps: nil, srt: nil),
                    for: Reader()
                ).html),
            String(
                buffer: try StaffPages(assets).console(
                    ingest: IngestAddresses(host: "h", rtmp: 1935, rtmps: nil, srt: nil), for: Reader()
                ).html),
            String(
                buffer: try BoothPage(assets).html(show: try show(), language: .english, for: Reader()).html),
            String(buffer: try StaffPages(assets).login(for: Reader()).html),
            String(buffer: try StaffPages(assets).welcome(for: Reader()).html),
        ]
        for page in pages {
            let named = page.matches(of: #/"/assets/([^"]+)"/#).map { String($0.output.1) }
            #expect(!named.isEmpty)
            for path in named { #expect(assets.answer(path) != nil, "\(path)") }
        }
    }

    /// Follows imports, also those that are fetched when they are first wanted. Each module is read once, however many
    /// import it.
    @Test func everyModuleThatIsImportedIsServed() throws {
        var wanted = [
            "begin.mjs", "watch.mjs", "chat/chat.mjs", "home.mjs", "studio.mjs", "console/console.mjs",
            "console/entry.mjs", "captions/booth.mjs",
        ]
        var seen = Set(wanted)
        while let module = wanted.popLast() {
            let answer = assets.answer(module)
            let script = String(buffer: try #require(answer, "\(module)").asset.body)
            let folder = module.contains("/") ? String(module.prefix { $0 != "/" }) + "/" : ""
            for match in script.matches(of: #/(?:from |import\()"(\.\.?/[^"]+)"/#) {
                let name = String(match.output.1)
                let path = name.hasPrefix("../") ? String(name.dropFirst(3)) : folder + name.dropFirst(2)
                if seen.insert(path).inserted { wanted.append(path) }
            }
        }
        #expect(
            seen.isSuperset(of: [
                "messages.mjs", "chat/conversation.mjs", "console/glossary-panel.mjs",
                "captions/cue-feed.mjs",
            ]))
    }

    @Test func theHomePageGroupsShowsAndHidesDrafts() throws {
        let page = list([
            try show("past", "Gone by", .ended), try show("hidden", "A draft", .draft),
            try show("next", "Up next", .scheduled), try show("now", "On air", .live),
            try show("off", "Called off", .cancelled),
        ])
        let order = try ["On air", "Up next", "Gone by"].map { title in
            try #require(page.firstRange(of: "<span class=\"name\" dir=\"auto\">\(title)")).lowerBound
        }
        #expect(order == order.sorted())
        #expect(page.contains("href=\"/shows/now\""))
        #expect(!page.contains("A draft") && !page.contains("Called off"))
        let shows = try #require(try document(in: page, id: "shows")["shows"] as? [[String: Any]])
        #expect(shows.count == 3)
    }

    @Test func theHomePageIsFriendlyWhenNothingIsOn() throws {
        for shows in [[], [try show("hidden", "A draft", .draft)]] {
            #expect(list(shows).contains("Nothing is on right now"))
        }
    }
}
