import CFFmpeg
import CMediaShims
package import Media
import NIOCore

/// Coded units in, pictures out, in display order; used by one thread at a time.
package struct VideoDecoder: ~Copyable {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>

    private init(context: UnsafeMutablePointer<AVCodecContext>, packet: UnsafeMutablePointer<AVPacket>) {
        self.context = context
        self.packet = packet
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        avcodec_free_context(&context)
        av_packet_free(&packet)
        MediaHeap.codecWasClosed()
    }

    /// `reorderDepth` is how many pictures the stream is known to hold back: at 0 each picture comes out at once.
    /// A rough decoder leaves out the loop filter: good enough to look at, and cheaper.
    /// Throws `CodecFault` where libavcodec refuses.
    package static func open(
        _ format: PictureFormat, reorderDepth: Int, threads: Int = 1, isRough: Bool = false
    ) throws(CodecFault) -> VideoDecoder {
        MediaLog.silence()
        let codec = try made("avcodec_find_decoder", avcodec_find_decoder(format.codec.identifier))
        let context = try made("avcodec_alloc_context3", avcodec_alloc_context3(codec))
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        do throws(CodecFault) {
            let record = format.record
            let size = record.count
            let extra = try made("av_mallocz", av_mallocz(size + Int(AV_INPUT_BUFFER_PADDING_SIZE)))
            extra.copyMemory(from: record, byteCount: size)
            context.pointee.extradata = extra.assumingMemoryBound(to: UInt8.self)
            context.pointee.extradata_size = Int32(size)
            context.pointee.thread_count = Int32(threads)
            // A few bytes may promise a picture of a gigabyte.
            context.pointee.max_pixels = 8192 * 4352
            if isRough { context.pointee.skip_loop_filter = AVDISCARD_ALL }
            // H.264 streams mostly do not say how many pictures they hold back; the others do.
            if format.codec == .avc {
                context.pointee.has_b_frames = Int32(reorderDepth)
                if reorderDepth == 0 { context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY }
            } else if format.codec == .av1 {
                context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY
            }
            try check("avcodec_open2", avcodec_open2(context, codec, nil))
            let packet = try made("av_packet_alloc", av_packet_alloc())
            return VideoDecoder(context: context, packet: packet)
        } catch {
            avcodec_free_context(&owned)
            throw error
        }
    }

    /// Decodes one unit and hands on what has become ready; each picture carries the pts of its own unit.
    /// Throws `CodecFault` on a damaged unit; the next one may be fine.
    package func decode(_ unit: AccessUnit, _ emit: (Picture) -> Void) throws(CodecFault) {
        let (context, packet) = (context, packet)
        let code = unit.payload.withUnsafeReadableBytes { bytes -> Int32 in
            guard let base = bytes.baseAddress, bytes.count <= Int(Int32.max) - 4096 else { return 0 }
            // The packet owns no buffer, so libavcodec copies it, with the padding that its readers need.
            packet.pointee.data = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
            packet.pointee.size = Int32(bytes.count)
            packet.pointee.pts = unit.pts.ticks
            packet.pointee.dts = unit.dts.ticks
            packet.pointee.flags = unit.isSync ? AV_PKT_FLAG_KEY : 0
            let code = avcodec_send_packet(context, packet)
            packet.pointee.data = nil
            packet.pointee.size = 0
            return code
        }
        let sent = code
        try receive(emit)
        try check("avcodec_send_packet", sent)
    }

    /// Decodes one key frame by itself: its picture comes out at once, whatever the stream would hold back.
    /// Throws `CodecFault` on a damaged unit; the next one may be fine.
    package func decodeAlone(_ unit: AccessUnit, _ emit: (Picture) -> Void) throws(CodecFault) {
        defer { avcodec_flush_buffers(context) }
        try decode(unit, emit)
        try drain(emit)
    }

    /// Hands on all that is still inside; nothing more can be decoded.
    package func drain(_ emit: (Picture) -> Void) throws(CodecFault) {
        try check("avcodec_send_packet", avcodec_send_packet(context, nil))
        try receive(emit)
    }

    private func receive(_ emit: (Picture) -> Void) throws(CodecFault) {
        while true {
            let frame = try made("av_frame_alloc", av_frame_alloc())
            let picture = Picture(adopting: frame)
            let code = avcodec_receive_frame(context, frame)
            if code == shim_averror_eagain || code == shim_averror_eof { return }
            try check("avcodec_receive_frame", code)
            guard frame.pointee.pts != shim_av_nopts_value else { continue }
            emit(picture)
        }
    }
}

extension VideoCodec {
    var identifier: AVCodecID {
        switch self {
        case .avc: AV_CODEC_ID_H264
        case .hevc: AV_CODEC_ID_HEVC
        case .av1: AV_CODEC_ID_AV1
        }
    }
}
