import Delivery
import NIOCore

/// Frames as a client sends them, good or bad.
enum ClientFrames {
    static let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    static func frame(
        _ opcode: UInt8, _ content: [UInt8] = [], isFinal: Bool = true, reserved: UInt8 = 0,
        isMasked: Bool = true,
        length: Int? = nil
    ) -> [UInt8] {
        var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
        let said = length ?? content.count
        let bit: UInt8 = isMasked ? 0x80 : 0
        switch said {
        case 0..<126: bytes.append(bit | UInt8(said))
        case 126..<65_536: bytes += [bit | 126, UInt8(said >> 8), UInt8(said & 0xFF)]
        default: bytes += [bit | 127] + (0..<8).map { UInt8(said >> (56 - 8 * $0) & 0xFF) }
        }
        guard isMasked else { return bytes + content }
        return bytes + mask + content.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    static func text(_ text: String) -> [UInt8] { frame(1, Array(text.utf8)) }

    static func close(_ code: Int?, _ reason: [UInt8] = []) -> [UInt8] {
        frame(8, (code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []) + reason)
    }

    /// All events that a reader makes of these bytes, which come in pieces of `piece`; without fragments, which say nothing.
    static func events(_ bytes: [UInt8], limit: Int = 1 << 20, piece: Int = .max) -> [WebSocketReader.Event] {
        allEvents(bytes, limit: limit, piece: piece).filter { $0 != .fragment }
    }

    static func allEvents(
        _ bytes: [UInt8], limit: Int = 1 << 20, piece: Int = .max
    ) -> [WebSocketReader.Event] {
        var reader = WebSocketReader(limit: limit)
        var events: [WebSocketReader.Event] = []
        var input = ByteBuffer()
        var rest = bytes[...]
        while !rest.isEmpty {
            input.writeBytes(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            while let event = reader.next(&input) { events.append(event) }
        }
        return events
    }
}
