import Foundation
import Ingest
import Logging
import Media
import NIOCore
import NIOPosix
import RTMP
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RTMPListenerTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    /// Runs a listener around `body`; afterwards everything is shut down in order.
    private func serve(
        limits: RTMPListener.Limits = RTMPListener.Limits(),
        _ body: @escaping @Sendable (KeyedAuthority, RTMPListener, Int) async throws -> Void
    ) async throws {
        let authority = KeyedAuthority()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let listener = RTMPListener(
            host: "127.0.0.1", port: 0, limits: limits, authority: authority, eventLoopGroup: group,
            logger: logger)
        let address = try await listener.bind()
        let port = try #require(address.port)
        let services = ServiceGroup(services: [listener], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await services.run() }
            do {
                try await body(authority, listener, port)
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(listener.connectionCount == 0)
    }

    /// A plain socket; the future is kept when the other end hangs up.
    private func rawConnection(port: Int) async throws -> any Channel {
        try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port).get()
    }

    private func unit(_ kind: AccessUnit.Kind, _ bytes: [UInt8], _ milliseconds: Int64, offset: Int64 = 0)
        -> AccessUnit
    {
        AccessUnit(
            kind: kind, payload: ByteBuffer(bytes: bytes),
            pts: MediaTime(milliseconds: milliseconds + offset),
            dts: MediaTime(milliseconds: milliseconds), isSync: bytes.count > 4 && bytes[4] & 0x1F == 5,
            arrival: MonotonicTime(nanoseconds: 0))
    }

    @Test func aFeedArrivesAsItWasSent() async throws {
        try await serve { authority, _, port in
            let publisher = try await RTMPPublisher.connect(
                url: "rtmp://127.0.0.1:\(port)/live/right", eventLoopGroup: group)
            var metadata = FeedMetadata()
            metadata.width = 320
            metadata.encoder = "test"
            try await publisher.send(.metadata(metadata))
            try await publisher.send(.videoFormat(.avc(try AVCFormat(record: FeedConverterTests.record))))
            try await publisher.send(
                .audioFormat(.aac(try #require(AACFormat(sampleRate: 48000, channels: 2)))))
            // Larger than a chunk, a read and a socket buffer.
            let large = [0, 0x0F, 0xFF, 0xFC, 0x65] + [UInt8](repeating: 0x5A, count: (1 << 20) - 5)
            try await publisher.send(.video(unit(.video, large, 1000, offset: 80)))
            for index in 0..<50 as Range<Int64> {
                try await publisher.send(.audio(unit(.audio, [1, 2, UInt8(index)], 1000 + index * 21)))
                try await publisher.send(
                    .video(unit(.video, [0, 0, 0, 2, 0x41, UInt8(index)], 1040 + index * 40)))
            }
            await publisher.finish()
            let feed = await authority.sink.feed()
            try #require(feed.count == 105)
            guard case .metadata(let seen) = feed[0], case .videoFormat(let avc) = feed[1],
                case .audioFormat(let aac) = feed[2], case .video(let key) = feed[3],
                case .video(let last) = feed[103], case .ended(let reason) = feed[104]
            else {
                Issue.record("other events than sent")
                return
            }
            #expect(seen == metadata && avc.record == FeedConverterTests.record && aac.sampleRate == 48000)
            #expect(Array(key.payload.readableBytesView) == large && key.isSync)
            #expect(key.pts == MediaTime(milliseconds: 1080) && key.dts == MediaTime(milliseconds: 1000))
            #expect(last.dts == MediaTime(milliseconds: 1040 + 49 * 40) && !last.isSync)
            #expect(reason == "the host stopped publishing")
            #expect(authority.sink.ends.withLock { $0 } == 1)
            // The key, the address and a way to hang up are all the authority needs.
            let request = try #require(authority.requests.withLock { $0.first })
            #expect(request.transport == "rtmp" && request.peer.hasPrefix("127.0.0.1:"))
            // The same again: the listener takes the next feed.
            let second = try await RTMPPublisher.connect(
                url: "rtmp://127.0.0.1:\(port)/live/right", eventLoopGroup: group)
            await second.finish()
            #expect(await authority.sink.feed().count == 1)
        }
    }

    /// A name stands for several addresses, of which the server here has one.
    @Test func aPublisherFindsItsServerByName() async throws {
        try await serve { authority, _, port in
            let publisher = try await RTMPPublisher.connect(
                url: "rtmp://localhost:\(port)/live/right", eventLoopGroup: group)
            try await publisher.send(
                .audioFormat(.aac(try #require(AACFormat(sampleRate: 48000, channels: 2)))))
            await publisher.finish()
            #expect(await authority.sink.feed().count == 2)
        }
    }

    @Test func nobodyThereIsAnError() async throws {
        let socket = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(socket.localAddress?.port)
        try await socket.close()
        await #expect(throws: (any Error).self) {
            _ = try await RTMPPublisher.connect(
                url: "rtmp://127.0.0.1:\(port)/live/right", eventLoopGroup: group)
        }
    }

    @Test func aWrongKeyIsRefusedInTheServersWords() async throws {
        try await serve { authority, _, port in
            await #expect(
                throws: RTMPFault.refused(
                    code: "NetStream.Publish.BadName", description: "no show has this key")
            ) {
                _ = try await RTMPPublisher.connect(
                    url: "rtmp://127.0.0.1:\(port)/live/wrong", eventLoopGroup: group)
            }
            #expect(authority.sink.ends.withLock { $0 } == 0)
        }
    }

    @Test(arguments: [
        "http://127.0.0.1/live/key", "rtmp://127.0.0.1", "rtmp://127.0.0.1/key", "rtmp://:1/live/key",
    ])
    func aBadAddressIsNotTried(url: String) async {
        await #expect(throws: RTMPPublisher.Failure.badAddress) {
            _ = try await RTMPPublisher.connect(url: url, eventLoopGroup: group)
        }
    }

    @Test func disconnectEndsTheFeedFromAnyThread() async throws {
        try await serve { authority, _, port in
            let publisher = try await RTMPPublisher.connect(
                url: "rtmp://127.0.0.1:\(port)/live/right", eventLoopGroup: group)
            let request = try #require(authority.requests.withLock { $0.first })
            request.disconnect("the show has ended")
            guard case .ended(let reason) = await authority.sink.feed().last else { return }
            #expect(reason == "the show has ended")
            // The publisher hears why, as soon as it sends on.
            await #expect(
                throws: RTMPFault.refused(
                    code: "NetStream.Publish.Rejected", description: "the show has ended")
            ) {
                while true { try await publisher.send(.audio(unit(.audio, [1], 0))) }
            }
            request.disconnect("again")
            #expect(authority.sink.ends.withLock { $0 } == 1)
        }
    }

    @Test func garbageHarmsNobody() async throws {
        try await serve { authority, _, port in
            var random = SystemRandomNumberGenerator()
            for start in [[], [3], [3] + [UInt8](repeating: 0, count: 3072)] as [[UInt8]] {
                let channel = try await rawConnection(port: port)
                var bytes = ByteBuffer(bytes: start)
                bytes.writeBytes((0..<(1 << 18)).map { _ in UInt8.random(in: 0...255, using: &random) })
                // The server may hang up before it has all.
                try? await channel.writeAndFlush(bytes)
                channel.close(mode: .output, promise: nil)
                try await channel.closeFuture.get()
            }
            let publisher = try await RTMPPublisher.connect(
                url: "rtmp://127.0.0.1:\(port)/live/right", eventLoopGroup: group)
            await publisher.finish()
            #expect(await authority.sink.feed().count == 1)
        }
    }

    /// What ffmpeg really sent, in small writes: no cut of the stream may hold a message back for good.
    @Test(arguments: [7, 12, 13, 1000])
    func aCaptureInSmallWritesArrivesWhole(step: Int) async throws {
        let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fuzz/Corpus")
        let capture =
            try Data(contentsOf: corpus.appending(path: "handshake/ffmpeg"))
            + Data(contentsOf: corpus.appending(path: "session/ffmpeg"))
        try await serve { authority, _, port in
            let channel = try await rawConnection(port: port)
            var rest = ByteBuffer(bytes: capture)
            while rest.readableBytes > 0, let piece = rest.readSlice(length: min(step, rest.readableBytes)) {
                try await channel.writeAndFlush(piece)
            }
            let feed = await authority.sink.feed()
            var counts = (video: 0, audio: 0, formats: 0)
            for event in feed {
                switch event {
                case .video: counts.video += 1
                case .audio: counts.audio += 1
                case .videoFormat, .audioFormat: counts.formats += 1
                case .metadata, .ended: break
                }
            }
            #expect(counts == (15, 48, 2))
            guard case .ended("the host stopped publishing") = feed.last else {
                Issue.record("another end")
                return
            }
        }
    }

    @Test func aPublisherKilledInMidFrameEndsItsFeed() async throws {
        try await serve { authority, _, port in
            let address = try #require(RTMPAddress("rtmp://127.0.0.1:\(port)/live/right"))
            let channel = try await ClientBootstrap(group: group).channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        HalfSender(session: RTMPClientSession(address: address, encoderName: "t", seed: 1)))
                }
            }.connect(host: "127.0.0.1", port: port).get()
            try await channel.closeFuture.get()
            guard case .ended(let reason) = await authority.sink.feed().last else { return }
            #expect(reason.contains("connection"))
            #expect(authority.sink.ends.withLock { $0 } == 1)
        }
    }

    @Test func limitsHold() async throws {
        let limits = RTMPListener.Limits(connections: 3, connectionsPerAddress: 2)
        try await serve(limits: limits) { _, listener, port in
            var kept: [any Channel] = []
            for _ in 0..<2 { kept.append(try await greeted(port: port)) }
            #expect(listener.connectionCount == 2)
            // The third from this address is hung up on.
            let third = try await rawConnection(port: port)
            try await third.closeFuture.get()
            #expect(listener.connectionCount == 2)
            try await kept[0].close()
            // Its place is free as soon as the server has seen it leave.
            while listener.connectionCount > 1 { await Task.yield() }
            let fourth = try await greeted(port: port)
            #expect(fourth.isActive)
        }
    }

    @Test func silentConnectionsAreHungUpOn() async throws {
        let limits = RTMPListener.Limits(session: RTMPLimits(handshakeDeadline: .milliseconds(20)))
        try await serve(limits: limits) { _, _, port in
            let channel = try await rawConnection(port: port)
            try await channel.closeFuture.get()
        }
    }

    @Test func shutdownEndsEveryFeed() async throws {
        let sink = Mutex<RecordingSink?>(nil)
        let session = RTMPLimits(lingerDeadline: .milliseconds(20))
        try await serve(limits: RTMPListener.Limits(session: session)) { authority, _, port in
            sink.withLock { $0 = authority.sink }
            _ = try await RTMPPublisher.connect(
                url: "rtmp://127.0.0.1:\(port)/live/right", eventLoopGroup: group)
            _ = try await rawConnection(port: port)
        }
        let feed = await sink.withLock { $0 }?.feed()
        guard case .ended(let reason) = feed?.last else {
            Issue.record("no end")
            return
        }
        #expect(reason == "the server is shutting down")
    }

    /// A connection that the server has certainly accepted: it has answered the first half of the
    /// handshake.
    private func greeted(port: Int) async throws -> any Channel {
        let answered = group.any().makePromise(of: Void.self)
        let channel = try await ClientBootstrap(group: group).channelInitializer { channel in
            channel.pipeline.addHandler(FirstRead(answered))
        }.connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 1536)))
        try await answered.futureResult.get()
        return channel
    }
}
