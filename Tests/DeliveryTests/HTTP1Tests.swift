import Delivery
import Foundation
import Media
import NIOCore
import Testing

extension ServerTests {
    @Suite(.timeLimit(.minutes(1))) struct HTTP1Tests {
        private let list = "/live/sale/720p/index.m3u8"

        @Test func headRangeAndTheRest() async throws {
            try await TestServer.run(StagedWindow()) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.send("HEAD \(list) HTTP/1.1\r\nHost: x\r\n\r\n")
                try await client.get("/live/sale/720p/3.mp4", "Range: bytes=7-9\r\n")
                try await client.get("/hello")
                try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc")
                try await client.send("de")
                try await client.get("/live/sale/720p/nothing.mp4")
                let text = try await client.until { $0.contains("404 Not Found") && $0.hasSuffix("}\n") }
                let codes = text.split(separator: "HTTP/1.1 ").dropFirst(text.hasPrefix("HTTP") ? 0 : 1)
                    .map { $0.prefix(3) }
                #expect(codes == ["200", "206", "200", "200", "404"])
                #expect(text.contains("Content-Length: 17\r\n") && !text.contains("#EXTM3U"))
                #expect(text.contains("Content-Range: bytes 7-9/1000") && text.contains("Hello"))
                #expect(text.contains("abcde") && text.contains("application/problem+json"))
            }
        }

        /// Content that comes before Hummingbird is there is read on once it is.
        @Test func largeContentAtOnce() async throws {
            try await TestServer.run(StagedWindow()) { server in
                let client = try await RawClient.connect(port: server.http)
                let content = String(repeating: "x", count: 900_000)
                try await client.send(
                    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n\(content)")
                try await client.untilBytes(900_000)
                #expect(client.text.hasPrefix("HTTP/1.1 200"))
            }
        }

        /// A held playlist first, then others on the same connection: each waits its turn.
        @Test func pipelining() async throws {
            let window = StagedWindow()
            try await TestServer.run(window) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.get(list + "?_HLS_msn=11")
                try await client.get("/hello")
                try await client.get("/live/sale/720p/10.mp4", "Range: bytes=0-0\r\n")
                try await client.get("/hello")
                // Another connection is answered meanwhile, so the first is surely held.
                let other = try await RawClient.connect(port: server.http)
                try await other.get(list)
                try await other.until { $0.contains("#LAST:10") }
                #expect(client.text == "")
                window.publish(StagedSnapshot(upTo: 11))
                let text = try await client.until { $0.hasSuffix("Hello") && $0.contains("206") }
                let order = ["#LAST:11", "Hello", "206 Partial", "Hello"]
                var rest = text[...]
                for mark in order {
                    let found = try #require(rest.range(of: mark), "\(mark) in \(text)")
                    rest = rest[found.upperBound...]
                }
                #expect(rest.isEmpty)
            }
        }

        /// Two hundred clients wait for the same part: all are answered, from one look at the snapshot a loop.
        @Test func crowd() async throws {
            let window = StagedWindow()
            try await TestServer.run(window) { server in
                let clients = try await withThrowingTaskGroup(of: RawClient.self) { tasks in
                    for _ in 0..<200 {
                        tasks.addTask {
                            let client = try await RawClient.connect(port: server.http)
                            try await client.get("/live/sale/720p/11.mp4")
                            return client
                        }
                    }
                    return try await tasks.reduce(into: []) { $0.append($1) }
                }
                let first = try #require(window.latest as? StagedSnapshot)
                await first.untilAsked(200)
                let next = StagedSnapshot(upTo: 11, bytes: 100_000)
                window.publish(next)
                for client in clients {
                    try await client.untilBytes(100_000)
                    #expect(client.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
                    try await client.close()
                }
                #expect(next.timesAsked <= 16)
            }
        }

        @Test func heldTooLong() async throws {
            let window = StagedWindow()
            try await TestServer.run(window, targetDuration: .milliseconds(100)) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.get(list + "?_HLS_msn=11")
                let text = try await client.until { $0.hasSuffix("}\n") }
                #expect(text.hasPrefix("HTTP/1.1 503 ") && text.contains("Cache-Control: no-store"))
                // The connection goes on.
                try await client.get(list)
                try await client.until { $0.hasSuffix("#LAST:10\n") }
            }
        }

        @Test func tooManyHeld() async throws {
            var limits = DeliverySettings.Limits()
            limits.held = 0
            try await TestServer.run(StagedWindow(), limits: limits) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.get(list + "?_HLS_msn=11")
                let text = try await client.until { $0.hasSuffix("}\n") }
                #expect(text.hasPrefix("HTTP/1.1 503 ") && text.contains("Retry-After: 1\r\n"))
            }
        }

        /// Who hangs up while held leaves the room; the server goes on.
        @Test func hangUpWhileHeld() async throws {
            let window = StagedWindow()
            try await TestServer.run(window) { server in
                for _ in 0..<20 {
                    let client = try await RawClient.connect(port: server.http)
                    try await client.get(list + "?_HLS_msn=11")
                    try await client.close()
                }
                let half = try await RawClient.connect(port: server.http)
                try await half.get(list + "?_HLS_msn=11")
                try await half.channel.close(mode: .output).get()
                try await half.untilClosed()
                window.publish(StagedSnapshot(upTo: 11))
                let client = try await RawClient.connect(port: server.http)
                try await client.get(list)
                try await client.until { $0.contains("#LAST:11") }
            }
        }

        /// A client that only shuts its sending side still gets what it asked for.
        @Test func halfClosed() async throws {
            try await TestServer.run(StagedWindow(StagedSnapshot(upTo: 10, bytes: 3_000_000))) { server in
                for (path, end) in [("/live/sale/720p/3.mp4", 3_000_000), ("/large", 500_000)] {
                    let client = try await RawClient.connect(port: server.http)
                    try await client.get(path)
                    try await client.channel.close(mode: .output).get()
                    try await client.untilClosed()
                    #expect(client.bytes.count > end, "\(path)")
                }
            }
        }

        @Test(
            arguments: [
                ("GET /live/sale/index.m3u8 HTTP/1.1\r\n\r\n", "400"), ("GARBAGE\r\n\r\n", "400"),
                ("GET /live/\(String(repeating: "a", count: 9000))", "414"),
                ("GET / HTTP/1.1\r\n\(String(repeating: "X-A: b\r\n", count: 120))", "431"),
                ("GET / HTTP/3.0\r\n\r\n", "505"),
                ("GET /live/sale/index.m3u8 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "400"),
                ("POST /live/sale/index.m3u8 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "405"),
            ])
        func refused(_ bytes: String, _ code: String) async throws {
            try await TestServer.run(StagedWindow()) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.send(bytes)
                try await client.untilClosed()
                let text = client.text
                #expect(
                    text.hasPrefix("HTTP/1.1 \(code) ") && text.contains("Connection: close\r\n"), "\(text)")
                #expect(text.contains("application/problem+json"))
                if code == "405" { #expect(text.contains("Allow: GET, HEAD, OPTIONS\r\n")) }
            }
        }

        /// What cannot be counted goes to Hummingbird and ends the connection, told to the client.
        @Test func openEnded() async throws {
            try await TestServer.run(StagedWindow()) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.send(
                    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
                )
                try await client.untilClosed()
                #expect(
                    client.text.hasSuffix("abcde") && client.text.lowercased().contains("connection: close"))
                let upgrader = try await RawClient.connect(port: server.http)
                try await upgrader.get("/hello", "Connection: Upgrade\r\nUpgrade: h2c\r\n")
                try await upgrader.untilClosed()
                #expect(upgrader.text.hasPrefix("HTTP/1.1 200") && upgrader.text.hasSuffix("Hello"))
                let media = try await RawClient.connect(port: server.http)
                try await media.get(list, "Connection: Upgrade\r\nUpgrade: h2c\r\n")
                try await media.until { $0.contains("#LAST:10") }
            }
        }

        /// Answered before its content is there: the connection ends, told to the client.
        @Test func answeredEarly() async throws {
            try await TestServer.run(StagedWindow()) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.send("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
                try await client.untilClosed()
                #expect(client.text.hasPrefix("HTTP/1.1 404"))
                #expect(client.text.lowercased().contains("connection: close"))
            }
        }

        @Test func old() async throws {
            try await TestServer.run(StagedWindow()) { server in
                for path in [list, "/hello"] {
                    let client = try await RawClient.connect(port: server.http)
                    try await client.send("GET \(path) HTTP/1.0\r\n\r\n")
                    try await client.untilClosed()
                    #expect(client.text.hasPrefix("HTTP/1.1 200 OK"), "\(path)")
                }
            }
        }

        @Test func slowHead() async throws {
            var limits = DeliverySettings.Limits()
            limits.headDeadline = .milliseconds(300)
            limits.idle = .milliseconds(300)
            try await TestServer.run(StagedWindow(), tls: true, limits: limits) { server in
                let slow = try await RawClient.connect(port: server.http)
                try await slow.send("GET / HTT")
                let idle = try await RawClient.connect(port: server.http)
                try await idle.get(list)
                let mute = try await RawClient.connect(port: server.https)
                for client in [slow, idle, mute] { try await client.untilClosed() }
                #expect(idle.text.contains("#LAST:10"))
            }
        }

        /// One megabyte of random bytes, and requests cut and mixed at random: the server goes on.
        @Test func garbage() async throws {
            try await TestServer.run(StagedWindow(), tls: true) { server in
                var random = SplitMix(seed: 23)
                for port in [server.http, server.https] {
                    for size in [1_000_000, 10, 1000] {
                        let client = try await RawClient.connect(port: port)
                        var bytes = ByteBuffer()
                        for _ in 0..<size { bytes.writeInteger(UInt8.random(in: 0...255, using: &random)) }
                        try? await client.channel.writeAndFlush(bytes).get()
                        try? await client.channel.close(mode: .output).get()
                        try await client.untilClosed()
                    }
                }
                let seed = Array(
                    "GET /live/sale/720p/3.mp4 HTTP/1.1\r\nHost: x\r\nRange: bytes=0-\r\n\r\n".utf8)
                for _ in 0..<100 {
                    let client = try await RawClient.connect(port: server.http)
                    var bytes = ByteBuffer()
                    for _ in 0..<4 {
                        var one = seed
                        for _ in 0..<3 {
                            one[Int.random(in: 0..<one.count, using: &random)] = .random(
                                in: 0...255, using: &random)
                        }
                        bytes.writeBytes(one)
                    }
                    try? await client.channel.writeAndFlush(bytes).get()
                    try? await client.close()
                }
                let client = try await RawClient.connect(port: server.http)
                try await client.get(list)
                try await client.until { $0.contains("#LAST:10") }
            }
        }

        @Test func viewersAndStopping() async throws {
            let window = StagedWindow()
            try await TestServer.run(window) { server in
                let show = try #require(StagedWindow.show)
                #expect(server.service.viewers(of: show) == 0)
                let held = try await RawClient.connect(port: server.http)
                try await held.get(list + "?_HLS_msn=11", "User-Agent: a\r\n")
                let other = try await RawClient.connect(port: server.http)
                try await other.get(list, "User-Agent: b\r\n")
                try await other.until { $0.contains("#LAST") }
                let first = try #require(window.latest as? StagedSnapshot)
                await first.untilAsked(2)
                while server.service.viewers(of: show) != 2 { try await Task.sleep(for: .milliseconds(10)) }
                await server.stop()
                try await held.untilClosed()
                #expect(held.text.hasPrefix("HTTP/1.1 503 ") && held.text.contains("Connection: close"))
                try await other.untilClosed()
            }
        }

        @Test func portTaken() async throws {
            try await TestServer.run(StagedWindow()) { server in
                let second = try DeliveryFixture.service(port: server.http)
                await #expect(throws: DeliveryError.addressInUse(host: "127.0.0.1", port: server.http)) {
                    try await second.bind()
                }
                let bad = try DeliveryFixture.service(port: 0, certificate: "/nonexistent.pem")
                await #expect { try await bad.bind() } throws: { error in
                    if case .certificate(let file, _)? = error as? DeliveryError {
                        file == "/nonexistent.pem"
                    } else {
                        false
                    }
                }
            }
        }
    }
}
