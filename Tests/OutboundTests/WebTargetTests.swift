import Outbound
import Testing

@Suite struct WebTargetTests {
    @Test(arguments: [
        ("https://example.com", "https://example.com/"), ("HTTP://Example.COM:80/A", "http://example.com/A"),
        ("https://example.com:8443/a/b?c=d&e=%20#f", "https://example.com:8443/a/b?c=d&e=%20"),
        ("http://example.com?x=1", "http://example.com/?x=1"), ("http://8.8.8.8:81/", "http://8.8.8.8:81/"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
        ("https://[2606:4700:0::1111]:444", "https://[2606:4700::1111]:444/"),
        ("https://xn--fiqs8s.example/a@b:c", "https://xn--fiqs8s.example/a@b:c"),
        ("https://a_b.example/%2F..%2f", "https://a_b.example/%2F..%2f"),
        ("https://localhost/", "https://localhost/"),
        ("https://example.com/?u=http://x@y", "https://example.com/?u=http://x@y"),
    ])
    func goodAddresses(_ text: String, _ written: String) throws {
        #expect(try WebTarget(text).text == written)
    }

    @Test(
        arguments: [
            ("", .scheme), ("example.com", .scheme), ("ftp://example.com/", .scheme),
            ("file:///etc/passwd", .scheme),
            ("gopher://x/", .scheme), ("http:/example.com", .scheme), ("http+unix://%2Frun/x", .scheme),
            ("//example.com/", .scheme), (" https://example.com/", .characters),
            ("https://exa mple.com", .characters),
            ("https://example.com/\r\nX: y", .characters), ("https://example.com\\@evil/", .characters),
            ("https://exämple.com/", .characters), ("https://example.com/%zz", .characters),
            ("https://example.com/%2", .characters), ("https://example.com/a[1]", .characters),
            ("https://example.com/%%20", .characters), ("https://user:pw@example.com/", .credentials),
            ("https://user@example.com/", .credentials), ("https://@example.com/", .credentials),
            ("https://", .host), ("https:///path", .host), ("https://:80/", .host), ("https://a..b/", .host),
            ("https://example.com./", .host), ("https://-a.example/", .host), ("https://a-.example/", .host),
            ("https://127.1/", .host), ("https://0x7f000001/", .host), ("https://2130706433/", .host),
            ("https://1.2.3.4.5/", .host), ("https://0177.0.0.1/", .host), ("https://a.0x1/", .host),
            ("https://[::1", .host), ("https://::1/", .host), ("https://[1.2.3.4]/", .host),
            ("https://[fe80::1%25eth0]/", .host), ("https://ex%61mple.com/", .host),
            ("https://[::1]x/", .host),
            ("https://example.com:/", .port), ("https://example.com:0/", .port),
            ("https://example.com:65536/", .port),
            ("https://example.com:+80/", .port), ("https://example.com:http/", .port),
            ("https://a:1:2/", .host),
        ] as [(String, WebTargetFault)])
    func badAddresses(_ text: String, _ fault: WebTargetFault) {
        #expect(throws: fault) { try WebTarget(text) }
    }

    @Test func lengthIsBounded() throws {
        let start = "https://example.com/"
        let longest = start + String(repeating: "a", count: WebTarget.longest - start.utf8.count)
        #expect(try WebTarget(longest).text == longest)
        #expect(throws: WebTargetFault.tooLong) { try WebTarget(longest + "a") }
        #expect(throws: WebTargetFault.host) {
            try WebTarget("https://" + String(repeating: "a.", count: 130) + "example")
        }
        #expect(throws: WebTargetFault.host) {
            try WebTarget("https://" + String(repeating: "a", count: 64) + ".example")
        }
    }

    @Test(arguments: [
        ("/x", "https://a.example:1/x"), ("x?y", "https://a.example:1/b/x?y"),
        ("//b.example/z", "https://b.example/z"), ("http://127.0.0.1:9/", "http://127.0.0.1:9/"),
        ("?q=1", "https://a.example:1/b/c?q=1"), ("../up#frag", "https://a.example:1/up"),
    ])
    func redirectsAreResolved(_ location: String, _ written: String) throws {
        let base = try WebTarget("https://a.example:1/b/c?d")
        #expect(try base.following(location).text == written)
    }

    @Test(arguments: ["ftp://b.example/", "https://u:p@b.example/", "https://127.1/", "javascript:alert(1)"])
    func redirectsThatAreRefused(_ location: String) throws {
        let base = try WebTarget("https://a.example/")
        #expect(throws: WebTargetFault.self) { try base.following(location) }
    }

    @Test func onlyTheHostIsForTheLog() throws {
        #expect(try WebTarget("https://example.com/secret?token=x").authority == "example.com")
        #expect(try WebTarget("https://example.com:8443/secret").authority == "example.com:8443")
    }
}
