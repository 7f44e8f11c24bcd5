import Delivery
import Testing

@Suite struct RequestHeadTests {
    private func read(_ text: String, _ limits: RequestHead.Limits = .init()) -> RequestHead.Reading {
        let bytes = Array(text.utf8)
        return RequestHead.read(bytes.span, limits: limits)
    }

    private func head(_ text: String) throws -> RequestHead {
        guard case .head(let head) = read(text) else {
            Issue.record("\(read(text))")
            throw Missing()
        }
        return head
    }

    struct Missing: Error {}

    @Test func whatMatters() throws {
        let text =
            "GET /live/a/index.m3u8 HTTP/1.1\r\nHost: x\r\nuser-agent: \tplayer 1 \r\nAccept-Encoding: br, GZIP;q=0.5\r\n"
            + "RANGE: bytes=0-\r\nIf-None-Match: W/\"x\"\r\nX-Other: a\tb\u{e9}\r\nEmpty:\r\n\r\nnext"
        let head = try head(text)
        let bytes = Array(text.utf8)
        #expect(head.method == .get && head.keepsAlive && head.acceptsGzip && !head.isOpenEnded)
        #expect(String(decoding: bytes[head.target], as: UTF8.self) == "/live/a/index.m3u8")
        #expect(String(decoding: bytes[try #require(head.userAgent)], as: UTF8.self) == "player 1")
        #expect(String(decoding: bytes[try #require(head.range)], as: UTF8.self) == "bytes=0-")
        #expect(String(decoding: bytes[head.length...], as: UTF8.self) == "next")
    }

    @Test func connection() throws {
        let table: [(String, Bool)] = [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nHost: x\r\nConnection: te , Close\r\n\r\n", false),
            ("GET / HTTP/1.0\r\n\r\n", false),
            ("GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", true),
            ("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", true),
        ]
        for (text, keepsAlive) in table { #expect(try head(text).keepsAlive == keepsAlive, "\(text)") }
        #expect(try head("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n").bodyLength == 12)
        #expect(try head("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n").isChunked)
        #expect(try head("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n").isOpenEnded)
        #expect(try head("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n").isOpenEnded)
    }

    private static let long = String(repeating: "a", count: 9000)
    private static let manyFields = String(repeating: "a: b\r\n", count: 101)
    private static let largeFields = String(repeating: "a: \(long.prefix(1000))\r\n", count: 40)
    static let bad: [(String, Status)] = [
        ("GET / HTTP/1.1\r\n\r\n", Status.badRequest),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", .badRequest),
        ("GET /\r\n\r\n", .badRequest), ("GET  / HTTP/1.1\r\n", .badRequest),
        (" GET / HTTP/1.1\r\n", .badRequest),
        ("GET / x HTTP/1.1\r\n", .badRequest), ("GET / HTTP/1.1\nHost: x\n\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", .badRequest), ("\0\u{1}\u{2}", .badRequest),
        ("GET /\u{e9} HTTP/1.1\r\n", .badRequest), ("\u{16}\u{3}\u{1}", .badRequest),
        ("GET / HTTP/2.0\r\n", .versionNotSupported),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionNotSupported),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .notImplemented),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            .badRequest
        ),
        ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .badRequest),
        ("GET /\(long)", .uriTooLong),
        ("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", .uriTooLong),
        ("GET / HTTP/1.1\r\nCookie: \(long)\(long)\(long)\(long)", .fieldsTooLarge),
        ("GET / HTTP/1.1\r\n\(manyFields)", .fieldsTooLarge),
        (
            "GET / HTTP/1.1\r\n"
                + String(repeating: "a: \(String(repeating: "b", count: 1000))\r\n", count: 40),
            .fieldsTooLarge
        ),
    ]

    @Test(arguments: bad)
    func refused(_ text: String, _ status: Status) {
        guard case .refused(let told, _) = read(text) else {
            Issue.record("\(text.prefix(60)): \(read(text))")
            return
        }
        #expect(told == status, "\(text.prefix(60))")
    }

    /// A head cut anywhere is incomplete; whole, it is read.
    @Test func cut() {
        let text = "GET /live/a/720p/index.m3u8 HTTP/1.1\r\nHost: localhost:8080\r\nAccept: */*\r\n\r\n"
        let bytes = Array(text.utf8)
        for count in 0..<bytes.count {
            let part = Array(bytes[..<count])
            #expect(RequestHead.read(part.span) == .incomplete, "\(count)")
        }
        guard case .head = read(text) else {
            Issue.record("not read")
            return
        }
    }

    /// Mutated heads are read, refused or incomplete; what is read lies within the bytes.
    @Test func hostile() {
        var random = SplitMix(seed: 11)
        let seed = Array(
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\nRange: bytes=1-2\r\n\r\nabc"
                .utf8)
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            if case .head(let head) = RequestHead.read(bytes.span) {
                #expect(head.length <= bytes.count && head.target.upperBound <= head.length)
                #expect(bytes[..<head.length].suffix(4) == [13, 10, 13, 10])
            }
        }
    }
}
