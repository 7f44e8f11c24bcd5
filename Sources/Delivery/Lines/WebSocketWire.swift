package import NIOCore

/// The numbers of the WebSocket protocol (RFC 6455).
package enum WebSocketWire {
    package enum Opcode: UInt8, Sendable {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        package var isControl: Bool { rawValue >= 0x8 }
    }

    package static let isFinal: UInt8 = 0x80
    package static let isMasked: UInt8 = 0x80
    /// A control frame's content at most (bytes).
    package static let controlAtMost = 125

    package static let protocolError: UInt16 = 1002
    package static let notUnderstood: UInt16 = 1003
    package static let notText: UInt16 = 1007
    package static let tooBig: UInt16 = 1009

    /// Whether a peer may give this code in a close frame (7.4, and what was registered since).
    package static func isCloseCode(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension ByteBuffer {
    /// Writes the head of a whole, unmasked frame: a server's.
    package mutating func writeWebSocketHead(_ opcode: WebSocketWire.Opcode, length: Int) {
        writeInteger(WebSocketWire.isFinal | opcode.rawValue)
        switch length {
        case 0..<126: writeInteger(UInt8(length))
        case 126..<65_536:
            writeInteger(UInt8(126))
            writeInteger(UInt16(length))
        default:
            writeInteger(UInt8(127))
            writeInteger(UInt64(length))
        }
    }

    /// Writes a close frame; a reason that does not fit is cut between two characters.
    package mutating func writeWebSocketClose(_ code: UInt16, _ reason: String) {
        var reason = Substring(reason)
        while reason.utf8.count > WebSocketWire.controlAtMost - 2 { reason.removeLast() }
        writeWebSocketHead(.close, length: 2 + reason.utf8.count)
        writeInteger(code)
        writeSubstring(reason)
    }
}
