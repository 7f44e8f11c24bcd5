import Delivery
import NIOCore
import NIOHTTP2
import Synchronization
import Testing

extension ServerTests {
    /// What one connection of HTTP/2 may cost, and how its streams end.
    @Suite(.timeLimit(.minutes(1))) struct HTTP2BoundsTests {
        private func until(_ condition: () -> Bool) async throws {
            let end = ContinuousClock.now + .seconds(8)
            while !condition(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
            #expect(condition())
        }

        private var waiting: Int { TestServer.waiting.load(ordering: .relaxed) }

        /// Content that nobody reads costs what it weighs, not what came along with it.
        @Test func unreadContent() async throws {
            try await TestServer.run(StagedWindow(), tls: true) { server in
                var clients: [WireClient] = []
                for _ in 0..<4 {
                    let client = try await WireClient.connect(port: server.https)
                    try await client.send(WireClient.head(1, post: true, "/wait"), WireClient.ping)
                    try await client.until { $0.contains { $0.kind == HTTP2Wire.ping } }
                    clients.append(client)
                }
                let before = try ServerTests.resident()
                // A frame of a type that is none, and is thrown away.
                let padding = WireClient.frame(0x77, 0, 0, [UInt8](repeating: 0, count: HTTP2Wire.frame))
                for client in clients {
                    for _ in 0..<900 {
                        try await client.send(WireClient.data(1, count: 1, ends: false), padding)
                    }
                    try await client.send(WireClient.ping)
                    try await client.until { $0.count { $0.kind == HTTP2Wire.ping } == 2 }
                }
                let after = try ServerTests.resident()
                #expect(after - before < 24 << 20, "\((after - before) >> 20) MiB")
                for client in clients { client.raw.channel.close(promise: nil) }
                try await until { waiting == 0 }
            }
        }

        /// Who makes the server reset its requests loses their tasks too, and after some of them the connection.
        @Test func requestsThatBreakTheirPromise() async throws {
            try await TestServer.run(StagedWindow(), tls: true) { server in
                let client = try await WireClient.connect(port: server.https)
                try await client.send(WireClient.head(1, post: true, "/wait", length: 5))
                try await until { waiting == 1 }
                try await client.send(WireClient.data(1, count: 0, ends: true))
                try await client.until { $0.contains { $0.kind == HTTP2Wire.reset && $0.stream == 1 } }
                try await until { waiting == 0 }
                for stream in 1...150 as ClosedRange<UInt32> {
                    try? await client.send(
                        WireClient.head(2 * stream + 1, post: true, "/wait", length: 5),
                        WireClient.data(2 * stream + 1, count: 0, ends: true))
                }
                try await client.raw.untilClosed()
                let farewell = client.frames.last { $0.kind == HTTP2Wire.goAway }
                #expect(farewell?.number == Int(HTTP2Code.enhanceYourCalm.rawValue))
                try await until { waiting == 0 }
            }
        }

        /// Half an answer does not look like a whole one.
        @Test func answersThatFail() async throws {
            try await TestServer.run(StagedWindow(), tls: true) { server in
                let client = try await FrameClient.connect(port: server.https)
                try await client.get(1, "/broken")
                let answers = try await client.until { answers, _ in
                    answers[1]?.reset != nil || answers[1]?.isEnded ?? false
                }
                #expect(answers[1]?.text == "half" && answers[1]?.reset == .internalError)
                try await client.get(3, "/hello")
                #expect(try await client.ended(3)[3]?.text == "Hello")
            }
        }

        /// Content of requests that are answered unread gives its share of the connection's window back.
        @Test func creditOfUnreadContent() async throws {
            try await TestServer.run(StagedWindow(), tls: true) { server in
                let client = try await WireClient.connect(port: server.https)
                for index in 0..<10 as Range<UInt32> {
                    let sent = Int(index) * 30_000
                    try await client.until { frames in
                        let credit = frames.filter { $0.kind == HTTP2Wire.windowUpdate && $0.stream == 0 }
                        return HTTP2Wire.firstWindow + credit.reduce(0) { $0 + $1.number } >= sent + 30_000
                    }
                    let stream = 2 * index + 1
                    try await client.send(
                        WireClient.head(stream, post: true, "/nothing"),
                        WireClient.data(stream, count: 15_000, ends: false),
                        WireClient.data(stream, count: 15_000, ends: true))
                    try await client.until { $0.contains { $0.stream == stream } }
                }
            }
        }

        /// Neither control frames nor a byte now and then are reading.
        @Test func pretendedReaders() async throws {
            var limits = DeliverySettings.Limits()
            limits.stalled = .milliseconds(500)
            try await TestServer.run(
                StagedWindow(StagedSnapshot(upTo: 10, bytes: 1_000_000)), tls: true, limits: limits
            ) { server in
                let client = try await WireClient.connect(port: server.https, window: 0)
                try await client.send(WireClient.head(1, "/live/sale/720p/3.mp4"))
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        let byte = WireClient.frame(HTTP2Wire.windowUpdate, 0, 1, [0, 0, 0, 1])
                        while !Task.isCancelled {
                            try? await client.send(WireClient.ping, byte)
                            try? await Task.sleep(for: .milliseconds(50))
                        }
                    }
                    defer { tasks.cancelAll() }
                    try await client.raw.untilClosed()
                }
                #expect(client.frames.contains { $0.kind == HTTP2Wire.data })
            }
        }
    }
}
