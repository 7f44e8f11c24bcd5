import HLSClient
import NIOCore
import Testing

/// What a reader has said, in short.
func said(_ text: String, cutAt cut: Int, ends: Bool = false) -> [String] {
    var reader = HTTP1Reader()
    var input = ByteBuffer()
    var found: [String] = []
    var content = 0
    func flush() {
        if content > 0 { found.append("\(content) bytes") }
        content = 0
    }
    do throws(HTTPFailure) {
        let bytes = Array(text.utf8)
        for piece in [bytes.prefix(cut), bytes.dropFirst(cut)] {
            input.writeBytes(piece)
            while let event = try reader.next(&input) {
                switch event {
                case .head(let head): found.append("\(head.status)\(head.isGzip ? " gzip" : "")")
                case .content(let bytes): content += bytes.readableBytes
                case .end(let isReusable):
                    flush()
                    found.append(isReusable ? "end" : "last")
                }
            }
        }
        flush()
        if ends { found.append(reader.failureAtEnd().map(\.rawValue) ?? "end") }
    } catch {
        flush()
        found.append(error.rawValue)
    }
    return found
}

struct HTTP1ReaderTests {
    static let answers: [(String, [String])] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", ["200", "3 bytes", "end"]),
        ("HTTP/1.1 200 OK\ncontent-length:3\n\nabc", ["200", "3 bytes", "end"]),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", ["200 gzip", "end"]),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
            ["200", "13 bytes", "end"]
        ),
        (
            "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx",
            ["404", "1 bytes", "end"]
        ),
        ("HTTP/1.1 304 Not Modified\r\n\r\n", ["304", "end"]),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", ["200", "1 bytes", "last"]),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", ["200", "1 bytes", "last"]),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
            ["200", "1 bytes", "end", "500", "end"]
        ),
    ]

    @Test(arguments: answers) func readsHoweverItIsCut(_ text: String, _ expected: [String]) {
        for cut in 0...text.utf8.count { #expect(said(text, cutAt: cut) == expected) }
    }

    @Test(arguments: [
        ("garbage\r\n\r\n", "malformed HTTP"), ("HTTP/2 200\r\n\r\n", "malformed HTTP"),
        ("HTTP/1.1 abc OK\r\n\r\n", "malformed HTTP"), ("HTTP/1.1 999 OK\r\n\r\n", "malformed HTTP"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "malformed HTTP"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "malformed HTTP"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "malformed HTTP"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "malformed HTTP"),
        ("HTTP/1.1 101 Switch\r\n\r\n", "malformed HTTP"),
        ("HTTP/1.1 200 OK\r\nno field\r\n\r\n", "malformed HTTP"),
    ])
    func refuses(_ text: String, _ failure: String) {
        #expect(said(text, cutAt: 5) == [failure])
    }

    @Test func refusesChunksWithoutSize() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        for size in ["x", "-1", "", "FFFFFFFFFFFFFFFFFF"] {
            #expect(said(head + size + "\r\n", cutAt: 3) == ["200", "malformed HTTP"])
        }
        #expect(said(head + "1\r\nabc\r\n", cutAt: 3) == ["200", "1 bytes", "malformed HTTP"])
    }

    @Test func endsOfTheConnectionAreToldApart() {
        #expect(said("HTTP/1.1 200 OK\r\n\r\nabc", cutAt: 9, ends: true) == ["200", "3 bytes", "end"])
        #expect(
            said("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", cutAt: 9, ends: true) == [
                "200", "3 bytes", "cut short",
            ])
        #expect(said("", cutAt: 0, ends: true) == ["closed"])
    }

    @Test func headsHaveAnEnd() {
        let endless = "HTTP/1.1 200 OK\r\n" + String(repeating: "X: y\r\n", count: 10_000)
        #expect(said(endless, cutAt: 20_000) == ["too long"])
    }

    @Test func noiseNeverHarms() {
        var chance = Chance(seed: 7)
        for _ in 0..<2000 {
            let base = HTTP1ReaderTests.answers[Int(chance.next() % 9)].0
            var bytes = Array(base.utf8)
            for _ in 0..<(1 + chance.next() % 4) {
                bytes[Int(chance.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: chance.next())
            }
            var reader = HTTP1Reader()
            var input = ByteBuffer(bytes: bytes)
            var events = 0
            while let event = try? reader.next(&input) {
                if case .content(let content) = event { #expect(content.readableBytes > 0) }
                events += 1
                #expect(events < 500)
            }
        }
    }
}

/// Repeatable chance (SplitMix64).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
