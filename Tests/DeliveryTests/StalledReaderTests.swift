import Delivery
import Foundation
import NIOCore
import Testing

/// Servers and clients in one process, one test at a time: some weigh the process.
@Suite(.serialized) enum ServerTests {
    /// Resident memory of this process, bytes.
    static func resident() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
    }
}

extension ServerTests {
    /// Clients that ask and do not read.
    @Suite(.timeLimit(.minutes(1))) struct StalledReaderTests {
        /// Sixty stalled viewers of a 4 MiB segment over TLS cost little: not 240 MiB.
        @Test func memory() async throws {
            let window = StagedWindow(StagedSnapshot(upTo: 10, bytes: 4 << 20))
            try await TestServer.run(window, tls: true) { server in
                let before = try ServerTests.resident()
                var clients: [RawClient] = []
                for _ in 0..<60 {
                    let client = try await RawClient.connect(port: server.https, tls: ["http/1.1"])
                    // The first answer shows that the handshake is done.
                    try await client.get("/live/sale/720p/index.m3u8")
                    try await client.until { $0.contains("#LAST") }
                    try await client.channel.setOption(.autoRead, value: false).get()
                    try await client.get("/live/sale/720p/10.mp4")
                    clients.append(client)
                }
                let asked = try #require(window.latest as? StagedSnapshot)
                await asked.untilAsked(120)
                let after = try ServerTests.resident()
                #expect(after - before < 60 << 20, "\((after - before) >> 20) MiB")
                try await clients[7].startReading()
                try await clients[7].untilBytes(4 << 20)
                for client in clients { client.channel.close(promise: nil) }
            }
        }

        /// Thousands of requests sent without reading an answer wait; once read, every answer is there, in order.
        @Test func unreadPipeline() async throws {
            let window = StagedWindow(StagedSnapshot(upTo: 10, bytes: 100, playlistBytes: 4000))
            try await TestServer.run(window, tls: true) { server in
                for (port, tls) in [(server.http, nil), (server.https, ["http/1.1"])] as [(Int, [String]?)] {
                    let client = try await RawClient.connect(port: port, tls: tls)
                    try await client.get("/live/sale/index.m3u8")
                    try await client.untilBytes(4000)
                    let first = client.bytes.count
                    try await client.channel.setOption(.autoRead, value: false).get()
                    var requests = ByteBuffer()
                    let count = 3000
                    for _ in 0..<count {
                        requests.writeString("GET /live/sale/index.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n")
                    }
                    requests.writeString("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    client.channel.writeAndFlush(requests, promise: nil)
                    try await client.startReading()
                    try await client.untilClosed()
                    #expect(client.bytes.count > (count + 1) * first)
                    #expect(String(decoding: client.bytes.suffix(5), as: UTF8.self) == "Hello")
                }
            }
        }

        /// Answers that the socket has not taken when the server stops are taken to their end.
        @Test func stopping() async throws {
            let size = 900_000
            let window = StagedWindow(StagedSnapshot(upTo: 10, bytes: size))
            let snapshot = try #require(window.latest as? StagedSnapshot)
            try await TestServer.run(window) { server in
                let client = try await RawClient.connect(port: server.http, reads: false)
                let count = 60
                for _ in 0..<count { try await client.get("/live/sale/720p/10.mp4") }
                // As many are answered as the kernel has room for; the last of them has to wait.
                var asked = 0
                while asked == 0 || asked < snapshot.timesAsked {
                    asked = snapshot.timesAsked
                    try await Task.sleep(for: .milliseconds(100))
                }
                #expect(asked < count)
                await server.stop()
                while let late = try? await RawClient.connect(port: server.http) {
                    late.channel.close(promise: nil)
                }
                try await client.startReading()
                try await client.untilClosed()
                let head = try #require(client.text.range(of: "\r\n\r\n")).upperBound
                let whole = client.text[..<head].unicodeScalars.count + size
                #expect(client.bytes.count == snapshot.timesAsked * whole)
            }
        }

        @Test func closed() async throws {
            var limits = DeliverySettings.Limits()
            limits.stalled = .milliseconds(500)
            let window = StagedWindow(StagedSnapshot(upTo: 10, bytes: 16 << 20))
            try await TestServer.run(window, tls: true, limits: limits) { server in
                for (port, tls) in [(server.http, nil), (server.https, ["http/1.1"])] as [(Int, [String]?)] {
                    let stalled = try await RawClient.connect(port: port, tls: tls)
                    try await stalled.get("/live/sale/720p/index.m3u8")
                    try await stalled.until { $0.contains("#LAST") }
                    try await stalled.channel.setOption(.autoRead, value: false).get()
                    try await stalled.get("/live/sale/720p/10.mp4")
                    let reader = try await RawClient.connect(port: port, tls: tls)
                    try await reader.get("/live/sale/720p/10.mp4")
                    try await reader.untilBytes(16 << 20)
                    try await reader.close()
                    while server.service.connections > 0 { try await Task.sleep(for: .milliseconds(10)) }
                    try await stalled.startReading()
                    try await stalled.untilClosed()
                    #expect(stalled.bytes.count < 16 << 20)
                }
            }
        }
    }
}
