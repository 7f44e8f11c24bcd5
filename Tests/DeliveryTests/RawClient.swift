import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A socket that a test speaks through, byte by byte.
final class RawClient: Sendable {
    struct TooLate: Error, CustomStringConvertible {
        var got: String
        var description: String { "Waited in vain; got: \(got.prefix(4000))" }
    }

    private struct Inbox {
        var bytes: [UInt8] = []
        var isClosed = false
        var waits: [(@Sendable ([UInt8], Bool) -> Bool, EventLoopPromise<Void>)] = []
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let client: RawClient

        init(_ client: RawClient) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            client.change { $0.bytes += buffer.readableBytesView }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event {
                client.change { $0.isClosed = true }
                context.close(promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { client.change { $0.isClosed = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            client.change { $0.isClosed = true }
        }
    }

    private let inbox = Mutex(Inbox())
    private let connected = Mutex<(any Channel)?>(nil)

    /// With `reads` false nothing is taken from the socket until `startReading`.
    static func connect(
        port: Int, reads: Bool = true, tls: [String]? = nil
    ) async throws -> RawClient {
        let client = RawClient()
        let context = try tls.map { protocols in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            configuration.applicationProtocols = protocols
            return try NIOSSLContext(configuration: configuration)
        }
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(Collector(client))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        client.connected.withLock { $0 = channel }
        if !reads { try await client.channel.setOption(.autoRead, value: false).get() }
        return client
    }

    var channel: any Channel { connected.withLock { $0! } }
    var bytes: [UInt8] { inbox.withLock { $0.bytes } }
    /// The first bytes, one character each, so that content may be anything.
    var text: String { RawClient.text(bytes) }

    private static func text(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.prefix(10_000).map { Unicode.Scalar($0) }))
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    func get(_ path: String, _ fields: String = "") async throws {
        try await send("GET \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
    }

    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
        channel.read()
    }

    func close() async throws { try await channel.close().get() }

    /// Waits until what has come satisfies `predicate`; ten seconds at most.
    @discardableResult
    func until(_ predicate: @escaping @Sendable (String) -> Bool) async throws -> String {
        try await wait { bytes, _ in predicate(RawClient.text(bytes)) }
        return text
    }

    func untilBytes(_ count: Int) async throws { try await wait { bytes, _ in bytes.count >= count } }
    func untilClosed() async throws { try await wait { _, isClosed in isClosed } }

    func wait(_ predicate: @escaping @Sendable ([UInt8], Bool) -> Bool) async throws {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let timeout = channel.eventLoop.scheduleTask(in: .seconds(10)) {
            promise.fail(TooLate(got: self.text))
        }
        change { $0.waits.append((predicate, promise)) }
        try await promise.futureResult.get()
        timeout.cancel()
    }

    private func change(_ body: (inout Inbox) -> Void) {
        let met = inbox.withLock { inbox in
            body(&inbox)
            let (bytes, isClosed) = (inbox.bytes, inbox.isClosed)
            let met = inbox.waits.filter { $0.0(bytes, isClosed) }
            inbox.waits.removeAll { wait in wait.0(bytes, isClosed) }
            return met
        }
        for (_, promise) in met { promise.succeed(()) }
    }
}
