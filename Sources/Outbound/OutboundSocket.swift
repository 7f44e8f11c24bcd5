package import NIOCore
import NIOWebSocket

/// A WebSocket to another server, for as long as `OutboundClient.withSocket` runs its body.
package struct OutboundSocket: Sendable {
    let frames: NIOAsyncChannelInboundStream<WebSocketFrame>
    let writer: NIOAsyncChannelOutboundWriter<WebSocketFrame>

    /// Waits until there is room.
    package func send(_ content: ByteBuffer) async throws { try await write(.binary, content) }
    package func send(_ text: String) async throws { try await write(.text, ByteBuffer(string: text)) }

    /// Hands on the content of each message, in order, until the other side closes; pings are answered meanwhile. Called
    /// once. Throws `OutboundFault` where the connection breaks off, and what `take` throws.
    package func read(_ take: (ByteBuffer) throws -> Void) async throws {
        for try await frame in frames {
            switch frame.opcode {
            case .text, .binary: try take(frame.unmaskedData)
            case .ping: try await write(.pong, frame.unmaskedData)
            case .connectionClose:
                try? await write(.connectionClose, frame.unmaskedData)
                return
            default: break
            }
        }
        try Task.checkCancellation()
        throw OutboundFault.brokenOff
    }

    private func write(_ opcode: WebSocketOpcode, _ content: ByteBuffer) async throws {
        try await writer.write(
            WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: content))
    }
}
