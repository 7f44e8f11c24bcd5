import Delivery
import Media
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// A client of HTTP/2 that a test drives frame by frame; flow control is what the test makes of it.
final class FrameClient: Sendable {
    struct Answer: Sendable {
        var headers: HPACKHeaders?
        var bytes = 0
        var text = ""
        var isEnded = false
        var reset: HTTP2ErrorCode?
    }

    private struct Inbox {
        var answers: [Int: Answer] = [:]
        var isClosed = false
        var waits: [(@Sendable ([Int: Answer], Bool) -> Bool, EventLoopPromise<Void>)] = []
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame
        typealias OutboundOut = HTTP2Frame
        let client: FrameClient

        init(_ client: FrameClient) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            let id = Int(frame.streamID)
            guard id > 0 else { return }
            client.change { inbox in
                var answer = inbox.answers[id] ?? Answer()
                switch frame.payload {
                case .headers(let headers):
                    answer.headers = headers.headers
                    if headers.endStream { answer.isEnded = true }
                case .data(let data):
                    answer.bytes += data.data.readableBytes
                    if case .byteBuffer(let buffer) = data.data, answer.bytes < 200 {
                        answer.text += String(buffer: buffer)
                    }
                    if data.endStream { answer.isEnded = true }
                case .rstStream(let code): answer.reset = code
                default: break
                }
                inbox.answers[id] = answer
            }
        }

        func channelInactive(context: ChannelHandlerContext) { client.change { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }

    private let inbox = Mutex(Inbox())
    private let connected = Mutex<(any Channel)?>(nil)
    var channel: any Channel { connected.withLock { $0! } }

    static func connect(port: Int, window: Int = 1 << 24) async throws -> FrameClient {
        let client = FrameClient()
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOSSLClientHandler(context: context, serverHostname: nil),
                        NIOHTTP2Handler(
                            mode: .client,
                            initialSettings: [HTTP2Setting(parameter: .initialWindowSize, value: window)]),
                        Collector(client),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        client.connected.withLock { $0 = channel }
        if window > 65_535 { try await client.send(0, .windowUpdate(windowSizeIncrement: window)) }
        return client
    }

    func send(_ stream: Int, _ payload: HTTP2Frame.FramePayload) async throws {
        try await channel.writeAndFlush(HTTP2Frame(streamID: HTTP2StreamID(stream), payload: payload)).get()
    }

    func get(
        _ stream: Int, _ path: String, _ fields: [(String, String)] = [], method: String = "GET",
        ends: Bool = true
    )
        async throws
    {
        let all = [(":method", method), (":scheme", "https"), (":authority", "x"), (":path", path)] + fields
        try await send(stream, .headers(.init(headers: HPACKHeaders(all), endStream: ends)))
    }

    var answers: [Int: Answer] { inbox.withLock { $0.answers } }

    @discardableResult
    func until(_ predicate: @escaping @Sendable ([Int: Answer], Bool) -> Bool) async throws -> [Int: Answer] {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let timeout = channel.eventLoop.scheduleTask(in: .seconds(10)) {
            promise.fail(RawClient.TooLate(got: "\(self.answers)"))
        }
        change { $0.waits.append((predicate, promise)) }
        try await promise.futureResult.get()
        timeout.cancel()
        return answers
    }

    func ended(_ streams: Int...) async throws -> [Int: Answer] {
        try await until { answers, _ in streams.allSatisfy { answers[$0]?.isEnded ?? false } }
    }

    private func change(_ body: (inout Inbox) -> Void) {
        let met = inbox.withLock { inbox in
            body(&inbox)
            let (answers, isClosed) = (inbox.answers, inbox.isClosed)
            let met = inbox.waits.filter { $0.0(answers, isClosed) }
            inbox.waits.removeAll { wait in wait.0(answers, isClosed) }
            return met
        }
        for (_, promise) in met { promise.succeed(()) }
    }
}

extension ServerTests {
    @Suite(.timeLimit(.minutes(1))) struct HTTP2Tests {
        private let list = "/live/sale/720p/index.m3u8"

        @Test func mediaAndTheRest() async throws {
            try await TestServer.run(StagedWindow(StagedSnapshot(upTo: 10, bytes: 1_000_000)), tls: true) {
                server in
                let client = try await FrameClient.connect(port: server.https)
                try await client.get(1, list, [("accept-encoding", "gzip")])
                try await client.get(3, "/live/sale/720p/3.mp4")
                try await client.get(5, "/hello")
                try await client.get(7, "/live/sale/720p/3.mp4", [("range", "bytes=5-9")])
                try await client.get(9, list, method: "HEAD")
                try await client.get(11, "/large")
                try await client.get(13, list, method: "POST", ends: false)
                try await client.get(15, "/echo", method: "POST", ends: false)
                try await client.send(
                    15, .data(.init(data: .byteBuffer(ByteBuffer(string: "abc")), endStream: true)))
                let answers = try await client.ended(1, 3, 5, 7, 9, 11, 13, 15)
                #expect(
                    answers[1]?.text == "GZIP10"
                        && answers[1]?.headers?.first(name: "content-encoding") == "gzip")
                #expect(answers[3]?.bytes == 1_000_000)
                #expect(answers[3]?.headers?.first(name: "content-type") == "audio/mp4")
                #expect(answers[5]?.text == "Hello")
                #expect(answers[7]?.bytes == 5 && answers[7]?.headers?.first(name: ":status") == "206")
                #expect(answers[9]?.bytes == 0 && answers[9]?.headers?.first(name: "content-length") == "17")
                #expect(answers[11]?.bytes == 500_000)
                #expect(answers[13]?.headers?.first(name: ":status") == "405")
                #expect(answers[15]?.text == "abc")
            }
        }

        /// Many streams of one connection wait; one is reset; the rest are answered by the next snapshot.
        @Test func held() async throws {
            let window = StagedWindow()
            try await TestServer.run(window, tls: true) { server in
                let client = try await FrameClient.connect(port: server.https)
                for index in 0..<40 {
                    try await client.get(
                        2 * index + 1, index % 2 == 0 ? list + "?_HLS_msn=11" : "/live/sale/720p/11.mp4")
                }
                try await client.send(5, .rstStream(.cancel))
                try await client.get(101, list)
                _ = try await client.ended(101)
                #expect(client.answers.count == 1)
                window.publish(StagedSnapshot(upTo: 11, bytes: 200_000))
                let answers = try await client.until { answers, _ in
                    answers.values.filter(\.isEnded).count == 40
                }
                #expect(
                    answers[5] == nil && answers[1]?.text == "#EXTM3U\n#LAST:11\n"
                        && answers[3]?.bytes == 200_000)
                let show = try #require(StagedWindow.show)
                while server.service.viewers(of: show) != 1 { try await Task.sleep(for: .milliseconds(10)) }
            }
        }

        /// What opens of a narrow connection goes to the most urgent answer, whoever came first.
        @Test func theUrgentGoFirst() async throws {
            try await TestServer.run(StagedWindow(StagedSnapshot(upTo: 10, bytes: 300_000)), tls: true) {
                server in
                let client = try await FrameClient.connect(port: server.https, window: 65_535)
                try await client.get(1, "/live/sale/720p/1.mp4", [("priority", "u=5")])
                _ = try await client.until { answers, _ in answers[1]?.bytes == 65_535 }
                try await client.get(3, "/live/sale/720p/3.mp4", [("priority", "u=6, i")])
                try await client.get(5, "/live/sale/720p/5.mp4", [("priority", "u=1")])
                try await client.send(1, .windowUpdate(windowSizeIncrement: 100_000))
                try await client.send(0, .windowUpdate(windowSizeIncrement: 60_000))
                var answers = try await client.until { answers, _ in answers[5]?.bytes ?? 0 >= 60_000 }
                #expect(answers[1]?.bytes == 65_535 && answers[3]?.bytes ?? 0 == 0)
                #expect(answers[5]?.headers?.first(name: "priority") == "u=2")
                // The rest of its own window, then the next in urgency.
                try await client.send(0, .windowUpdate(windowSizeIncrement: 20_000))
                answers = try await client.until { answers, _ in answers[1]?.bytes == 80_000 }
                #expect(answers[5]?.bytes == 65_535 && answers[3]?.bytes ?? 0 == 0)
            }
        }

        /// A client that opens no window gets no more than the window, and is closed in time.
        @Test func closedWindow() async throws {
            var limits = DeliverySettings.Limits()
            limits.stalled = .milliseconds(500)
            try await TestServer.run(
                StagedWindow(StagedSnapshot(upTo: 10, bytes: 1_000_000)), tls: true, limits: limits
            ) { server in
                let client = try await FrameClient.connect(port: server.https, window: 1000)
                try await client.get(1, "/live/sale/720p/3.mp4")
                let answers = try await client.until { $1 }
                #expect(answers[1]?.bytes == 1000)
            }
        }

        /// Damaged frames and noise after a good handshake: the server goes on.
        @Test func garbage() async throws {
            try await TestServer.run(StagedWindow(), tls: true) { server in
                var random = SplitMix(seed: 29)
                var good = ByteBuffer()
                good.writeStaticString(HTTP2Wire.preface)
                good.writeFrameHeader(length: 0, HTTP2Wire.settings, stream: 0)
                let preface = good.readableBytes
                for stream in [1, 3, 5] as [UInt32] {
                    // GET /live/sale/index.m3u8 of https, without an authority.
                    let path = Array("/live/sale/index.m3u8".utf8)
                    let block: [UInt8] = [0x82, 0x87, 0x04, UInt8(path.count)] + path
                    good.writeFrameHeader(
                        length: block.count, HTTP2Wire.headers, flags: stream == 5 ? 4 : 5, stream: stream)
                    good.writeBytes(block)
                }
                let bytes = Array(good.readableBytesView)
                for round in 0..<60 {
                    let client = try await RawClient.connect(port: server.https, tls: ["h2"])
                    var sent = bytes
                    if round > 0 {
                        for _ in 0..<3 {
                            sent[Int.random(in: preface..<sent.count, using: &random)] = .random(
                                in: 0...255, using: &random)
                        }
                        sent += (0..<round * 500).map { _ in UInt8.random(in: 0...255, using: &random) }
                    }
                    try? await client.channel.writeAndFlush(ByteBuffer(bytes: sent)).get()
                    if round == 0 { try await client.until { $0.contains("#LAST:10") } }
                    client.channel.close(promise: nil)
                }
                let client = try await FrameClient.connect(port: server.https)
                try await client.get(1, list)
                _ = try await client.ended(1)
            }
        }

        @Test func heldTooLongAndStopping() async throws {
            try await TestServer.run(StagedWindow(), tls: true, targetDuration: .milliseconds(100)) {
                server in
                let client = try await FrameClient.connect(port: server.https)
                try await client.get(1, list + "?_HLS_msn=11")
                let late = try await client.ended(1)
                #expect(late[1]?.headers?.first(name: ":status") == "503")
            }
            let window = StagedWindow()
            try await TestServer.run(window, tls: true) { server in
                let client = try await FrameClient.connect(port: server.https)
                try await client.get(1, list + "?_HLS_msn=11")
                await (window.latest as? StagedSnapshot)?.untilAsked(1)
                await server.stop()
                let answers = try await client.until { $1 }
                #expect(answers[1]?.headers?.first(name: ":status") == "503")
            }
        }
    }
}
