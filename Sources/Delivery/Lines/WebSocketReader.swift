// In: the bytes that a WebSocket's client sends, in pieces of any size. Out: whole messages and control frames, or the code
// with which the connection is to fail. Pure. Bound: one message of `limit` bytes, and a control frame.

package import NIOCore

/// Reads a client's frames (RFC 6455, 5 to 8), strictly: content is unmasked and checked as it comes, so that what cannot
/// become a good message fails with its first bad byte.
package struct WebSocketReader: Sendable {
    package enum Event: Equatable, Sendable {
        /// UTF-8, checked.
        case text(ByteBuffer)
        case binary(ByteBuffer)
        /// A frame of a message that goes on: it counts as any other, however little is in it.
        case fragment
        case ping(ByteBuffer)
        case pong
        /// The peer closes; nothing is read after it. Nil: it gave no code.
        case closed(UInt16?)
        /// The peer does what is not allowed: the connection is to be closed with this code.
        case failed(UInt16, String)
    }

    private struct Frame: Sendable {
        var opcode: WebSocketWire.Opcode
        var isFinal: Bool
        /// Bytes of content still to come.
        var left: Int
        var mask: UInt32
        /// Bytes of content read so far, which says where in the mask the next stands.
        var place = 0
    }

    private let limit: Int
    private var frame: Frame?
    /// The data message that is being read, over all its fragments.
    private var kind: WebSocketWire.Opcode?
    private var message = ByteBuffer()
    private var control = ByteBuffer()
    private var check = TextCheck()
    private var isOver = false

    /// `limit` is for a message's content (bytes).
    package init(limit: Int) {
        self.limit = limit
    }

    /// The next event; nil where more bytes are needed, and after `closed` or `failed`.
    package mutating func next(_ input: inout ByteBuffer) -> Event? {
        guard !isOver else { return nil }
        if frame == nil {
            switch readHead(&input) {
            case .none: return nil
            case .some(.failure(let fault)): return fail(fault.code, fault.reason)
            case .some(.success(let head)): frame = head
            }
        }
        return readContent(&input)
    }

    /// Bytes kept of what has not become an event yet.
    package var held: Int { message.readableBytes + control.readableBytes }

    private struct Fault: Error {
        var code = WebSocketWire.protocolError
        var reason: String
    }

    private mutating func fail(_ code: UInt16, _ reason: String) -> Event {
        isOver = true
        message = ByteBuffer()
        control = ByteBuffer()
        return .failed(code, reason)
    }

    // MARK: Heads

    /// Nil where it is not all there; what is wrong with its first two bytes is told before.
    private func readHead(_ input: inout ByteBuffer) -> Result<Frame, Fault>? {
        let read = input
        let bytes = read.readableBytesUInt8Span
        guard bytes.count >= 2 else {
            if bytes.count == 1, bytes[0] & 0x70 != 0 {
                return .failure(Fault(reason: "reserved bits are set"))
            }
            return nil
        }
        let opcode: WebSocketWire.Opcode
        switch checked(bytes[0], bytes[1]) {
        case .success(let known): opcode = known
        case .failure(let fault): return .failure(fault)
        }
        let short = Int(bytes[1] & 0x7F)
        let extra = short < 126 ? 0 : short == 126 ? 2 : 8
        guard bytes.count >= 2 + extra + 4 else { return nil }
        var length: UInt64 = extra == 0 ? UInt64(short) : 0
        for at in 2..<2 + extra { length = length << 8 | UInt64(bytes[at]) }
        if extra == 2 && length < 126 || extra == 8 && (length < 65_536 || length >> 63 == 1) {
            return .failure(Fault(reason: "the length is not written as it must be"))
        }
        guard opcode.isControl || length <= UInt64(limit - message.readableBytes) else {
            return .failure(
                Fault(code: WebSocketWire.tooBig, reason: "a message has \(limit) bytes at most"))
        }
        var mask: UInt32 = 0
        for at in 2 + extra..<6 + extra { mask = mask << 8 | UInt32(bytes[at]) }
        let isFinal = bytes[0] & WebSocketWire.isFinal != 0
        input.moveReaderIndex(forwardBy: 6 + extra)
        return .success(Frame(opcode: opcode, isFinal: isFinal, left: Int(length), mask: mask))
    }

    private func checked(_ first: UInt8, _ second: UInt8) -> Result<WebSocketWire.Opcode, Fault> {
        if first & 0x70 != 0 { return .failure(Fault(reason: "reserved bits are set")) }
        guard let opcode = WebSocketWire.Opcode(rawValue: first & 0x0F) else {
            return .failure(Fault(reason: "the opcode is not known"))
        }
        if second & WebSocketWire.isMasked == 0 {
            return .failure(Fault(reason: "a client's frames are masked"))
        }
        if opcode.isControl {
            if first & WebSocketWire.isFinal == 0 {
                return .failure(Fault(reason: "control frames are not fragmented"))
            }
            if second & 0x7F > UInt8(WebSocketWire.controlAtMost) {
                return .failure(Fault(reason: "a control frame is too long"))
            }
        } else if (opcode == .continuation) != (kind != nil) {
            return .failure(
                Fault(reason: kind == nil ? "nothing is to be continued" : "a message is not at its end"))
        }
        return .success(opcode)
    }

    // MARK: Content

    /// Takes what there is of the frame's content; an event where the frame is whole, and then `frame` is nil.
    private mutating func readContent(_ input: inout ByteBuffer) -> Event? {
        guard var frame else { return nil }
        let count = min(frame.left, input.readableBytes)
        let isControl = frame.opcode.isControl
        if !isControl, frame.opcode != .continuation, kind == nil {
            kind = frame.opcode
            check = TextCheck()
        }
        if count > 0 {
            if isControl {
                control.writeUnmasked(&input, count, frame.mask, from: frame.place)
            } else {
                message.writeUnmasked(&input, count, frame.mask, from: frame.place)
                if kind == .text, !checkLast(count) {
                    return fail(WebSocketWire.notText, "a text is not UTF-8")
                }
            }
            frame.left -= count
            frame.place += count
        }
        guard frame.left == 0 else {
            self.frame = frame
            return nil
        }
        self.frame = nil
        if isControl { return controlEvent(frame.opcode) }
        return frame.isFinal ? messageEvent() : .fragment
    }

    /// Whether the message's last bytes can be text.
    private mutating func checkLast(_ count: Int) -> Bool {
        let all = message
        let bytes = all.readableBytesUInt8Span
        return check.takes(bytes.extracting(bytes.count - count..<bytes.count))
    }

    private mutating func messageEvent() -> Event {
        let whole = message
        let isText = kind == .text
        message = ByteBuffer()
        kind = nil
        guard isText else { return .binary(whole) }
        return check.isComplete ? .text(whole) : fail(WebSocketWire.notText, "a text is not UTF-8")
    }

    private mutating func controlEvent(_ opcode: WebSocketWire.Opcode) -> Event {
        var content = control
        control = ByteBuffer()
        switch opcode {
        case .ping: return .ping(content)
        case .pong: return .pong
        default: break
        }
        isOver = true
        if content.readableBytes == 0 { return .closed(nil) }
        guard let code = content.readInteger(as: UInt16.self), WebSocketWire.isCloseCode(code) else {
            return fail(WebSocketWire.protocolError, "the close frame has no good code")
        }
        var check = TextCheck()
        guard check.takes(content.readableBytesUInt8Span), check.isComplete else {
            return fail(WebSocketWire.notText, "a close frame's reason is not UTF-8")
        }
        return .closed(code)
    }
}

extension ByteBuffer {
    /// Moves `count` bytes over from `input`, without the mask, of which the first of them stands at `place`.
    fileprivate mutating func writeUnmasked(
        _ input: inout ByteBuffer, _ count: Int, _ mask: UInt32, from place: Int
    ) {
        input.withUnsafeReadableBytes { source in
            _ = writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
                for at in 0..<count {
                    let key = mask >> UInt32(24 - (place + at) % 4 * 8)
                    target[at] = source[at] ^ UInt8(truncatingIfNeeded: key)
                }
                return count
            }
        }
        input.moveReaderIndex(forwardBy: count)
    }
}
