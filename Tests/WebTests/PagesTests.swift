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
        let page = String(buffer: watch.html(show: try show("demo", title), viewers: 3))
        #expect(page.components(separatedBy: "<script").count == 4)
        #expect(!page.contains("<img src=x"))
        #expect(!page.contains("\u{0}"))
        #expect(try document(in: page, id: "show")["title"] as? String == title)
        let list = String(buffer: home.html(shows: [try show("demo", title)]))
        #expect(list.components(separatedBy: "<script").count == 3)
        #expect(!list.contains("<img src=x"))
    }

    @Test func theWatchPageCarriesTheShowAndThePlayer() throws {
        let page = String(buffer: watch.html(show: try show(), viewers: 12))
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
        let page = String(buffer: watch.html(show: try show(), viewers: 1, opening: opening))
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
        let page = String(buffer: watch.html(show: try show(), viewers: 0))
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
        let page = String(buffer: studio.html(show: try show("demo", title)))
        #expect(page.components(separatedBy: "<script").count == 3 && !page.contains("<img src=x"))
        let carried = try document(in: page, id: "show")
        #expect(carried["id"] as? String == "demo" && carried["title"] as? String == title)
        #expect(Set(carried.keys) == ["id", "title", "player"])
        // Its policy allows no style and no script that stands in the page.
        #expect(!page.contains("style=") && !page.contains("<style") && !page.contains("onclick"))
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
        let page = String(
            buffer: watch.html(show: try show("demo", "Silk", state, paused: paused), viewers: 0))
        #expect(page.contains("data-scene=\"\(scene)\""))
    }

    /// The page before its script and the script say the same words.
    @Test func theScriptSaysTheWordsOfThePage() throws {
        let script = String(buffer: try #require(assets.answer("text.mjs")).asset.body)
        let states: [(ShowState, Bool)] = [
            (.scheduled, false), (.live, false), (.live, true), (.ended, false), (.cancelled, false),
        ]
        for (state, paused) in states {
            let page = String(
                buffer: watch.html(show: try show("demo", "Silk", state, paused: paused), viewers: 0))
            for id in ["screen-title", "screen-line"] {
                let opening = try #require(page.firstRange(of: "id=\"\(id)\">"))
                let words = page[opening.upperBound...].prefix { $0 != "<" }
                #expect(!words.isEmpty)
                #expect(script.contains("\"\(words)\""))
            }
        }
    }

    @Test func everyFileThatAPageNamesIsServed() throws {
        let pages = [
            String(buffer: watch.html(show: try show(), viewers: 0)), String(buffer: home.html(shows: [])),
            String(buffer: try NotFoundPage(assets).html),
            String(buffer: try StudioPage(assets).html(show: try show())),
        ]
        for page in pages {
            let named = page.matches(of: #/"/assets/([^"]+)"/#).map { String($0.output.1) }
            #expect(!named.isEmpty)
            for path in named { #expect(assets.answer(path) != nil, "\(path)") }
        }
    }

    @Test func everyModuleThatIsImportedIsServed() throws {
        for module in [
            "watch.mjs", "home.mjs", "controls.mjs", "player.mjs", "quality-menu.mjs", "timeline.mjs",
            "studio.mjs", "studio-panels.mjs", "studio-text.mjs", "beats.mjs",
        ] {
            let script = String(buffer: try #require(assets.answer(module)).asset.body)
            for match in script.matches(of: #/from "\./([^"]+)"/#) {
                #expect(assets.answer(match.output.1) != nil, "\(match.output.1)")
            }
        }
    }

    @Test func theHomePageGroupsShowsAndHidesDrafts() throws {
        let page = String(
            buffer: home.html(shows: [
                try show("past", "Gone by", .ended), try show("hidden", "A draft", .draft),
                try show("next", "Up next", .scheduled), try show("now", "On air", .live),
                try show("off", "Called off", .cancelled),
            ]))
        let order = try ["On air", "Up next", "Gone by"].map { title in
            try #require(page.firstRange(of: "<span class=\"name\">\(title)")).lowerBound
        }
        #expect(order == order.sorted())
        #expect(page.contains("href=\"/shows/now\""))
        #expect(!page.contains("A draft") && !page.contains("Called off"))
        let shows = try #require(try document(in: page, id: "shows")["shows"] as? [[String: Any]])
        #expect(shows.count == 3)
    }

    @Test func theHomePageIsFriendlyWhenNothingIsOn() throws {
        for shows in [[], [try show("hidden", "A draft", .draft)]] {
            #expect(String(buffer: home.html(shows: shows)).contains("Nothing is on right now"))
        }
    }
}
