import Delivery
import Media
import NIOHPACK
import Packaging
import Testing

@Suite struct TokenPathTests {
    private func path(_ text: String) -> TokenPath? {
        let bytes = Array(text.utf8)
        return TokenPath(bytes.span)
    }

    @Test func theTokenComesOut() {
        let table: [(String, String, String)] = [
            ("/live/sale/t/aa.bb.cc/index.m3u8", "aa.bb.cc", "/live/sale/index.m3u8"),
            ("/live/sale/t/a/720p/index.m3u8?_HLS_msn=3", "a", "/live/sale/720p/index.m3u8?_HLS_msn=3"),
            ("/replay/sale/t/a/720p/s1-x.mp4", "a", "/replay/sale/720p/s1-x.mp4"),
            ("/live/sale/t//index.m3u8", "", "/live/sale/index.m3u8"),
            ("/live/sale/t/a/", "a", "/live/sale/"),
            ("/live/sale/t/t/t/b/x.mp4", "t", "/live/sale/t/b/x.mp4"),
        ]
        for (text, token, rest) in table {
            let found = path(text)
            #expect(found?.token == token, "\(text)")
            #expect(found.map { String(decoding: $0.rest, as: UTF8.self) } == rest, "\(text)")
        }
        let long = path("/live/sale/t/" + String(repeating: "a", count: 5000) + "/index.m3u8")
        #expect(long?.token.utf8.count == 1025 && long?.rest.count == "/live/sale/index.m3u8".utf8.count)
    }

    @Test(arguments: [
        "", "/", "/live", "/live/", "/live/sale/index.m3u8", "/live/sale/t", "/live/sale/t/",
        "/live/sale/t/abc",
        "/live/sale/t?/abc/x", "/live/sale/720p/index.m3u8", "/live/sale/tt/a/index.m3u8",
        "/shows/sale/t/a/b",
        "/live/t/a/index.m3u8", "/live/sale/index.m3u8?/t/a/b/c", "\u{0}", "/live/sale/T/a/index.m3u8",
    ])
    func noToken(_ text: String) { #expect(path(text) == nil) }

    @Test func requestsOfBothVersions() throws {
        let text =
            "GET /live/sale/t/a.b.c/index.m3u8?cap=480 HTTP/1.1\r\nHost: x\r\nShopcast-Edge:  secret \r\n"
            + "x-country: DE\r\nX-Country: FR\r\n\r\n"
        let bytes = Array(text.utf8)
        guard case .head(let head) = RequestHead.read(bytes.span) else {
            Issue.record("unread")
            return
        }
        let show = try #require(ShowID("sale"))
        let first = MediaRequest(head, bytes.span, countryField: "x-country")
        let second = MediaRequest(
            HPACKHeaders([
                (":method", "GET"), (":path", "/live/sale/t/a.b.c/index.m3u8?cap=480"), (":scheme", "https"),
                (":authority", "x"), ("shopcast-edge", "secret"), ("x-country", "DE"), ("x-country", "FR"),
            ]), countryField: "x-country")
        for request in [first, second] {
            #expect(request?.target == .target(.multivariant(show)))
            #expect(
                request?.credentials
                    == Credentials(token: "a.b.c", edge: "secret", edgeCap: 480, country: "DE"))
        }
        let unasked = MediaRequest(head, bytes.span)
        #expect(unasked?.credentials.country == nil && unasked?.credentials.token == "a.b.c")
    }
}
