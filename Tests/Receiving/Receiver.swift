// An HTTP server on a free port for tests: it remembers what it was sent, and behaves well or badly as it is told.

package import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL
import Synchronization

package final class Receiver: Sendable {
    package struct Message: Sendable {
        package var method: String
        package var uri: String
        package var fields: [(name: String, value: String)]
        package var body: String

        package func field(_ name: String) -> String? {
            fields.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    package enum Conduct: Sendable {
        case answer(Int, fields: [(String, String)] = [], body: String = "")
        /// The same, that much later.
        case late(TimeAmount, Int)
        /// Nothing, ever.
        case hang
        /// 200 and a body without an end, as fast as it is read.
        case endless
        /// 200 and a body of which a byte comes now and then.
        case drip
        /// 200, a part of the body that was promised, and the end of the connection.
        case cut
        /// The end of the connection.
        case close
        /// Bytes that are no HTTP.
        case raw(String)
    }

    private let heard = Mutex<[Message]>([])
    private let conduct: @Sendable (Message) -> Conduct
    private let channel = Mutex<(any Channel)?>(nil)

    private init(conduct: @escaping @Sendable (Message) -> Conduct) {
        self.conduct = conduct
    }

    /// Listens on 127.0.0.1 for as long as `body` runs.
    @discardableResult package static func run<Result>(
        tls: NIOSSLContext? = nil, conduct: @escaping @Sendable (Message) -> Conduct,
        _ body: (Receiver) async throws -> Result
    ) async throws -> Result {
        let receiver = Receiver(conduct: conduct)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
                    try pipeline.addHandler(Conversation(receiver: receiver))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        receiver.channel.withLock { $0 = channel }
        do {
            let result = try await body(receiver)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    package var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }

    /// What it was sent so far.
    package var messages: [Message] { heard.withLock { $0 } }

    fileprivate func hear(_ message: Message) -> Conduct {
        heard.withLock { $0.append(message) }
        return conduct(message)
    }
}

private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let receiver: Receiver
    private var message: Receiver.Message?
    private var isEndless = false

    init(receiver: Receiver) {
        self.receiver = receiver
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            message = Receiver.Message(
                method: head.method.rawValue, uri: head.uri, fields: head.headers.map { ($0.name, $0.value) },
                body: "")
        case .body(let bytes): message?.body += String(buffer: bytes)
        case .end:
            guard let message else { return }
            self.message = nil
            behave(receiver.hear(message), context: context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pour(context: context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func behave(_ conduct: Receiver.Conduct, context: ChannelHandlerContext) {
        switch conduct {
        case .answer(let status, let fields, let body):
            answer(status, fields: fields, body: body, context: context)
        case .late(let time, let status):
            context.eventLoop.assumeIsolated().scheduleTask(in: time) {
                self.answer(status, fields: [], body: "", context: context)
            }
        case .hang: break
        case .endless:
            isEndless = true
            begin(fields: [("Transfer-Encoding", "chunked")], context: context)
            pour(context: context)
        case .drip:
            begin(fields: [("Content-Length", "100000")], context: context)
            drip(context: context)
        case .cut:
            begin(fields: [("Content-Length", "1000")], context: context)
            context.write(
                wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "only a part")))), promise: nil)
            context.flush()
            context.close(promise: nil)
        case .close: context.close(promise: nil)
        case .raw(let text):
            // From the encoder's own place, so that nothing takes it for an answer.
            let pipeline = context.pipeline.syncOperations
            guard let encoder = try? pipeline.context(handlerType: HTTPResponseEncoder.self) else { return }
            encoder.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
            context.close(promise: nil)
        }
    }

    private func answer(
        _ status: Int, fields: [(String, String)], body: String, context: ChannelHandlerContext
    ) {
        begin(
            status: status, fields: fields + [("Content-Length", "\(body.utf8.count)")], context: context)
        if !body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func begin(status: Int = 200, fields: [(String, String)], context: ChannelHandlerContext) {
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: status), headers: HTTPHeaders(fields))
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func pour(context: ChannelHandlerContext) {
        while isEndless, context.channel.isActive, context.channel.isWritable {
            let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 65_536)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
        }
    }

    private func drip(context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "x")))), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(50)) {
            self.drip(context: context)
        }
    }
}

/// Waits until `condition` holds; false where it does not within `limit`.
package func within(_ limit: Duration = .seconds(120), _ condition: () async throws -> Bool) async rethrows
    -> Bool
{
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
