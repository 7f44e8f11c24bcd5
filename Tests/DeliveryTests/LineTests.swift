import Delivery
import NIOCore
import Synchronization
import Testing

/// WebSocket and server-sent events over real sockets.
struct LineTests {
    typealias F = ClientFrames

    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private static func upgrade(_ fields: String = "", path: String = "/ws/a", version: String = "13")
        -> String
    {
        "GET \(path) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
            + "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: \(version)\r\n\(fields)\r\n"
    }

    /// A line that stands; `more` goes along with the request.
    func connected(_ running: TestServer.Running, tls: Bool = false, _ more: [UInt8] = [])
        async throws -> RawClient
    {
        let client = try await RawClient.connect(
            port: tls ? running.https : running.http, tls: tls ? ["http/1.1"] : nil)
        var bytes = ByteBuffer(string: Self.upgrade())
        bytes.writeBytes(more)
        try await client.channel.writeAndFlush(bytes).get()
        try await client.until { $0.contains("begun") }
        return client
    }

    private func send(_ client: RawClient, _ bytes: [UInt8]) async throws {
        try await client.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    private static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains { Array(bytes[$0..<$0 + wanted.count]) == wanted }
    }

    @Test(arguments: [false, true])
    func handshakeThenEcho(_ tls: Bool) async throws {
        try await TestServer.run(StagedWindow(), tls: true, lines: EchoHost()) { running in
            // What comes in one packet with the request is not lost.
            let client = try await connected(running, tls: tls, F.text("early"))
            let text = try await client.until { $0.contains("early") }
            #expect(text.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            // The example of RFC 6455, 1.3.
            #expect(text.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            #expect(!text.contains("Sec-WebSocket-Protocol"))
            try await send(client, F.text("hello") + F.frame(9, Array("tick".utf8)))
            try await client.until { $0.contains("hello") && $0.contains("\u{8A}\u{04}tick") }
            try await send(client, F.close(1000))
            try await client.wait { bytes, isClosed in
                isClosed && Self.contains(bytes, [0x88, 0x02, 0x03, 0xE8])
            }
        }
    }

    @Test func subprotocolsAreAgreedOn() async throws {
        try await TestServer.run(StagedWindow(), lines: EchoHost()) { running in
            for (offered, agreed) in [("echo.v1, echo.v2", "echo.v2"), ("other, echo.v1", "echo.v1")] {
                let client = try await RawClient.connect(port: running.http)
                try await client.send(Self.upgrade("Sec-WebSocket-Protocol: \(offered)\r\n"))
                try await client.until { $0.contains("Sec-WebSocket-Protocol: \(agreed)\r\n") }
            }
        }
    }

    @Test func badHandshakesAreAnswered() async throws {
        try await TestServer.run(StagedWindow(), lines: EchoHost()) { running in
            let plain = "GET /ws/a HTTP/1.1\r\nHost: x\r\n\r\n"
            let noKey = Self.upgrade().replacing("Sec-WebSocket-Key: \(Self.key)\r\n", with: "")
            let cases = [
                (plain, "426"), (Self.upgrade(version: "8"), "426"), (noKey, "400"),
                (Self.upgrade().replacing(Self.key, with: "c2hvcnQ="), "400"),
                (Self.upgrade("Sec-WebSocket-Key: \(Self.key)\r\n"), "400"),
                (Self.upgrade("Content-Length: 3\r\n") + "abc", "400"),
                (Self.upgrade(path: "/ws/closed"), "403"),
                (Self.upgrade().replacing("HTTP/1.1", with: "HTTP/1.0"), "426"),
            ]
            for (request, code) in cases {
                let client = try await RawClient.connect(port: running.http)
                try await client.send(request)
                let text = try await client.until { $0.contains("about:blank") }
                #expect(text.hasPrefix("HTTP/1.1 \(code) "), "\(request)")
                #expect(code != "426" || text.contains("sec-websocket-version: 13"))
                try await client.untilClosed()
            }
        }
    }

    @Test func otherRequestsGoToTheRoutesAndALineFollowsThem() async throws {
        try await TestServer.run(StagedWindow(), lines: EchoHost()) { running in
            let client = try await RawClient.connect(port: running.http)
            try await client.get("/hello")
            try await client.until { $0.contains("Hello") }
            // An upgrade to something else is a request like any other.
            try await client.get("/hello", "Upgrade: h2c\r\nConnection: Upgrade\r\n")
            try await client.until { $0.components("Hello") == 2 }
            let other = try await RawClient.connect(port: running.http)
            try await other.get("/hello")
            try await other.until { $0.contains("Hello") }
            try await other.send(Self.upgrade())
            try await other.until { $0.contains("begun") }
            try await send(other, F.text("after"))
            try await other.until { $0.contains("after") }
        }
    }

    @Test func whatIsNotAllowedIsClosedWithItsCode() async throws {
        try await TestServer.run(StagedWindow(), lines: EchoHost()) { running in
            let cases: [([UInt8], Int)] = [
                (F.frame(1, [0xFF]), 1007), (F.frame(3), 1002), (F.frame(1, [0x61], isMasked: false), 1002),
                (F.frame(2, [1]), 1003), (F.frame(1, [], length: 9000), 1009), (F.text("close"), 1008),
                (F.frame(0, [0x61]), 1002), (F.close(1005), 1002),
            ]
            for (bytes, code) in cases {
                let client = try await connected(running, bytes)
                try await client.wait { bytes, _ in
                    Self.contains(bytes, [UInt8(code >> 8), UInt8(code & 0xFF)]) && bytes.contains(0x88)
                }
                // Who closed first has its answer and is cut off by now, and this has nowhere to go.
                try? await send(client, F.close(1000))
                try await client.untilClosed()
            }
        }
    }

    @Test func aPeerThatDoesNotAnswerTheCloseIsCutOff() async throws {
        try await TestServer.run(
            StagedWindow(), limits: Self.hasty { $0.closing = .milliseconds(300) }, lines: EchoHost()
        ) { running in
            let client = try await connected(running, F.text("close"))
            try await client.until { $0.contains("last words") }
            try await client.untilClosed()
        }
    }

    @Test func whoSaysNothingIsShownOut() async throws {
        try await TestServer.run(
            StagedWindow(), limits: Self.hasty { $0.opening = .milliseconds(300) },
            lines: EchoHost(settles: false)
        ) { running in
            let client = try await connected(running)
            try await client.wait { bytes, _ in Self.contains(bytes, [0x03, 0xF0]) }
        }
    }

    @Test func aSilentPeerIsAskedAndThenCutOff() async throws {
        let limits = Self.hasty {
            $0.ping = .milliseconds(300)
            $0.pong = .seconds(2)
        }
        try await TestServer.run(StagedWindow(), limits: limits, lines: EchoHost()) { running in
            let client = try await connected(running)
            try await client.wait { bytes, _ in Self.contains(bytes, [0x89, 0x00]) }
            try await send(client, F.frame(10))
            // Answered: asked again later, not cut off.
            try await client.wait { bytes, _ in bytes.suffix(2) == [0x89, 0x00] && bytes.count > 4 }
            try await client.untilClosed()
        }
    }

    @Test(arguments: [F.frame(10), F.frame(0, [], isFinal: false)])
    func aFloodOfFramesIsEnded(_ frame: [UInt8]) async throws {
        try await TestServer.run(StagedWindow(), lines: EchoHost()) { running in
            let client = try await connected(running)
            try await send(client, F.frame(1, [], isFinal: false) + (0..<2000).flatMap { _ in frame })
            try await client.wait { bytes, _ in Self.contains(bytes, [0x03, 0xF0]) }
        }
    }

    @Test func aReaderThatTakesNothingIsCutOffAndWhoGoesOnIsTold() async throws {
        let host = EchoHost()
        let limits = Self.hasty { $0.stalled = .milliseconds(600) }
        try await TestServer.run(StagedWindow(), limits: limits, lines: host) { running in
            let stalled = try await connected(running)
            try await stalled.channel.setOption(.autoRead, value: false).get()
            try await send(stalled, F.text("flood"))
            let slow = try await connected(running)
            try await send(slow, F.text("flood"))
            try await host.until { $0.caughtUp.load(ordering: .relaxed) > 0 }
            try await host.until { $0.ended.load(ordering: .relaxed) >= 1 }
        }
    }

    @Test func tooManyFromOneAddressAreRefused() async throws {
        try await TestServer.run(StagedWindow(), limits: Self.hasty { $0.perAddress = 2 }, lines: EchoHost())
        { running in
            let first = try await connected(running)
            _ = try await connected(running)
            let third = try await RawClient.connect(port: running.http)
            try await third.send(Self.upgrade())
            try await third.until { $0.hasPrefix("HTTP/1.1 429 ") && $0.contains("retry-after") }
            // A place that is given back is there for the next.
            try await first.close()
            try await retry { try await connected(running) }
        }
    }

    @Test func everybodyIsSentAwayWhenTheServerStops() async throws {
        let host = EchoHost()
        try await TestServer.run(StagedWindow(), tls: true, lines: host) { running in
            let socket = try await connected(running)
            let events = try await RawClient.connect(port: running.http)
            try await events.get("/events/a")
            try await events.until { $0.contains("data: begun") }
            let http2 = try await WireClient.connect(port: running.https)
            try await http2.send(WireClient.head(1, "/events/a"))
            try await http2.until { $0.contains { $0.kind == HTTP2Wire.data } }
            await running.stop()
            try await socket.wait { bytes, _ in Self.contains(bytes, [0x03, 0xE9]) }
            #expect(socket.text.contains("farewell"))
            try await send(socket, F.close(1001))
            try await socket.untilClosed()
            try await events.untilClosed()
            #expect(events.text.contains("data: farewell\n\n"))
            try await http2.until { frames in
                frames.contains { String(decoding: $0.payload, as: UTF8.self).contains("farewell") }
            }
        }
        #expect(host.ended.load(ordering: .relaxed) == 3)
    }

    @Test func eventsOverBothVersionsOfHTTP() async throws {
        let host = EchoHost()
        let limits = Self.hasty { $0.heartbeat = .milliseconds(300) }
        try await TestServer.run(StagedWindow(), tls: true, limits: limits, lines: host) { running in
            let first = try await RawClient.connect(port: running.http)
            // A connection that the routes have answered on before.
            try await first.get("/hello")
            try await first.until { $0.contains("Hello") }
            try await first.get("/events/a")
            try await first.until { $0.contains("id: 7\ndata: begun\n\n") }
            #expect(first.text.contains("Content-Type: text/event-stream"))
            let second = try await WireClient.connect(port: running.https)
            try await second.send(WireClient.head(1, "/events/a"))
            try await second.until {
                $0.contains { String(decoding: $0.payload, as: UTF8.self).contains("begun") }
            }
            host.say("news")
            try await first.until { $0.contains("data: news\n\n") }
            try await second.until {
                $0.contains { String(decoding: $0.payload, as: UTF8.self).contains("data: news") }
            }
            try await first.until { $0.contains(": keep-alive\n\n") }
            try await second.until {
                $0.contains { String(decoding: $0.payload, as: UTF8.self).contains(": keep-alive") }
            }
            // Other streams of the connection are served meanwhile.
            try await second.send(WireClient.head(3, "/hello"))
            try await second.until { $0.contains { $0.stream == 3 && $0.kind == HTTP2Wire.data } }
            try await second.send(WireClient.frame(HTTP2Wire.reset, 0, 1, [0, 0, 0, 8]))
            try await host.until { $0.ended.load(ordering: .relaxed) == 1 }
            try await first.close()
            try await host.until { $0.ended.load(ordering: .relaxed) == 2 }
        }
    }

    @Test func aStreamOfEventsThatIsNotTakenIsBrokenOffAlone() async throws {
        let host = EchoHost()
        let limits = Self.hasty { $0.stalled = .milliseconds(600) }
        try await TestServer.run(StagedWindow(), tls: true, limits: limits, lines: host) { running in
            let client = try await WireClient.connect(port: running.https, window: 100)
            try await client.send(WireClient.head(1, "/events/a"))
            try await client.until { $0.contains { $0.kind == HTTP2Wire.data } }
            host.say(String(repeating: "x", count: 20_000))
            try await client.until { $0.contains { $0.kind == HTTP2Wire.reset && $0.stream == 1 } }
            try await client.send(WireClient.ping)
            try await client.until { $0.contains { $0.kind == HTTP2Wire.ping } }
        }
    }

    private static func hasty(_ change: (inout DeliverySettings.Lines) -> Void) -> DeliverySettings.Limits {
        var limits = DeliverySettings.Limits()
        change(&limits.lines)
        return limits
    }

    private func retry(_ body: () async throws -> RawClient) async throws {
        for _ in 0..<20 {
            if (try? await body()) != nil { return }
        }
        Issue.record("never let in")
    }
}

extension String {
    fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}

extension EchoHost {
    /// Waits for something to be so; half a minute at most.
    fileprivate func until(_ condition: (EchoHost) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while !condition(self) {
            guard ContinuousClock.now < end else {
                Issue.record("waited in vain")
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
