import Glibc
import NIOCore

/// The socket below a line without TLS. Where nothing waits before it, what a crowd of readers is given goes there straight:
/// of what a small frame costs, a channel's queues are a tenth.
///
/// On the line's event loop, and while its channel is active: the handle is the channel's.
struct DirectSocket {
    private let handle: NIOBSDSocket.Handle

    /// Nil where the channel is no socket.
    init?(_ context: ChannelHandlerContext) {
        let found = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        guard let handle = found.flatMap({ $0 }) else { return nil }
        self.handle = handle
    }

    /// How many bytes the socket has taken; 0 where it has an error, which it will tell the channel as well.
    func send(_ bytes: ByteBuffer) -> Int {
        bytes.withUnsafeReadableBytes { bytes in
            max(
                0,
                Glibc.send(
                    handle, bytes.baseAddress, bytes.count,
                    Int32(MSG_DONTWAIT | MSG_NOSIGNAL)))
        }
    }
}
