import CFuzzer
import Codecs
import Media
import NIOCore
import Synchronization

/// What the feed's thread pulls: the input, in pieces of an SRT message or less.
private final class Bytes: Sendable {
    private let place = Mutex(0)
    private let bytes: [UInt8]
    private let piece: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        piece = 1 + Int(bytes.last ?? 0) * 188 % 1316
    }

    func take(_ room: UnsafeMutableRawBufferPointer) -> Int {
        place.withLock { place in
            let count = min(room.count, piece, bytes.count - place)
            guard count > 0 else { return 0 }
            room.copyBytes(from: bytes[place..<place + count])
            place += count
            return count
        }
    }
}

/// Any bytes as a transport stream. Every picture is of whole NAL units and comes after its format, every sound after its.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Bytes(Array(UnsafeBufferPointer(start: data, count: size)))
    do {
        var reader = try TransportStreamReader.open { bytes.take($0) }
        var (hasVideo, hasAudio) = (false, false)
        while let event = try reader.next() {
            switch event {
            case .videoFormat(let format):
                hasVideo = true
                precondition(format.parameters.width > 0 && format.parameters.height > 0)
            case .audioFormat: hasAudio = true
            case .video(let unit):
                precondition(hasVideo && NALUnits(unit.payload).isWhole, "a picture cannot be decoded")
                precondition(unit.pts >= unit.dts)
            case .audio: precondition(hasAudio)
            case .metadata, .ended: break
            }
        }
    } catch {
        _ = "\(error)"
    }
    return 0
}

@_cdecl("FuzzTransportStream_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
