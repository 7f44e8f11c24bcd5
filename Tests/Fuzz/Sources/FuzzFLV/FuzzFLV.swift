import CFuzzer
import NIOCore
import RTMP

/// Any bytes as an FLV tag's body, first as video, then as audio. A payload is a part of the body.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let body = ByteBuffer(bytes: UnsafeBufferPointer(start: data, count: size))
    for track in [nil, body.readableBytesView.last] {
        let (video, inVideo) = FLVVideoTag.read(body, track: track)
        switch video {
        case .sequenceHeader(let payload, _), .picture(let payload, _, _, _): check(payload, body, inVideo)
        case .endOfSequence, .ignored, .unsupported, .broken: break
        }
        let (audio, inAudio) = FLVAudioTag.read(body, track: track)
        switch audio {
        case .sequenceHeader(let payload, _), .frame(let payload, _): check(payload, body, inAudio)
        case .ignored, .unsupported, .broken: break
        }
    }
    return 0
}

private func check(_ payload: ByteBuffer, _ body: ByteBuffer, _ extras: FLVExtras) {
    precondition(payload.readableBytes < body.readableBytes && extras.nanoseconds < 1_000_000)
    // Of several tracks, the last one ends the body; one that is empty adds nothing to it.
    guard extras.others == 0 else { return }
    precondition(
        body.readableBytesView.suffix(payload.readableBytes).elementsEqual(payload.readableBytesView),
        "the payload is not the body's end")
}

@_cdecl("FuzzFLV_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
