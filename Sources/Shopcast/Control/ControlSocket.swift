import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The running server's ear for `shopcast show …`: a Unix socket in the data folder that only its owner may open.
///
/// In: one line of words. Out: `ok …` or `error …`, then the connection closes. Lines are at most 64 KiB, a
/// connection waits at most 5 s, and at most 16 wait to be taken.
final class ControlSocket: Service {
    private let socket: String
    private let logger: Logger
    private let answer: @Sendable ([String]) async -> ControlReply

    /// `answer` sees itself to where it waits.
    init(
        socket: String, logger: Logger, answer: @escaping @Sendable ([String]) async -> ControlReply
    ) {
        self.socket = socket
        self.logger = logger
        self.answer = answer
    }

    func run() async throws {
        guard let address = ControlAddress(socket: socket) else {
            throw SettingsFault("the control socket '\(socket)' cannot be made: its folder cannot be opened")
        }
        // The folder is locked by this process, so a socket that is still there belongs to a dead one.
        try? FileManager.default.removeItem(atPath: socket)
        let answer = answer
        // It is seldom used, and never to slow down those who watch.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 16)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        IdleStateHandler(allTimeout: .seconds(5)), ControlHandler(answer: answer))
                }
            }
            .bind(unixDomainSocketPath: address.path).get()
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: socket)
        try await withGracefulShutdownHandler {
            try await channel.closeFuture.get()
        } onGracefulShutdown: {
            channel.close(promise: nil)
        }
        try? FileManager.default.removeItem(atPath: socket)
        try await group.shutdownGracefully()
    }
}

/// What the server says to a command.
package enum ControlReply: Sendable, Hashable {
    case ok(String)
    case error(String)

    var line: String {
        switch self {
        case .ok(let text): "ok \(text)\n"
        case .error(let text): "error \(text)\n"
        }
    }

    init?(line: String) {
        if line.hasPrefix("ok ") {
            self = .ok(String(line.dropFirst(3)))
        } else if line.hasPrefix("error ") {
            self = .error(String(line.dropFirst(6)))
        } else {
            return nil
        }
    }
}

private final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable ([String]) async -> ControlReply
    private var line = ByteBuffer()
    private var isAsked = false

    init(answer: @escaping @Sendable ([String]) async -> ControlReply) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAsked else { return }
        var bytes = unwrapInboundIn(data)
        line.writeBuffer(&bytes)
        let view = line.readableBytesView
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            if line.readableBytes > 65_536 { context.close(promise: nil) }
            return
        }
        isAsked = true
        let words = ControlWords.read(String(decoding: view[..<end], as: UTF8.self))
        let (answer, channel) = (answer, context.channel)
        channel.eventLoop.makeFutureWithTask { await answer(words) }.whenSuccess { reply in
            channel.writeAndFlush(channel.allocator.buffer(string: reply.line))
                .whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A command may take its time; who has said none may not.
        if event is IdleStateHandler.IdleStateEvent, !isAsked { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
