import CFuzzer
import Media
import NIOCore
import RTMP

/// Any bytes as an FLV tag's body, first as video, then as audio. A payload is a part of the body, and where it is a
/// sequence header, it is read as one.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let body = ByteBuffer(bytes: UnsafeBufferPointer(start: data, count: size))
    for track in [nil, body.readableBytesView.last] {
        let (video, inVideo) = FLVVideoTag.read(body, track: track)
        switch video {
        case .sequenceHeader(let payload, let codec):
            check(payload, body, inVideo)
            read(Array(payload.readableBytesView), codec)
        case .picture(let payload, _, _, _): check(payload, body, inVideo)
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

/// What can be read has a size, and is written so that it is read again alike.
private func read(_ record: [UInt8], _ codec: VideoCodec) {
    switch codec {
    case .avc:
        guard let format = try? AVCFormat(record: record) else { return }
        precondition(format.parameters.width > 0 && (try? AVCFormat(record: format.record)) == format)
    case .hevc:
        guard let format = try? HEVCFormat(record: record) else { return }
        precondition(format.parameters.width > 0 && (try? HEVCFormat(record: format.record)) == format)
        precondition(format.codecs.hasPrefix("hvc1."))
    case .av1:
        guard let format = try? AV1Format(record: record) else { return }
        precondition(format.parameters.width > 0 && (try? AV1Format(record: format.record)) == format)
    }
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
