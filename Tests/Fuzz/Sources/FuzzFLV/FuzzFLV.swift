import CFuzzer
import NIOCore
import RTMP

/// Any bytes as an FLV tag's body, first as video, then as audio. A payload is a part of the body.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let body = ByteBuffer(bytes: UnsafeBufferPointer(start: data, count: size))
    switch FLVVideoTag(body) {
    case .sequenceHeader(let payload), .picture(let payload, _, _): check(payload, body)
    case .endOfSequence, .ignored, .unsupported, .broken: break
    }
    switch FLVAudioTag(body) {
    case .sequenceHeader(let payload), .frame(let payload): check(payload, body)
    case .ignored, .unsupported, .broken: break
    }
    return 0
}

private func check(_ payload: ByteBuffer, _ body: ByteBuffer) {
    precondition(
        body.readableBytesView.suffix(payload.readableBytes).elementsEqual(payload.readableBytesView),
        "the payload is not the body's end")
}

@_cdecl("FuzzFLV_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
