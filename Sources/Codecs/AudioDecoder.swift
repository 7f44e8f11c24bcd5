import CFFmpeg
import CMediaShims
package import Media
package import NIOCore

/// AAC or Opus frames in, 48 kHz stereo out, whatever the stream's rate and channels; used by one thread at a time.
package struct AudioDecoder: ~Copyable {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let frame: UnsafeMutablePointer<AVFrame>
    private var resampler: OpaquePointer?
    private var resampledRate: Int32 = 0
    private var resampledChannels: Int32 = 0
    private var resampledFormat: Int32 = -1
    private var isStretching = false

    private init(
        context: UnsafeMutablePointer<AVCodecContext>, packet: UnsafeMutablePointer<AVPacket>,
        frame: UnsafeMutablePointer<AVFrame>
    ) {
        self.context = context
        self.packet = packet
        self.frame = frame
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        var resampler = resampler
        avcodec_free_context(&context)
        av_packet_free(&packet)
        av_frame_free(&frame)
        swr_free(&resampler)
    }

    /// Throws `CodecFault` where libavcodec refuses the configuration.
    package static func open(_ format: SoundFormat) throws(CodecFault) -> AudioDecoder {
        MediaLog.silence()
        let codec = try made("avcodec_find_decoder", avcodec_find_decoder(format.codec.identifier))
        let context = try made("avcodec_alloc_context3", avcodec_alloc_context3(codec))
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        do throws(CodecFault) {
            let config = format.config
            let size = config.count
            let extra = try made("av_mallocz", av_mallocz(size + Int(AV_INPUT_BUFFER_PADDING_SIZE)))
            extra.copyMemory(from: config, byteCount: size)
            context.pointee.extradata = extra.assumingMemoryBound(to: UInt8.self)
            context.pointee.extradata_size = Int32(size)
            context.pointee.thread_count = 1
            // Opus has no rate of its own, and its decoder takes the channels from here before it has read the header.
            if format.codec == .opus {
                context.pointee.sample_rate = Int32(format.sampleRate)
                av_channel_layout_default(&context.pointee.ch_layout, Int32(format.channels))
            }
            try check("avcodec_open2", avcodec_open2(context, codec, nil))
            return AudioDecoder(
                context: context, packet: try made("av_packet_alloc", av_packet_alloc()),
                frame: try made("av_frame_alloc", av_frame_alloc()))
        } catch {
            avcodec_free_context(&owned)
            throw error
        }
    }

    /// Decodes one frame, made longer by `stretch` samples, or shorter where negative, without a step in the sound.
    /// Throws `CodecFault` on a damaged frame; the next one may be fine.
    package mutating func decode(_ payload: ByteBuffer, stretch: Int = 0) throws(CodecFault) -> PCMBlock {
        let (context, packet) = (context, packet)
        let code = payload.withUnsafeReadableBytes { bytes -> Int32 in
            guard let base = bytes.baseAddress, bytes.count < 1 << 20 else { return shim_averror_invaliddata }
            packet.pointee.data = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
            packet.pointee.size = Int32(bytes.count)
            let code = avcodec_send_packet(context, packet)
            packet.pointee.data = nil
            packet.pointee.size = 0
            return code
        }
        try check("avcodec_send_packet", code)
        var block = PCMBlock()
        while true {
            let code = avcodec_receive_frame(context, frame)
            if code == shim_averror_eagain || code == shim_averror_eof { return block }
            try check("avcodec_receive_frame", code)
            defer { av_frame_unref(frame) }
            try append(to: &block, stretch: stretch)
        }
    }

    private mutating func append(to block: inout PCMBlock, stretch: Int) throws(CodecFault) {
        let (rate, channels) = (frame.pointee.sample_rate, frame.pointee.ch_layout.nb_channels)
        if rate != resampledRate || channels != resampledChannels || frame.pointee.format != resampledFormat {
            try openResampler()
        }
        if stretch != 0 || isStretching {
            // From the first time on the resampler works on every sample: going back would be a step.
            isStretching = true
            let length =
                Int64(frame.pointee.nb_samples) * Int64(PCMBlock.sampleRate) / Int64(max(rate, 1))
            try check(
                "swr_set_compensation", swr_set_compensation(resampler, Int32(stretch), Int32(max(length, 1)))
            )
        }
        let most = Int(swr_get_out_samples(resampler, frame.pointee.nb_samples))
        guard most > 0, let input = frame.pointee.extended_data else { return }
        let inputCount = frame.pointee.nb_samples
        let resampler = resampler
        var left = [Float](repeating: 0, count: most)
        var right = left
        let count = left.withUnsafeMutableBytes { left in
            right.withUnsafeMutableBytes { right in
                var outputs = [
                    left.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    right.baseAddress?.assumingMemoryBound(to: UInt8.self),
                ]
                return input.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: Int(channels)) {
                    swr_convert(resampler, &outputs, Int32(most), $0, inputCount)
                }
            }
        }
        let written = Int(try check("swr_convert", count))
        block.left += left.prefix(written)
        block.right += right.prefix(written)
    }

    private mutating func openResampler() throws(CodecFault) {
        swr_free(&resampler)
        var stereo = AVChannelLayout()
        av_channel_layout_default(&stereo, 2)
        try check(
            "swr_alloc_set_opts2",
            swr_alloc_set_opts2(
                &resampler, &stereo, AV_SAMPLE_FMT_FLTP, Int32(PCMBlock.sampleRate), &frame.pointee.ch_layout,
                AVSampleFormat(frame.pointee.format), frame.pointee.sample_rate, 0, nil))
        try check("swr_init", swr_init(resampler))
        resampledRate = frame.pointee.sample_rate
        resampledChannels = frame.pointee.ch_layout.nb_channels
        resampledFormat = frame.pointee.format
    }
}

extension SoundCodec {
    var identifier: AVCodecID {
        switch self {
        case .aac: AV_CODEC_ID_AAC
        case .opus: AV_CODEC_ID_OPUS
        }
    }
}
