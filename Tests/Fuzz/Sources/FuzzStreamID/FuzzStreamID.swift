import CFuzzer
import SRT

/// Any bytes as what an SRT caller asks for, and as an address that a host of ours is given.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self)
    do {
        let streamID = try SRTStreamID(text)
        precondition(!streamID.key.isEmpty && text.utf8.count <= 512, "no key was let in")
        let key = Array(streamID.key.utf8)
        precondition(key.count <= text.utf8.count, "the key is not what was asked for")
        // Asked for in the full form, it is the same stream.
        if !key.contains(UInt8(ascii: ",")), key.count < 490 {
            let again = try SRTStreamID("#!::r=\(streamID.key),m=publish")
            precondition(Array(again.key.utf8) == key, "another key was read")
        }
    } catch {
        precondition(!error.reason.isEmpty)
    }
    if let address = SRTAddress("srt://127.0.0.1:8890?\(text)") {
        precondition(address.port == 8890)
        _ = try? SRTStreamID(address.streamID)
    }
    return 0
}

@_cdecl("FuzzStreamID_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
