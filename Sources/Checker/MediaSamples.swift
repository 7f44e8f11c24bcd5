import CMAF
import NIOCore

/// A sample of a fragment: where it is in time, and what its bytes are, without the bytes.
struct SampleMark: Hashable, Sendable {
    /// In the track's timescale.
    let time: Int64
    let offset: Int32
    let duration: UInt32
    let size: UInt32
    /// The sample's flags say that decoding can start here.
    let isSync: Bool
    /// The picture is an IDR picture; nil for what is no H.264 or H.265.
    let isIDR: Bool?
    let hash: UInt64
}

/// The samples of fragments, by track.
struct MediaSamples: Sendable {
    var tracks: [UInt32: [SampleMark]] = [:]

    private static let most = 262_144

    /// Reads fragments with one or several tracks; other boxes are passed over.
    ///
    /// Where `allowsCut`, the bytes may end within the last `mdat`, as an I-frame playlist's ranges do.
    init(_ bytes: ByteBuffer, of tracks: [TrackHeader], allowsCut: Bool = false) throws(CMAFFault) {
        var place = 0
        var hasFragment = false
        while place < bytes.readableBytes {
            guard let size32 = bytes.getInteger(at: bytes.readerIndex + place, as: UInt32.self),
                let code = bytes.getInteger(at: bytes.readerIndex + place + 4, as: UInt32.self)
            else { throw .truncated("file") }
            let type = BoxType(rawValue: code)
            var size = Int(size32)
            if size32 == 1 {
                let large = bytes.getInteger(at: bytes.readerIndex + place + 8, as: UInt64.self) ?? 0
                guard let whole = Int(exactly: large), whole >= 16 else { throw .malformed(type) }
                size = whole
            } else if size32 == 0 {
                size = bytes.readableBytes - place
            }
            guard size >= 8 else { throw .malformed(type) }
            let isCut = size > bytes.readableBytes - place
            if isCut, !(allowsCut && type == "mdat") { throw .truncated(type) }
            if type == "moof", let slice = bytes.getSlice(at: bytes.readerIndex + place, length: size) {
                hasFragment = true
                var reader = BoxReader(slice)
                try read(
                    try reader.required("moof"), at: place, of: bytes, tracks: tracks, allowsCut: allowsCut)
            }
            if isCut { break }
            place += size
        }
        guard hasFragment else { throw .missing("moof") }
    }

    private mutating func read(
        _ moof: BoxReader.Box, at start: Int, of bytes: ByteBuffer, tracks headers: [TrackHeader],
        allowsCut: Bool
    ) throws(CMAFFault) {
        var boxes = moof.children
        var hasTrack = false
        while let traf = try boxes.next() {
            guard traf.type == "traf" else { continue }
            hasTrack = true
            let words = try traf.child("tfhd").words
            guard words.count >= 2 else { throw .truncated("tfhd") }
            guard let header = headers.first(where: { $0.id == words[1] }) else { throw .malformed("tfhd") }
            var field = 2
            func take() throws(CMAFFault) -> UInt32 {
                guard field < words.count else { throw .truncated("tfhd") }
                defer { field += 1 }
                return words[field]
            }
            let flags = words[0] & 0xFFFFFF
            // An absolute place in a file says nothing about a fragment on its own.
            if flags & 0x1 != 0 { field += 2 }
            if flags & 0x2 != 0 { field += 1 }
            var defaults = (duration: header.duration, size: header.size, flags: header.flags)
            if flags & 0x8 != 0 { defaults.duration = try take() }
            if flags & 0x10 != 0 { defaults.size = try take() }
            if flags & 0x20 != 0 { defaults.flags = try take() }
            let tfdt = try traf.child("tfdt").words
            guard tfdt.count >= 2, tfdt[0] >> 24 != 1 || tfdt.count >= 3 else { throw .truncated("tfdt") }
            let start64 = tfdt[0] >> 24 == 1 ? UInt64(tfdt[1]) << 32 | UInt64(tfdt[2]) : UInt64(tfdt[1])
            guard start64 < 1 << 62 else { throw .tooMuch("tfdt") }
            var run = Run(time: Int64(start64), place: start + moof.endOffset + 8)
            var children = traf.children
            while let trun = try children.next() {
                guard trun.type == "trun" else { continue }
                try read(trun, &run, defaults, at: start, of: bytes, header: header, allowsCut: allowsCut)
            }
        }
        guard hasTrack else { throw .missing("traf") }
    }

    private struct Run {
        var time: Int64
        /// From the start of the bytes.
        var place: Int
    }

    private mutating func read(
        _ trun: BoxReader.Box, _ run: inout Run, _ defaults: (duration: UInt32, size: UInt32, flags: UInt32),
        at moof: Int, of bytes: ByteBuffer, header: TrackHeader, allowsCut: Bool
    ) throws(CMAFFault) {
        var fields = trun.body
        func word() throws(CMAFFault) -> UInt32 {
            guard let word = fields.readInteger(as: UInt32.self) else { throw .truncated("trun") }
            return word
        }
        let flags = try word() & 0xFFFFFF
        let count = Int(try word())
        guard count <= MediaSamples.most else { throw .tooMuch("trun") }
        if flags & 0x1 != 0 { run.place = moof + Int(Int32(bitPattern: try word())) }
        let first: UInt32? = flags & 0x4 != 0 ? try word() : nil
        for index in 0..<count {
            let duration = flags & 0x100 != 0 ? try word() : defaults.duration
            let size = flags & 0x200 != 0 ? try word() : defaults.size
            var sampleFlags = flags & 0x400 != 0 ? try word() : defaults.flags
            if index == 0, let first { sampleFlags = first }
            let offset = flags & 0x800 != 0 ? Int32(bitPattern: try word()) : 0
            guard run.place >= 0,
                let payload = bytes.getSlice(at: bytes.readerIndex + run.place, length: Int(size))
            else {
                if allowsCut { return }
                throw .truncated("mdat")
            }
            tracks[header.id, default: []].append(
                SampleMark(
                    time: run.time, offset: offset, duration: duration, size: size,
                    isSync: sampleFlags & 0x1_0000 == 0, isIDR: MediaSamples.isIDR(payload, header),
                    hash: MediaSamples.hash(payload)))
            guard tracks[header.id, default: []].count <= MediaSamples.most else { throw .tooMuch("trun") }
            run.place += Int(size)
            run.time += Int64(duration)
        }
    }

    /// Whether the first coded slice is of an IDR picture.
    private static func isIDR(_ payload: ByteBuffer, _ track: TrackHeader) -> Bool? {
        let isAVC = track.entry == "avc1" || track.entry == "avc3"
        let isHEVC = track.entry == "hvc1" || track.entry == "hev1"
        guard isAVC || isHEVC else { return nil }
        var rest = payload
        while let length = rest.readInteger(as: UInt32.self), let unit = rest.readSlice(length: Int(length)),
            let head = unit.getInteger(at: unit.readerIndex, as: UInt8.self)
        {
            if isAVC {
                if head & 0x1F == 5 { return true }
                if head & 0x1F == 1 { return false }
            } else {
                let type = head >> 1 & 0x3F
                // IRAP pictures: a player may start at any of them.
                if (16...23).contains(type) { return true }
                if type < 16 { return false }
            }
        }
        return false
    }

    /// FNV-1a.
    private static func hash(_ payload: ByteBuffer) -> UInt64 {
        payload.withUnsafeReadableBytes { bytes in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return hash
        }
    }
}

extension [SampleMark] {
    /// When the last sample ends, in the track's timescale.
    var end: Int64? { last.map { $0.time + Int64($0.duration) } }
}
