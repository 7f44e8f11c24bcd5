import CFuzzer
import Delivery
import NIOCore

/// Any bytes as a WebSocket's client sends them, in pieces whose sizes they say themselves. However they are cut, the same
/// events come out, nothing grows beyond its bound, and what is told to be text is.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    guard let first = bytes.first else { return 0 }
    let whole = events(bytes, piece: bytes.count)
    let cut = events(bytes, piece: Int(first) % 13 + 1)
    precondition(whole == cut, "it matters how the bytes are cut")
    return 0
}

private func events(_ bytes: [UInt8], piece: Int) -> [WebSocketReader.Event] {
    let limit = 1024
    var reader = WebSocketReader(limit: limit)
    var events: [WebSocketReader.Event] = []
    var input = ByteBuffer()
    var rest = bytes[...]
    while !rest.isEmpty {
        input.writeBytes(rest.prefix(piece))
        rest = rest.dropFirst(piece)
        while let event = reader.next(&input) {
            if case .text(let text) = event {
                precondition(text.readableBytes <= limit)
                precondition(
                    Array(String(buffer: text).utf8) == Array(text.readableBytesView), "text is not UTF-8")
            }
            events.append(event)
        }
        precondition(reader.held <= limit + 125, "more is kept than may be")
    }
    return events
}

@_cdecl("FuzzSocket_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
