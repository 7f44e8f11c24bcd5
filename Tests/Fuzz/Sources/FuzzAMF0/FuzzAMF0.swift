import CFuzzer
import NIOCore
import RTMP

/// Any bytes as AMF0 values. What was read is written and read again: the same bytes must come out twice.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var decoder = AMF0Decoder(ByteBuffer(bytes: UnsafeBufferPointer(start: data, count: size)))
    for value in decoder.rest() {
        var written = ByteBuffer()
        written.writeAMF0(value)
        var again = AMF0Decoder(written)
        var rewritten = ByteBuffer()
        for value in again.rest() { rewritten.writeAMF0(value) }
        precondition(written == rewritten, "a value changed on its way")
    }
    return 0
}

@_cdecl("FuzzAMF0_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
