package import Media
package import NIOCore

/// The CMAF header of a track (ISO/IEC 23000-19, 7.3.1): what a player must read once before any fragment.
package enum InitSection {
    /// Ticks in a second of a track's timestamps: 240,000 for video, the sample rate for audio.
    package static func timescale(of format: TrackFormat) -> Int64 {
        switch format {
        case .avc: MediaTime.timescale
        case .aac(let format): Int64(format.sampleRate)
        }
    }

    /// The init section of the one track (ID 1) that fragments of this format belong to.
    ///
    /// It has no edit list: fragments carry signed composition offsets instead.
    package static func make(_ format: TrackFormat) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 1024)
        buffer.writeBox("ftyp") { box in
            for brand: BoxType in ["iso6", "\0\0\0\0", "iso6", "cmfc", "mp41"] {
                box.writeInteger(brand.rawValue)
            }
        }
        buffer.writeBox("moov") { moov in
            writeMovieHeader(timescale: timescale(of: format), into: &moov)
            moov.writeBox("trak") { trak in
                writeTrackHeader(format, into: &trak)
                trak.writeBox("mdia") { writeMedia(format, into: &$0) }
            }
            moov.writeBox("mvex") { mvex in
                mvex.writeFullBox("trex") {
                    $0.writeMultipleIntegers(UInt32(1), UInt32(1), UInt32(0), UInt64(0))
                }
            }
        }
        return buffer
    }

    private static func writeMatrix(into buffer: inout ByteBuffer) {
        for value: UInt32 in [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000] { buffer.writeInteger(value) }
    }

    private static func writeMovieHeader(timescale: Int64, into buffer: inout ByteBuffer) {
        buffer.writeFullBox("mvhd") { box in
            box.writeInteger(UInt64(0))  // created, modified
            box.writeMultipleIntegers(UInt32(clamping: timescale), UInt32(0))
            box.writeMultipleIntegers(UInt32(0x10000), UInt16(0x100), UInt16(0), UInt64(0))
            writeMatrix(into: &box)
            box.writeRepeatingByte(0, count: 24)
            box.writeInteger(UInt32(2))  // the next track's ID
        }
    }

    private static func writeTrackHeader(_ format: TrackFormat, into buffer: inout ByteBuffer) {
        // Enabled, in the movie, in the preview.
        buffer.writeFullBox("tkhd", flags: 7) { box in
            box.writeInteger(UInt64(0))
            box.writeMultipleIntegers(UInt32(1), UInt32(0), UInt32(0), UInt64(0))
            let isAudio = if case .aac = format { true } else { false }
            box.writeMultipleIntegers(UInt16(0), UInt16(0), UInt16(isAudio ? 0x100 : 0), UInt16(0))
            writeMatrix(into: &box)
            let size = shownSize(format)
            box.writeMultipleIntegers(size.width, size.height)
        }
    }

    /// The picture as it is shown, pixels made square, in 16.16 fixed point.
    private static func shownSize(_ format: TrackFormat) -> (width: UInt32, height: UInt32) {
        guard case .avc(let format) = format else { return (0, 0) }
        let picture = format.parameters
        let width = picture.width * picture.pixelAspect.width * 0x10000 / max(1, picture.pixelAspect.height)
        return (UInt32(clamping: width), UInt32(clamping: picture.height * 0x10000))
    }

    private static func writeMedia(_ format: TrackFormat, into mdia: inout ByteBuffer) {
        mdia.writeFullBox("mdhd") { box in
            box.writeInteger(UInt64(0))
            box.writeMultipleIntegers(UInt32(clamping: timescale(of: format)), UInt32(0))
            box.writeMultipleIntegers(UInt16(0x55C4), UInt16(0))  // "und"
        }
        let isVideo = if case .avc = format { true } else { false }
        mdia.writeFullBox("hdlr") { box in
            let handler: BoxType = isVideo ? "vide" : "soun"
            box.writeMultipleIntegers(UInt32(0), handler.rawValue)
            box.writeRepeatingByte(0, count: 12)
            box.writeStaticString(isVideo ? "Video\0" : "Audio\0")
        }
        mdia.writeBox("minf") { minf in
            if isVideo {
                minf.writeFullBox("vmhd", flags: 1) { $0.writeInteger(UInt64(0)) }
            } else {
                minf.writeFullBox("smhd") { $0.writeInteger(UInt32(0)) }
            }
            minf.writeBox("dinf") { dinf in
                dinf.writeFullBox("dref") { dref in
                    dref.writeInteger(UInt32(1))
                    // Flag 1: the media is in the same file.
                    dref.writeFullBox("url ", flags: 1)
                }
            }
            minf.writeBox("stbl") { stbl in
                stbl.writeFullBox("stsd") { stsd in
                    stsd.writeInteger(UInt32(1))
                    switch format {
                    case .avc(let format): SampleEntry.write(format, into: &stsd)
                    case .aac(let format): SampleEntry.write(format, into: &stsd)
                    }
                }
                stbl.writeFullBox("stts") { $0.writeInteger(UInt32(0)) }
                stbl.writeFullBox("stsc") { $0.writeInteger(UInt32(0)) }
                stbl.writeFullBox("stsz") { $0.writeInteger(UInt64(0)) }
                stbl.writeFullBox("stco") { $0.writeInteger(UInt32(0)) }
            }
        }
    }
}
