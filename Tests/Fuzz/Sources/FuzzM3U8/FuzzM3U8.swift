import CFuzzer
import M3U8
import NIOCore

/// Any bytes as a media playlist, then as a multivariant one. What could be read and was written is read back as the
/// same model, and delta updates of it never trap.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = ByteBuffer(bytes: UnsafeBufferPointer(start: data, count: size))
    // Writing leaves out what cannot be said; the second model has nothing of that kind left.
    if let read = try? MediaPlaylist(parsing: bytes), let plain = try? MediaPlaylist(parsing: text(read)) {
        precondition((try? MediaPlaylist(parsing: text(plain))) == plain, "another media playlist came back")
        if let delta = plain.delta(boundary: 12) { precondition(plain.updated(by: delta) != nil) }
        _ = plain.updated(by: read)
        _ = read.updated(by: plain)
    }
    if let read = try? MultivariantPlaylist(parsing: bytes),
        let plain = try? MultivariantPlaylist(parsing: text(read))
    {
        precondition(
            (try? MultivariantPlaylist(parsing: text(plain))) == plain,
            "another multivariant playlist came back")
    }
    return 0
}

private func text(_ playlist: MediaPlaylist) -> ByteBuffer {
    var buffer = ByteBuffer()
    playlist.write(into: &buffer)
    return buffer
}

private func text(_ playlist: MultivariantPlaylist) -> ByteBuffer {
    var buffer = ByteBuffer()
    playlist.write(into: &buffer)
    return buffer
}

@_cdecl("FuzzM3U8_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
