import NIOCore
import NIOPosix

/// Says one command to the running server and returns what it answers.
package enum ControlClient {
    /// Throws `SettingsFault` where no server listens on the folder's socket, or it does not answer in time.
    package static func say(_ words: [String], data: String, patience: Int64 = 5) async throws -> ControlReply
    {
        guard let reply = try await ask(words, data: data, patience: patience) else {
            throw SettingsFault(
                "no shopcast server runs on the data folder '\(data)': start it, or give --data")
        }
        return reply
    }

    /// Nil where no server listens on the folder's socket. `patience` is in seconds.
    static func ask(_ words: [String], data: String, patience: Int64 = 5) async throws -> ControlReply? {
        guard let address = ControlAddress(socket: DataFolder.controlSocket(in: data)) else { return nil }
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: address.path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            IdleStateHandler(readTimeout: .seconds(patience)))
                        try channel.pipeline.syncOperations.addHandler(CloseWhenIdle())
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            return nil
        }
        let text = try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: ControlWords.line(words) + "\n"))
            var text = ByteBuffer()
            for try await bytes in inbound { text.writeImmutableBuffer(bytes) }
            return String(buffer: text)
        }
        guard let reply = ControlReply(line: text.trimmingSuffix("\n")) else {
            throw SettingsFault("the server on '\(data)' did not answer in time")
        }
        return reply
    }
}

private final class CloseWhenIdle: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
