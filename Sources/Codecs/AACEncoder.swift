import CFFmpeg
import CMediaShims
package import Media
package import NIOCore

/// libavcodec's AAC-LC encoder: blocks of 1024 samples in, frames out; used by one thread at a time.
package struct AACEncoder: ~Copyable {
    package let format: AACFormat
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let frame: UnsafeMutablePointer<AVFrame>

    private init(
        format: AACFormat, context: UnsafeMutablePointer<AVCodecContext>,
        packet: UnsafeMutablePointer<AVPacket>, frame: UnsafeMutablePointer<AVFrame>
    ) {
        self.format = format
        self.context = context
        self.packet = packet
        self.frame = frame
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        avcodec_free_context(&context)
        av_packet_free(&packet)
        av_frame_free(&frame)
    }

    /// `kilobits` is kbit/s for all channels; one or two channels. Throws `CodecFault` where libavcodec refuses.
    package static func open(
        kilobits: Int, sampleRate: Int = PCMBlock.sampleRate, channels: Int = 2
    ) throws(CodecFault) -> AACEncoder {
        MediaLog.silence()
        let codec = try made("avcodec_find_encoder", avcodec_find_encoder(AV_CODEC_ID_AAC))
        let context = try made("avcodec_alloc_context3", avcodec_alloc_context3(codec))
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        do throws(CodecFault) {
            context.pointee.sample_fmt = AV_SAMPLE_FMT_FLTP
            context.pointee.sample_rate = Int32(sampleRate)
            av_channel_layout_default(&context.pointee.ch_layout, Int32(channels))
            context.pointee.bit_rate = Int64(kilobits) * 1000
            context.pointee.time_base = AVRational(num: 1, den: Int32(sampleRate))
            context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
            try check("avcodec_open2", avcodec_open2(context, codec, nil))
            let config = Array(
                UnsafeBufferPointer(
                    start: context.pointee.extradata, count: Int(context.pointee.extradata_size)))
            guard let format = AACFormat(config: config), context.pointee.frame_size == AACFormat.frameSamples
            else { throw .unsupported("the AAC encoder made a configuration that cannot be read") }
            let frame = try made("av_frame_alloc", av_frame_alloc())
            frame.pointee.nb_samples = Int32(AACFormat.frameSamples)
            frame.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
            frame.pointee.sample_rate = Int32(sampleRate)
            av_channel_layout_default(&frame.pointee.ch_layout, Int32(channels))
            try check("av_frame_get_buffer", av_frame_get_buffer(frame, 0))
            return AACEncoder(
                format: format, context: context, packet: try made("av_packet_alloc", av_packet_alloc()),
                frame: frame)
        } catch {
            avcodec_free_context(&owned)
            throw error
        }
    }

    /// Encodes 1024 samples a channel that start at sample `start`; hands on frames with the sample at which each is
    /// heard, which is earlier by the encoder's priming for the first.
    package func encode(
        _ block: PCMBlock, start: Int64, _ emit: (ByteBuffer, _ start: Int64) -> Void
    ) throws(CodecFault) {
        try check("av_frame_make_writable", av_frame_make_writable(frame))
        let count = min(block.count, AACFormat.frameSamples)
        for (channel, samples) in [block.left, block.right].enumerated() {
            let plane = channel == 0 ? frame.pointee.data.0 : frame.pointee.data.1
            guard let plane else { continue }
            let bytes = UnsafeMutableRawPointer(plane)
            samples.withUnsafeBytes { source in
                if let base = source.baseAddress { bytes.copyMemory(from: base, byteCount: count * 4) }
            }
            if count < AACFormat.frameSamples {
                (bytes + count * 4).initializeMemory(
                    as: UInt8.self, repeating: 0, count: (AACFormat.frameSamples - count) * 4)
            }
        }
        frame.pointee.pts = start
        try check("avcodec_send_frame", avcodec_send_frame(context, frame))
        try receive(emit)
    }

    /// Hands on all frames that are still inside.
    package func drain(_ emit: (ByteBuffer, _ start: Int64) -> Void) throws(CodecFault) {
        try check("avcodec_send_frame", avcodec_send_frame(context, nil))
        try receive(emit)
    }

    private func receive(_ emit: (ByteBuffer, _ start: Int64) -> Void) throws(CodecFault) {
        while true {
            let code = avcodec_receive_packet(context, packet)
            if code == shim_averror_eagain || code == shim_averror_eof { return }
            try check("avcodec_receive_packet", code)
            var payload = ByteBufferAllocator().buffer(capacity: Int(packet.pointee.size))
            payload.writeBytes(
                UnsafeRawBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
            let start = packet.pointee.pts
            av_packet_unref(packet)
            emit(payload, start)
        }
    }
}
