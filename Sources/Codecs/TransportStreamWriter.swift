import CFFmpeg
import CMediaShims
package import Media
package import NIOCore

/// Muxes H.264 or HEVC and AAC into an MPEG transport stream, as a host's encoder would send it. Nothing is encoded anew. Used by
/// one thread at a time.
package struct TransportStreamWriter: ~Copyable {
    private final class Target {
        var bytes = ByteBuffer()
    }

    private let context: UnsafeMutablePointer<AVFormatContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let target: Target

    /// Throws `CodecFault` where libav cannot mux this.
    package static func open(
        video: PictureFormat, audio: AACFormat?
    ) throws(CodecFault) -> TransportStreamWriter {
        MediaLog.silence()
        let target = Target()
        var context: UnsafeMutablePointer<AVFormatContext>?
        try check(
            "avformat_alloc_output_context2", avformat_alloc_output_context2(&context, nil, "mpegts", nil))
        let opened = try made("avformat_alloc_output_context2", context)
        do throws(CodecFault) {
            try MovieFileWriter.addVideo(video, to: opened)
            if let audio { try MovieFileWriter.addAudio(audio, to: opened) }
            // The tag is MP4's; a transport stream has none.
            opened.pointee.streams[0]?.pointee.codecpar.pointee.codec_tag = 0
            let size = 188 * 7
            let room = try made("av_malloc", av_malloc(size))
            let io = avio_alloc_context(
                room.assumingMemoryBound(to: UInt8.self), Int32(size), 1,
                Unmanaged.passUnretained(target).toOpaque(), nil,
                { opaque, bytes, count in
                    guard let opaque, let bytes, count > 0 else { return 0 }
                    Unmanaged<Target>.fromOpaque(opaque).takeUnretainedValue().bytes
                        .writeBytes(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
                    return count
                }, nil)
            guard io != nil else {
                av_free(room)
                throw .unavailable("avio_alloc_context")
            }
            opened.pointee.pb = io
            opened.pointee.flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_FLUSH_PACKETS
            try check("avformat_write_header", avformat_write_header(opened, nil))
            return TransportStreamWriter(
                context: opened, packet: try made("av_packet_alloc", av_packet_alloc()), target: target)
        } catch {
            free(opened)
            throw error
        }
    }

    private static func free(_ context: UnsafeMutablePointer<AVFormatContext>) {
        var io = context.pointee.pb
        if let made = io { av_freep(&made.pointee.buffer) }
        avio_context_free(&io)
        avformat_free_context(context)
    }

    private init(
        context: UnsafeMutablePointer<AVFormatContext>, packet: UnsafeMutablePointer<AVPacket>, target: Target
    ) {
        self.context = context
        self.packet = packet
        self.target = target
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
        TransportStreamWriter.free(context)
    }

    /// The bytes that one more unit makes: whole packets of 188 bytes. Units come in the order in which they are sent.
    package mutating func write(_ unit: AccessUnit) throws(CodecFault) -> ByteBuffer {
        let index = unit.kind == .video ? 0 : 1
        guard index < Int(context.pointee.nb_streams), let stream = context.pointee.streams[index] else {
            return ByteBuffer()
        }
        guard try MovieFileWriter.fill(packet, with: unit, offset: .zero, for: stream) else {
            return ByteBuffer()
        }
        try check("av_write_frame", av_write_frame(context, packet))
        av_packet_unref(packet)
        avio_flush(context.pointee.pb)
        defer { target.bytes = ByteBuffer() }
        return target.bytes
    }
}
