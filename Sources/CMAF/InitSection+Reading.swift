package import Media
package import NIOCore

extension InitSection {
    /// What an init section says of its track.
    package struct Track: Hashable, Sendable {
        package let id: UInt32
        package let format: TrackFormat
        /// Ticks in a second.
        package let timescale: UInt32
        /// Brands that the file type box names, the major one first.
        package let brands: [String]
        /// An edit list shifts the presentation; ours never have one.
        package let hasEdits: Bool
        /// `trex`: what holds for samples of which a fragment says nothing.
        let defaults: SampleDefaults
    }

    /// Duration, size and flags of samples of which nothing nearer is said.
    struct SampleDefaults: Hashable, Sendable {
        var duration: UInt32 = 0
        var size: UInt32 = 0
        var flags: UInt32 = 0
    }

    /// Reads an init section of exactly one video or audio track.
    package static func read(_ bytes: ByteBuffer) throws(CMAFFault) -> Track {
        var file = BoxReader(bytes)
        var brandFields = try file.required("ftyp").body
        guard let major = brandFields.readInteger(as: UInt32.self),
            brandFields.readInteger(as: UInt32.self) != nil
        else { throw .truncated("ftyp") }
        var brands = [BoxType(rawValue: major).description]
        while brands.count < 64, let brand = brandFields.readInteger(as: UInt32.self) {
            brands.append(BoxType(rawValue: brand).description)
        }
        let moov = try file.required("moov")
        var trak: BoxReader.Box?
        var boxes = moov.children
        while let box = try boxes.next() {
            guard box.type == "trak" else { continue }
            guard trak == nil else { throw .unsupported("trak") }
            trak = box
        }
        guard let trak else { throw .missing("trak") }
        let id = try trackID(trak)
        let mdia = try trak.child("mdia")
        let timescale = try timescale(mdia)
        let stbl = try mdia.child("minf").child("stbl")
        var entries = try stbl.child("stsd").children(afterFullHeaderAnd: 4)
        guard let entry = try entries.next() else { throw .missing("stsd") }
        let format = try SampleEntry.read(entry)
        let handler = try handler(mdia)
        switch format {
        case .avc: guard handler == "vide" else { throw .malformed("hdlr") }
        case .aac: guard handler == "soun" else { throw .malformed("hdlr") }
        }
        var edits = trak.children
        return Track(
            id: id, format: format, timescale: timescale, brands: brands,
            hasEdits: try edits.first("edts") != nil, defaults: try defaults(moov, track: id))
    }

    private static func trackID(_ trak: BoxReader.Box) throws(CMAFFault) -> UInt32 {
        var (version, _, fields) = try trak.child("tkhd").fullBody()
        guard fields.readSlice(length: version == 1 ? 16 : 8) != nil else { throw .truncated("tkhd") }
        return try fields.take(UInt32.self, of: "tkhd")
    }

    private static func timescale(_ mdia: BoxReader.Box) throws(CMAFFault) -> UInt32 {
        var (version, _, fields) = try mdia.child("mdhd").fullBody()
        guard fields.readSlice(length: version == 1 ? 16 : 8) != nil else { throw .truncated("mdhd") }
        let timescale = try fields.take(UInt32.self, of: "mdhd")
        guard timescale > 0 else { throw .malformed("mdhd") }
        return timescale
    }

    private static func handler(_ mdia: BoxReader.Box) throws(CMAFFault) -> BoxType {
        var (_, _, fields) = try mdia.child("hdlr").fullBody()
        _ = try fields.take(UInt32.self, of: "hdlr")
        return BoxType(rawValue: try fields.take(UInt32.self, of: "hdlr"))
    }

    private static func defaults(_ moov: BoxReader.Box, track: UInt32) throws(CMAFFault) -> SampleDefaults {
        var boxes = try moov.child("mvex").children
        while let box = try boxes.next() {
            guard box.type == "trex" else { continue }
            var (_, _, fields) = try box.fullBody()
            guard try fields.take(UInt32.self, of: "trex") == track else { continue }
            _ = try fields.take(UInt32.self, of: "trex")
            return SampleDefaults(
                duration: try fields.take(UInt32.self, of: "trex"),
                size: try fields.take(UInt32.self, of: "trex"),
                flags: try fields.take(UInt32.self, of: "trex"))
        }
        throw .missing("trex")
    }
}
