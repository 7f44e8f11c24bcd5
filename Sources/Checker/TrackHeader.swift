import CMAF
import Media
import NIOCore

/// A track of an init section: what is needed to judge playlists and fragments, of any format.
struct TrackHeader: Hashable, Sendable {
    var id: UInt32 = 0
    /// `vide`, `soun`, `text`, …
    var handler = ""
    var timescale: UInt32 = 0
    /// The sample entry's type: `avc1`, `mp4a`, …
    var entry = ""
    /// As CODECS should say it; nil where the format is not known here.
    var codec: String?
    var width = 0
    var height = 0
    var framesPerSecond: Double?
    /// `trex`.
    var duration: UInt32 = 0
    var size: UInt32 = 0
    var flags: UInt32 = 0

    var isVideo: Bool { handler == "vide" }
    var isAudio: Bool { handler == "soun" }
}

/// An init section as it was read.
struct InitReading: Sendable {
    let brands: [String]
    let tracks: [TrackHeader]

    /// Throws where what every player needs is absent: `ftyp`, `moov`, a track with its media, `mvex`.
    init(_ bytes: ByteBuffer) throws(CMAFFault) {
        var file = BoxReader(bytes)
        var fields = try file.required("ftyp").body
        var brands: [String] = []
        var index = 0
        while index < 64, let brand = fields.readInteger(as: UInt32.self) {
            // The second field is the minor version.
            if index != 1 { brands.append(BoxType(rawValue: brand).description) }
            index += 1
        }
        let moov = try file.required("moov")
        var tracks: [TrackHeader] = []
        var boxes = moov.children
        while let box = try boxes.next() {
            guard box.type == "trak", tracks.count < 16 else { continue }
            tracks.append(try InitReading.track(box))
        }
        guard !tracks.isEmpty else { throw .missing("trak") }
        var extends = try moov.child("mvex").children
        while let box = try extends.next() {
            guard box.type == "trex" else { continue }
            let words = box.words
            guard words.count >= 6 else { throw .truncated("trex") }
            for index in tracks.indices where tracks[index].id == words[1] {
                tracks[index].duration = words[3]
                tracks[index].size = words[4]
                tracks[index].flags = words[5]
            }
        }
        self.brands = brands
        self.tracks = tracks
    }

    private static func track(_ trak: BoxReader.Box) throws(CMAFFault) -> TrackHeader {
        var track = TrackHeader()
        let tkhd = try trak.child("tkhd").words
        guard let first = tkhd.first, tkhd.count > 5 else { throw .truncated("tkhd") }
        track.id = first >> 24 == 1 ? tkhd[5] : tkhd[3]
        let mdia = try trak.child("mdia")
        let mdhd = try mdia.child("mdhd").words
        guard let head = mdhd.first, mdhd.count > 5 else { throw .truncated("mdhd") }
        track.timescale = head >> 24 == 1 ? mdhd[5] : mdhd[3]
        guard track.timescale > 0 else { throw .malformed("mdhd") }
        let hdlr = try mdia.child("hdlr").words
        guard hdlr.count > 2 else { throw .truncated("hdlr") }
        track.handler = BoxType(rawValue: hdlr[2]).description
        var stsd = try mdia.child("minf").child("stbl").child("stsd").body
        guard stsd.readSlice(length: 8) != nil else { throw .truncated("stsd") }
        var entries = BoxReader(stsd, in: "stsd")
        guard let entry = try entries.next() else { throw .missing("stsd") }
        track.entry = entry.type.description
        if track.isVideo { try readPicture(entry, into: &track) }
        if track.isAudio { try readSound(entry, into: &track) }
        return track
    }

    private static func readPicture(_ entry: BoxReader.Box, into track: inout TrackHeader) throws(CMAFFault) {
        var fields = entry.body
        guard fields.readSlice(length: 24) != nil,
            let (width, height) = fields.readMultipleIntegers(as: (UInt16, UInt16).self),
            fields.readSlice(length: 50) != nil
        else { throw .truncated(entry.type) }
        track.width = Int(width)
        track.height = Int(height)
        guard track.entry == "avc1" || track.entry == "avc3" else {
            track.codec = nil
            return
        }
        var boxes = BoxReader(fields, in: entry.type)
        let record = Array(try boxes.required("avcC").body.readableBytesView)
        guard record.count >= 7 else { throw .truncated("avcC") }
        track.codec = "\(track.entry)." + record[1...3].map(hexadecimal).joined()
        guard let format = try? AVCFormat(record: record) else { throw .malformed("avcC") }
        track.width = format.parameters.width
        track.height = format.parameters.height
        track.framesPerSecond = format.parameters.frameRate?.framesPerSecond
    }

    private static func readSound(_ entry: BoxReader.Box, into track: inout TrackHeader) throws(CMAFFault) {
        guard track.entry == "mp4a" else {
            let known = ["Opus", "fLaC", "ac-3", "ec-3"]
            track.codec = known.contains(track.entry) ? track.entry : nil
            return
        }
        var fields = entry.body
        guard let head = fields.readSlice(length: 28),
            let version = head.getInteger(at: head.readerIndex + 8, as: UInt16.self)
        else { throw .truncated("mp4a") }
        // QuickTime's version 1 has four more fields.
        if version == 1, fields.readSlice(length: 16) == nil { throw .truncated("mp4a") }
        var boxes = BoxReader(fields, in: entry.type)
        var esds = try boxes.required("esds").body
        guard esds.readSlice(length: 4) != nil, let type = objectType(&esds) else { throw .malformed("esds") }
        track.codec = type
    }

    /// `mp4a.40.2` and the like from the descriptors of an `esds` (ISO/IEC 14496-1, 8.3.3).
    private static func objectType(_ esds: inout ByteBuffer) -> String? {
        while let tag = esds.readInteger(as: UInt8.self) {
            var length = 0
            for _ in 0..<4 {
                guard let byte = esds.readInteger(as: UInt8.self) else { return nil }
                length = length << 7 | Int(byte & 0x7F)
                if byte & 0x80 == 0 { break }
            }
            switch tag {
            case 3:
                guard esds.readSlice(length: 2) != nil, let flags = esds.readInteger(as: UInt8.self) else {
                    return nil
                }
                if flags & 0x80 != 0, esds.readSlice(length: 2) == nil { return nil }
            case 4:
                guard let indication = esds.readInteger(as: UInt8.self), esds.readSlice(length: 12) != nil
                else {
                    return nil
                }
                if indication != 0x40 { return "mp4a.\(hexadecimal(indication))" }
            case 5:
                guard let config = esds.readSlice(length: length),
                    let format = AACFormat(config: Array(config.readableBytesView))
                else { return nil }
                return format.codecs
            default: return nil
            }
        }
        return nil
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

extension BoxReader.Box {
    /// The body as 32-bit numbers, the version and flags first; at most 32 of them.
    var words: [UInt32] {
        var body = body
        var words: [UInt32] = []
        while words.count < 32, let word = body.readInteger(as: UInt32.self) { words.append(word) }
        return words
    }
}
