import Media
import NIOCore
import NIOEmbedded
import RTMP
import Testing

/// Keeps what the handler says, and answers when the test says so.
final class RecordingHost: RTMPHost {
    var request: RTMPPublishRequest?
    var reply: (@Sendable (RTMPDecision) -> Void)?
    var media: [RTMPMedia] = []
    var ends: [String] = []
    var closings: [String] = []
    var bytes = 0
    var rejection: RTMPRejection?

    func publish(_ request: RTMPPublishRequest, reply: @escaping @Sendable (RTMPDecision) -> Void) {
        self.request = request
        self.reply = reply
    }

    func receive(_ media: RTMPMedia, arrival: MonotonicTime) throws(RTMPRejection) {
        self.media.append(media)
        if let rejection { throw rejection }
    }

    func ended(reason: String) { ends.append(reason) }
    func read(bytes: Int) { self.bytes += bytes }
    func closed(reason: String) { closings.append(reason) }
}

@Suite struct ServerHandlerTests {
    private let host = RecordingHost()
    private let channel = EmbeddedChannel()
    private let loop: EmbeddedEventLoop

    init() throws {
        loop = channel.embeddedEventLoop
        try channel.pipeline.syncOperations.addHandler(
            RTMPServerHandler(host: host, limits: RTMPLimits(), seed: 1))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// Everything that a client sends up to its `publish`, at once: it does not have to wait for answers.
    private var greeting: ByteBuffer {
        var bytes = ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 3072))
        var encoder = ChunkEncoder()
        let commands: [[AMF0Value]] = [
            [.string("connect"), .number(1), .object([AMF0Property("app", .string("live"))])],
            [.string("createStream"), .number(4), .null],
            [.string("publish"), .number(5), .null, .string("KEY"), .string("live")],
        ]
        for command in commands {
            var payload = ByteBuffer()
            for value in command { payload.writeAMF0(value) }
            encoder.write(
                RTMPMessage(type: .command, streamID: 1, payload: payload), chunkStream: 3, into: &bytes)
        }
        return bytes
    }

    private func video(_ byte: UInt8) -> ByteBuffer {
        ByteBuffer(bytes: [0x04, 0, 0, 1, 0, 0, 1, 9, 1, 0, 0, 0, byte])
    }

    private func sent() throws -> String {
        var text = ""
        while var bytes = try channel.readOutbound(as: ByteBuffer.self) {
            text += bytes.readString(length: bytes.readableBytes) ?? ""
        }
        return text
    }

    private func answer(_ decision: RTMPDecision) throws {
        let reply = try #require(host.reply)
        reply(decision)
        loop.run()
    }

    @Test func theHostIsHeardAndTheSocketWaitsForTheAnswer() throws {
        var start = greeting
        start.writeImmutableBuffer(video(1))
        try channel.writeInbound(start)
        #expect(host.request?.key == "KEY")
        #expect(host.media.isEmpty)
        try channel.writeInbound(video(2))
        #expect(host.media.isEmpty)
        try answer(.accepted)
        #expect(try sent().contains("NetStream.Publish.Start"))
        // What came early is not lost, and keeps its order.
        #expect(
            host.media == [
                .video(ByteBuffer(bytes: [1]), timestamp: 1), .video(ByteBuffer(bytes: [2]), timestamp: 1),
            ])
        try channel.writeInbound(video(3))
        #expect(host.media.count == 3)
        #expect(host.bytes > 3073)
        _ = try channel.finish()
        #expect(host.ends == ["the connection was closed by the host"])
        #expect(host.closings.count == 1)
    }

    @Test func aRefusalReachesTheHostBeforeTheEnd() throws {
        try channel.writeInbound(greeting)
        try answer(.refused(reason: "no show has this key"))
        let text = try sent()
        #expect(text.contains("NetStream.Publish.BadName") && text.contains("no show has this key"))
        #expect(host.ends.isEmpty)
        #expect(host.closings == ["no show has this key"])
        #expect(!channel.isActive)
    }

    @Test func anAnswerAfterTheConnectionEndsTheFeedAtOnce() throws {
        try channel.writeInbound(greeting)
        _ = try? channel.finish()
        try answer(.accepted)
        #expect(host.ends == ["the connection was gone before the key was checked"])
    }

    @Test func aSlowAuthorityIsNotWaitedForForever() throws {
        try channel.writeInbound(greeting)
        loop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(2))
        #expect(try sent().contains("NetStream.Publish.BadName"))
        #expect(!channel.isActive)
        try answer(.accepted)
        #expect(host.ends.count == 1)
    }

    @Test(arguments: [0, 1, 100, 1537])
    func theHandshakeHasADeadline(count: Int) throws {
        try channel.writeInbound(ByteBuffer(bytes: ([3] + [UInt8](repeating: 0, count: 3072)).prefix(count)))
        loop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
        #expect(host.closings == ["no publish command within 10.0 seconds"])
    }

    @Test func silenceEndsTheFeed() throws {
        try channel.writeInbound(greeting)
        try answer(.accepted)
        for _ in 0..<5 {
            loop.advanceTime(by: .seconds(29))
            try channel.writeInbound(video(1))
        }
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(31))
        #expect(!channel.isActive)
        #expect(host.ends == ["no bytes for 30.0 seconds"])
    }

    @Test func aRejectionEndsTheFeedOnceAndSaysWhy() throws {
        try channel.writeInbound(greeting)
        try answer(.accepted)
        host.rejection = RTMPRejection(reason: "codec HEVC is not supported")
        var two = video(1)
        two.writeImmutableBuffer(video(2))
        try channel.writeInbound(two)
        #expect(host.media.count == 1)
        #expect(try sent().contains("codec HEVC is not supported"))
        #expect(host.ends == ["codec HEVC is not supported"])
        #expect(host.closings.count == 1)
    }

    @Test func aDisconnectFromOutsideIsSaid() throws {
        try channel.writeInbound(greeting)
        try answer(.accepted)
        channel.triggerUserOutboundEvent(RTMPDisconnect(reason: "the key was rotated"), promise: nil)
        #expect(try sent().contains("the key was rotated"))
        #expect(host.ends == ["the key was rotated"])
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}", "\u{6}", "\u{0}\u{0}",
    ])
    func otherProtocolsAreHungUpOn(text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
        #expect(!channel.isActive)
        #expect(host.closings.count == 1)
        #expect(try sent().isEmpty)
    }

    @Test func garbageAfterTheHandshakeEndsTheConnectionOnly() throws {
        var random = SplitMix(7)
        var bytes = ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 3072))
        bytes.writeBytes((0..<10_000).map { _ in UInt8.random(in: 0...255, using: &random) })
        try channel.writeInbound(bytes)
        #expect(host.closings.count == 1)
        #expect(host.request == nil)
    }
}
