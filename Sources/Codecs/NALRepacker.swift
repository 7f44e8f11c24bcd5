import Media
import NIOCore

/// Turns a file's H.264 or HEVC, Annex B or length-prefixed, into units of four-byte lengths, and finds its parameter sets.
struct NALRepacker {
    /// Picture parameter sets that are kept; who sends more sends garbage.
    private static let mostSets = 64

    let codec: VideoCodec
    /// Bytes of a length in the file; nil for Annex B.
    private let lengthSize: Int?
    private var vps: [[UInt8]] = []
    private var sps: [[UInt8]] = []
    private var pps: [[UInt8]] = []
    private var format: PictureFormat?
    private var isNew = false

    /// `extradata` is an avcC or hvcC record, Annex B parameter sets, or empty.
    init(codec: VideoCodec, extradata: [UInt8]) throws(CodecFault) {
        self.codec = codec
        let lengthAt = codec == .hevc ? 21 : 4
        guard extradata.count >= lengthAt + 3, extradata[0] == 1 else {
            lengthSize = nil
            var unused = ByteBuffer()
            extradata.withUnsafeBytes { NALRepacker.eachStartCode($0) { remember($0, &unused) } }
            return
        }
        lengthSize = Int(extradata[lengthAt] & 3) + 1
        var normal = extradata
        normal[lengthAt] |= 3
        do {
            format =
                codec == .hevc ? .hevc(try HEVCFormat(record: normal)) : .avc(try AVCFormat(record: normal))
            isNew = true
        } catch {
            throw .unsupported("the file's \(codec.name) parameter sets cannot be read: \(error)")
        }
    }

    /// The parameter sets, where they were found or have changed since the last call.
    mutating func takeNewFormat() -> PictureFormat? {
        defer { isNew = false }
        return isNew ? format : nil
    }

    /// One unit of the file as four-byte lengths and NAL units, parameter sets left out where they are in band.
    mutating func repack(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer {
        var output = ByteBufferAllocator().buffer(capacity: bytes.count + 16)
        guard let lengthSize else {
            NALRepacker.eachStartCode(bytes) { remember($0, &output) }
            return output
        }
        if lengthSize == 4 {
            output.writeBytes(bytes)
            return output
        }
        var reader = 0
        while reader + lengthSize <= bytes.count {
            let length = bytes[reader..<reader + lengthSize].reduce(0) { $0 << 8 | Int($1) }
            reader += lengthSize
            guard length > 0, reader + length <= bytes.count else { break }
            output.writeInteger(UInt32(length))
            output.writeBytes(bytes[reader..<reader + length])
            reader += length
        }
        return output
    }

    private mutating func remember(_ unit: Slice<UnsafeRawBufferPointer>, _ output: inout ByteBuffer) {
        guard let header = unit.first else { return }
        let type = codec == .hevc ? header >> 1 & 0x3F : header & 0x1F
        switch (codec, type) {
        case (.hevc, HEVCFormat.Kind.video):
            let set = Array(unit)
            if vps != [set] { (vps, sps, pps) = ([set], [], []) }
        case (.hevc, HEVCFormat.Kind.sequence), (.avc, 7):
            let set = Array(unit)
            if sps != [set] { (sps, pps) = ([set], []) }
        case (.hevc, HEVCFormat.Kind.picture), (.avc, 8):
            let set = Array(unit)
            if !pps.contains(set) {
                if pps.count >= NALRepacker.mostSets { pps = [] }
                pps.append(set)
                adopt()
            }
        // Access unit delimiters.
        case (.hevc, 35), (.avc, 9): break
        default:
            output.writeInteger(UInt32(unit.count))
            output.writeBytes(unit)
        }
    }

    private mutating func adopt() {
        let next: PictureFormat?
        if codec == .hevc {
            next = (try? HEVCFormat(vps: vps, sps: sps, pps: pps)).map { .hevc($0) }
        } else {
            next = (try? AVCFormat(sps: sps, pps: pps)).map { .avc($0) }
        }
        guard let next, next != format else { return }
        format = next
        isNew = true
    }

    private static func eachStartCode(
        _ bytes: UnsafeRawBufferPointer, _ body: (Slice<UnsafeRawBufferPointer>) -> Void
    ) {
        var start: Int?
        var index = 0
        func end(_ limit: Int) {
            guard let from = start else { return }
            var to = limit
            while to > from && bytes[to - 1] == 0 { to -= 1 }
            if to > from { body(bytes[from..<to]) }
        }
        while index + 2 < bytes.count {
            if bytes[index] == 0 && bytes[index + 1] == 0 && bytes[index + 2] == 1 {
                end(index)
                start = index + 3
                index += 3
            } else {
                index += 1
            }
        }
        end(bytes.count)
    }
}

/// The header of an AAC frame in a transport stream (ISO/IEC 14496-3, 1.A.2).
struct ADTSHeader {
    let size: Int
    /// Bytes of the whole frame, the header's own among them.
    let frameSize: Int
    /// The AudioSpecificConfig that says the same.
    let config: [UInt8]

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 7, bytes[0] == 0xFF, bytes[1] & 0xF6 == 0xF0 else { return nil }
        size = bytes[1] & 1 == 1 ? 7 : 9
        guard bytes.count > size else { return nil }
        frameSize = Int(bytes[3] & 3) << 11 | Int(bytes[4]) << 3 | Int(bytes[5]) >> 5
        let type = bytes[2] >> 6 + 1
        let rate = bytes[2] >> 2 & 0xF
        let channels = (bytes[2] & 1) << 2 | bytes[3] >> 6
        config = [type << 3 | rate >> 1, (rate & 1) << 7 | channels << 3]
    }
}
