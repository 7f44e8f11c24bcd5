import HLSClient
import Testing

struct WebAddressTests {
    @Test(arguments: [
        ("http://a/b", "http://a/b"), ("HTTP://a", "http://a/"),
        ("https://a:8443?x=1#y", "https://a:8443/?x=1"),
        ("http://[::1]:80/x y", "http://[::1]:80/x%20y"), ("http://a/\u{e9}", "http://a/%C3%A9"),
    ])
    func reads(_ text: String, _ expected: String) throws {
        #expect(try #require(WebAddress(text)).description == expected)
    }

    @Test(arguments: [
        "", "ftp://a/b", "http://", "http:///x", "http://a:0/", "http://a:99999/", "http://u@a/",
        "http://a b/",
        "http://[::1/", "http://[::1]x/", "a/b", "http://a\r\nX: y/",
    ])
    func refuses(_ text: String) {
        #expect(WebAddress(text) == nil)
    }

    /// RFC 3986, 5.4, as far as a web address goes.
    @Test(arguments: [
        ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
        ("//g", "http://g/"), ("?y", "http://a/b/c/d?y"), ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d?q"),
        ("", "http://a/b/c/d?q"), (".", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"),
        ("../../g", "http://a/g"), ("../../../g", "http://a/g"), ("/./g", "http://a/g"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/../x", "http://a/b/c/g?y/../x"), ("https://h/x", "https://h/x"), (".g", "http://a/b/c/.g"),
    ])
    func resolves(_ reference: String, _ expected: String) throws {
        let base = try #require(WebAddress("http://a/b/c/d?q"))
        #expect(base.resolving(reference)?.description == expected)
    }

    @Test func aReferenceCannotBreakOutOfTheRequestLine() throws {
        let base = try #require(WebAddress("http://a/b"))
        let hostile = try #require(base.resolving("x HTTP/1.1\r\nHost: evil"))
        #expect(hostile.target == "/x%20HTTP/1.1%0D%0AHost:%20evil")
        #expect(base.resolving("mailto:x") == nil)
        #expect(base.resolving(String(repeating: "x", count: 10_000)) == nil)
    }
}
