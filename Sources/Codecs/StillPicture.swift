import CFFmpeg
import CMediaShims
import Glibc

/// Reads one picture out of a PNG, JPEG or WebP.
package enum StillPicture {
    /// Bytes of a file that is read, at most.
    package static let limit = 16 << 20

    /// Reads a file. Throws `CodecFault` where it is none of the three, too large, or cannot be read.
    package static func read(path: String) throws(CodecFault) -> Picture {
        guard let file = fopen(path, "rb") else { throw .unsupported("\(path) cannot be opened") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard count <= limit else { throw .unsupported("\(path) is larger than \(limit >> 20) MiB") }
        return try read(Array(bytes[..<count]))
    }

    /// Decodes a whole PNG, JPEG or WebP. Throws `CodecFault` where it is none of them, damaged, or of more than `pixels`:
    /// what would be larger than 8K is no slate.
    package static func read(_ bytes: [UInt8], pixels: Int = 8192 * 8192) throws(CodecFault) -> Picture {
        MediaLog.silence()
        let kind: AVCodecID
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            kind = AV_CODEC_ID_PNG
        } else if bytes.starts(with: [0xFF, 0xD8]) {
            kind = AV_CODEC_ID_MJPEG
        } else if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8))
        {
            kind = AV_CODEC_ID_WEBP
        } else {
            throw .unsupported("the picture is neither a PNG nor a JPEG nor a WebP")
        }
        let codec = try made("avcodec_find_decoder", avcodec_find_decoder(kind))
        var context: UnsafeMutablePointer<AVCodecContext>? = try made(
            "avcodec_alloc_context3", avcodec_alloc_context3(codec))
        defer { avcodec_free_context(&context) }
        // One thread gives the picture back at once.
        context?.pointee.thread_count = 1
        context?.pointee.max_pixels = Int64(pixels)
        try check("avcodec_open2", avcodec_open2(context, codec, nil))
        var packet: UnsafeMutablePointer<AVPacket>? = try made("av_packet_alloc", av_packet_alloc())
        defer { av_packet_free(&packet) }
        try check("av_new_packet", av_new_packet(packet, Int32(bytes.count)))
        packet?.pointee.data.update(from: bytes, count: bytes.count)
        try check("avcodec_send_packet", avcodec_send_packet(context, packet))
        try check("avcodec_send_packet", avcodec_send_packet(context, nil))
        let frame = try made("av_frame_alloc", av_frame_alloc())
        let picture = Picture(adopting: frame)
        try check("avcodec_receive_frame", avcodec_receive_frame(context, frame))
        frame.pointee.pts = 0
        return picture
    }
}
