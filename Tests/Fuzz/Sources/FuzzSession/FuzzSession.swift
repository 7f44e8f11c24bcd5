import CFuzzer
import Glibc
import NIOCore
import RTMP

/// The chunk decoder and the server's session: any bytes after a handshake, at once and in pieces. Both
/// ways must see the same events and end the same way.
private func run(_ bytes: ByteBuffer, step: Int) -> (events: [ByteBuffer], fault: RTMPFault?) {
    var session = RTMPServerSession(limits: RTMPLimits(), seed: 1)
    var events: [ByteBuffer] = []
    var hello = ByteBuffer(bytes: [3])
    hello.writeRepeatingByte(0, count: 3072)
    do {
        _ = try session.next(&hello)
        var rest = bytes
        var buffer = ByteBuffer()
        while rest.readableBytes > 0, let piece = rest.readSlice(length: min(step, rest.readableBytes)) {
            buffer.writeImmutableBuffer(piece)
            while let event = try session.next(&buffer) {
                events.append(trace(event))
                switch event {
                case .publish: session.accept()
                case .video(let body, _): _ = FLVVideoTag(body)
                case .audio(let body, _): _ = FLVAudioTag(body)
                case .metadata, .unpublished: break
                }
            }
            precondition(buffer.readableBytes == 0, "bytes were left lying")
            _ = session.takeOutput()
        }
        return (events, nil)
    } catch {
        return (events, error)
    }
}

/// An event as bytes, so that two can be compared: numbers of metadata that are none are never equal.
private func trace(_ event: RTMPServerSession.Event) -> ByteBuffer {
    var bytes = ByteBuffer()
    switch event {
    case .video(let body, let timestamp), .audio(let body, let timestamp):
        if case .video = event { bytes.writeString("video ") } else { bytes.writeString("audio ") }
        bytes.writeInteger(timestamp)
        bytes.writeImmutableBuffer(body)
    case .metadata(let properties): bytes.writeAMF0(.ecmaArray(properties))
    case .publish, .unpublished: bytes.writeString("\(event)")
    }
    return bytes
}

private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = ByteBuffer(bytes: UnsafeBufferPointer(start: data, count: size))
    let whole = run(bytes, step: max(size, 1))
    let step = 1 + Int(bytes.getInteger(at: size - 1, as: UInt8.self) ?? 0) % 97
    let pieces = run(bytes, step: step)
    if whole.events != pieces.events || whole.fault != pieces.fault {
        let at = zip(whole.events, pieces.events).prefix { $0 == $1 }.count
        print("pieces of \(step): the cut changed the meaning of event \(at)")
        print("at once: ", whole.events.dropFirst(at).first as Any, whole.fault as Any)
        print("in pieces:", pieces.events.dropFirst(at).first as Any, pieces.fault as Any)
        fflush(nil)
        preconditionFailure()
    }
    return 0
}

@_cdecl("FuzzSession_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
