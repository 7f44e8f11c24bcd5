// WebSockets to other servers, to addresses that were checked as those of requests are.

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

extension OutboundClient {
    private typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    private enum Opening: Sendable {
        case open(Frames)
        /// The other side has answered as to a request.
        case answered(EventLoopFuture<Int>)
    }

    /// Opens a WebSocket to an http or https address, and closes it after `body`. `deadline`: for opening it. `refused` makes
    /// of the status of a server that wants no WebSocket what is thrown.
    package func withSocket<Result: Sendable>(
        _ target: WebTarget, fields: [OutboundField], deadline: Duration,
        refused: (Int) -> any Error,
        _ body: @Sendable (OutboundSocket) async throws -> Result
    ) async throws -> Result {
        let addresses = try await withDeadline(deadline) { try await self.addresses(of: target) }
        guard let address = addresses.first else {
            throw OutboundFault.unresolved(host: "\(target.host)", reason: "no address")
        }
        switch try await open(target, at: address, fields: fields, within: deadline) {
        case .answered(let status): throw refused(try await status.get())
        case .open(let frames):
            do {
                return try await frames.executeThenClose { inbound, outbound in
                    try await body(OutboundSocket(frames: inbound, writer: outbound))
                }
            } catch let error as IOError {
                throw OutboundFault(error as any Error)
            } catch is ChannelError, is NIOAsyncWriterError {
                throw OutboundFault.brokenOff
            }
        }
    }

    private func open(
        _ target: WebTarget, at address: IPAddress, fields: [OutboundField], within deadline: Duration
    ) async throws(OutboundFault) -> Opening {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path)
        head.headers.add(name: "Host", value: target.authority)
        head.headers.add(name: "User-Agent", value: settings.agent)
        for field in fields { head.headers.add(name: field.name, value: field.value) }
        do {
            let tls = target.scheme == .https ? try NIOSSLContext(configuration: self.tls) : nil
            let time = TimeAmount.nanoseconds(deadline.wholeNanoseconds)
            let opening = try await ClientBootstrap(group: group)
                .connectTimeout(.nanoseconds(settings.connectTime.wholeNanoseconds))
                .connect(to: SocketAddress(ipAddress: "\(address)", port: target.port)) { [head] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try OutboundClient.prepare(channel, target, tls, head, within: time)
                    }
                }
            return try await opening.get()
        } catch let error as NIOHTTPClientUpgradeError where error == .upgraderDeniedUpgrade {
            throw .garbled
        } catch ChannelError.inappropriateOperationForState {
            // Closed before there was an answer: by the other side, or because it took too long.
            throw .brokenOff
        } catch {
            throw OutboundFault(error)
        }
    }

    private static func prepare(
        _ channel: any Channel, _ target: WebTarget, _ tls: NIOSSLContext?, _ head: HTTPRequestHead,
        within time: TimeAmount
    ) throws -> EventLoopFuture<Opening> {
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            var name: String?
            if case .name(let host) = target.host { name = host }
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
        }
        let upgrader = NIOTypedWebSocketClientUpgrader<Opening>(maxFrameSize: messageAtMost) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 64,
                        maxAccumulatedFrameSize: messageAtMost))
                return .open(try Frames(wrappingChannelSynchronously: channel))
            }
        }
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration<Opening>(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: head, upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let status = channel.eventLoop.makePromise(of: Int.self)
                        try channel.pipeline.syncOperations.addHandler(StatusReader(status))
                        return .answered(status.futureResult)
                    }
                }))
        configuration.leftOverBytesStrategy = .forwardBytes
        let opening = try pipeline.configureUpgradableHTTPClientPipeline(configuration: configuration)
        let late = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
        opening.whenComplete { _ in late.cancel() }
        return opening
    }

    /// Bytes of a message that comes.
    private static let messageAtMost = 1 << 20
}

/// Tells the status of an answer, and closes.
private final class StatusReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let status: EventLoopPromise<Int>

    init(_ status: EventLoopPromise<Int>) { self.status = status }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        status.succeed(Int(head.status.code))
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) { status.fail(OutboundFault.brokenOff) }
}
