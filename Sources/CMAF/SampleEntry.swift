import Media
import NIOCore

/// The entries of an `stsd` box: how a track's samples are coded.
enum SampleEntry {
    /// Bytes of a visual entry before the boxes in it (ISO/IEC 14496-12, 12.1.3).
    private static let visualFields = 78
    /// The same of an audio entry of version 0 (12.2.3).
    private static let audioFields = 28

    /// `avc1`: parameter sets are in the entry only (ISO/IEC 14496-15, 5.4.2).
    static func write(_ format: AVCFormat, into buffer: inout ByteBuffer) {
        let picture = format.parameters
        buffer.writeBox("avc1") { entry in
            entry.writeRepeatingByte(0, count: 6)
            entry.writeInteger(UInt16(1))  // data reference
            entry.writeRepeatingByte(0, count: 16)
            entry.writeMultipleIntegers(UInt16(clamping: picture.width), UInt16(clamping: picture.height))
            entry.writeMultipleIntegers(UInt32(0x48_0000), UInt32(0x48_0000), UInt32(0))  // 72 dpi
            entry.writeInteger(UInt16(1))  // frames in a sample
            entry.writeRepeatingByte(0, count: 32)
            entry.writeMultipleIntegers(UInt16(24), UInt16(0xFFFF))
            entry.writeBox("avcC") { $0.writeBytes(format.record) }
            let aspect = picture.pixelAspect
            if aspect.width != aspect.height {
                entry.writeBox("pasp") {
                    $0.writeMultipleIntegers(UInt32(clamping: aspect.width), UInt32(clamping: aspect.height))
                }
            }
        }
    }

    /// `mp4a` with its `esds` (ISO/IEC 14496-14, 5.6).
    static func write(_ format: AACFormat, into buffer: inout ByteBuffer) {
        buffer.writeBox("mp4a") { entry in
            entry.writeRepeatingByte(0, count: 6)
            entry.writeInteger(UInt16(1))
            entry.writeInteger(UInt64(0))
            entry.writeMultipleIntegers(UInt16(clamping: format.channels), UInt16(16), UInt32(0))
            // 16.16 fixed point: rates that do not fit are left to the decoder's configuration.
            entry.writeInteger(format.sampleRate < 0x10000 ? UInt32(format.sampleRate) << 16 : 0)
            entry.writeFullBox("esds") { box in
                box.writeDescriptor(3) { stream in
                    stream.writeInteger(UInt16(0))  // ES_ID, 0 in files
                    stream.writeInteger(UInt8(0))
                    stream.writeDescriptor(4) { decoder in
                        // MPEG-4 audio; an audio stream; buffer size and bit rates unknown.
                        decoder.writeMultipleIntegers(
                            UInt8(0x40), UInt8(0x15), UInt8(0), UInt16(0), UInt64(0))
                        decoder.writeDescriptor(5) { $0.writeBytes(format.config) }
                    }
                    stream.writeDescriptor(6) { $0.writeInteger(UInt8(2)) }
                }
            }
        }
    }

    /// Reads the first entry of an `stsd` box's list.
    static func read(_ entry: BoxReader.Box) throws(CMAFFault) -> TrackFormat {
        switch entry.type {
        case "avc1", "avc3":
            var boxes = try boxes(of: entry, after: visualFields)
            let record = try boxes.required("avcC").body
            do throws(AVCFormat.Fault) {
                return .avc(try AVCFormat(record: Array(record.readableBytesView)))
            } catch .unsupportedLengthSize {
                throw .unsupported("avcC")
            } catch {
                throw .malformed("avcC")
            }
        case "mp4a":
            var fields = entry.body
            fields.moveReaderIndex(forwardBy: min(8, fields.readableBytes))
            guard let version = fields.readInteger(as: UInt16.self) else { throw .truncated("mp4a") }
            guard version == 0 else { throw .unsupported("mp4a") }
            var boxes = try boxes(of: entry, after: audioFields)
            let esds = try boxes.required("esds").body
            guard let config = decoderConfig(inESDS: esds) else { throw .malformed("esds") }
            guard let format = AACFormat(config: config) else { throw .unsupported("esds") }
            return .aac(format)
        default: throw .unsupported(entry.type)
        }
    }

    private static func boxes(of entry: BoxReader.Box, after fields: Int) throws(CMAFFault) -> BoxReader {
        var body = entry.body
        guard body.readableBytes >= fields else { throw .truncated(entry.type) }
        body.moveReaderIndex(forwardBy: fields)
        return BoxReader(body, in: entry.type)
    }

    /// The AudioSpecificConfig inside an `esds` box; nil where there is none.
    private static func decoderConfig(inESDS box: ByteBuffer) -> [UInt8]? {
        var box = box
        guard box.readInteger(as: UInt32.self) != nil, var stream = descriptor(3, in: &box),
            stream.readInteger(as: UInt16.self) != nil, let flags = stream.readInteger(as: UInt8.self)
        else { return nil }
        if flags & 0x80 != 0 { guard stream.readInteger(as: UInt16.self) != nil else { return nil } }
        if flags & 0x40 != 0 {
            guard let length = stream.readInteger(as: UInt8.self),
                stream.readSlice(length: Int(length)) != nil
            else { return nil }
        }
        if flags & 0x20 != 0 { guard stream.readInteger(as: UInt16.self) != nil else { return nil } }
        guard var decoder = descriptor(4, in: &stream), decoder.readInteger(as: UInt8.self) == 0x40,
            decoder.readSlice(length: 12) != nil, let config = descriptor(5, in: &decoder)
        else { return nil }
        return Array(config.readableBytesView)
    }

    /// The next descriptor, if it has this tag and all its bytes.
    private static func descriptor(_ tag: UInt8, in buffer: inout ByteBuffer) -> ByteBuffer? {
        guard buffer.readInteger(as: UInt8.self) == tag else { return nil }
        var length = 0
        for _ in 0..<4 {
            guard let byte = buffer.readInteger(as: UInt8.self) else { return nil }
            length = length << 7 | Int(byte & 0x7F)
            if byte & 0x80 == 0 { return buffer.readSlice(length: length) }
        }
        return nil
    }
}
