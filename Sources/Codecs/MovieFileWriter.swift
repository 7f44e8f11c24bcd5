import CFFmpeg
import CMediaShims
package import Media
import NIOCore

/// Writes one H.264 and one AAC track into a progressive MP4 file whose index comes first. Nothing is encoded anew.
/// Used by one thread at a time; every call may block for the disk. Memory: about 60 bytes a sample, for the index.
package struct MovieFileWriter: ~Copyable {
    private let context: UnsafeMutablePointer<AVFormatContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private var isOpen = true

    /// Opens the file at `path`, over what is there. Throws `CodecFault` where it cannot be written.
    package static func open(path: String, video: AVCFormat, audio: AACFormat) throws(CodecFault)
        -> MovieFileWriter
    {
        MediaLog.silence()
        var context: UnsafeMutablePointer<AVFormatContext>?
        try check(
            "avformat_alloc_output_context2", avformat_alloc_output_context2(&context, nil, "mp4", path))
        let opened = try made("avformat_alloc_output_context2", context)
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        do throws(CodecFault) {
            try addVideo(.avc(video), to: opened)
            try addAudio(audio, to: opened)
            try check("avio_open", avio_open(&opened.pointee.pb, path, AVIO_FLAG_WRITE))
            av_dict_set(&options, "movflags", "+faststart", 0)
            try check("avformat_write_header", avformat_write_header(opened, &options))
            return MovieFileWriter(context: opened, packet: try made("av_packet_alloc", av_packet_alloc()))
        } catch {
            avio_closep(&opened.pointee.pb)
            avformat_free_context(opened)
            throw error
        }
    }

    private init(context: UnsafeMutablePointer<AVFormatContext>, packet: UnsafeMutablePointer<AVPacket>) {
        self.context = context
        self.packet = packet
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
        avio_closep(&context.pointee.pb)
        avformat_free_context(context)
    }

    /// Adds a unit, at `offset` from its own time. Units come in decoding order over both tracks, or nearly so.
    package mutating func write(_ unit: AccessUnit, offset: MediaTime) throws(CodecFault) {
        let index = unit.kind == .video ? 0 : 1
        guard let stream = context.pointee.streams[index] else { throw .unavailable("avformat_new_stream") }
        guard try MovieFileWriter.fill(packet, with: unit, offset: offset, for: stream) else { return }
        try check("av_interleaved_write_frame", av_interleaved_write_frame(context, packet))
    }

    /// Makes a unit a packet of `stream`; false where it is empty, or beyond all reason.
    static func fill(
        _ packet: UnsafeMutablePointer<AVPacket>, with unit: AccessUnit, offset: MediaTime,
        for stream: UnsafeMutablePointer<AVStream>
    ) throws(CodecFault) -> Bool {
        let base = Int64(stream.pointee.time_base.den)
        let size = unit.payload.readableBytes
        guard size > 0, size < 1 << 28 else { return false }
        try check("av_new_packet", av_new_packet(packet, Int32(size)))
        unit.payload.withUnsafeReadableBytes { bytes in
            guard let from = bytes.baseAddress, let to = packet.pointee.data else { return }
            UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: size)
        }
        packet.pointee.stream_index = stream.pointee.index
        packet.pointee.pts = (unit.pts + offset).value(timescale: base)
        packet.pointee.dts = (unit.dts + offset).value(timescale: base)
        packet.pointee.duration = unit.duration.value(timescale: base)
        if unit.isSync { packet.pointee.flags |= AV_PKT_FLAG_KEY }
        return true
    }

    /// Ends the file: the index is moved to its front. Nothing may be written after.
    package mutating func finish() throws(CodecFault) {
        guard isOpen else { return }
        isOpen = false
        try check("av_write_trailer", av_write_trailer(context))
        try check("avio_closep", avio_closep(&context.pointee.pb))
    }

    static func addVideo(_ format: PictureFormat, to context: UnsafeMutablePointer<AVFormatContext>)
        throws(CodecFault)
    {
        let stream = try made("avformat_new_stream", avformat_new_stream(context, nil))
        let parameters = try made("avformat_new_stream", stream.pointee.codecpar)
        parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        parameters.pointee.codec_id = format.codec.identifier
        // libav would take "avc1" for H.264 of its own accord, but the name that players know for HEVC is not its first.
        let tag = format.codec == .hevc ? "hvc1" : "avc1"
        parameters.pointee.codec_tag = tag.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        parameters.pointee.width = Int32(clamping: format.parameters.width)
        parameters.pointee.height = Int32(clamping: format.parameters.height)
        let aspect = format.parameters.pixelAspect
        parameters.pointee.sample_aspect_ratio = AVRational(
            num: Int32(clamping: aspect.width), den: Int32(clamping: max(1, aspect.height)))
        stream.pointee.sample_aspect_ratio = parameters.pointee.sample_aspect_ratio
        stream.pointee.time_base = AVRational(num: 1, den: Int32(MediaTime.timescale))
        try set(format.record, of: parameters)
    }

    static func addAudio(_ format: AACFormat, to context: UnsafeMutablePointer<AVFormatContext>)
        throws(CodecFault)
    {
        let stream = try made("avformat_new_stream", avformat_new_stream(context, nil))
        let parameters = try made("avformat_new_stream", stream.pointee.codecpar)
        parameters.pointee.codec_type = AVMEDIA_TYPE_AUDIO
        parameters.pointee.codec_id = AV_CODEC_ID_AAC
        parameters.pointee.sample_rate = Int32(clamping: format.sampleRate)
        parameters.pointee.frame_size = Int32(AACFormat.frameSamples)
        av_channel_layout_default(&parameters.pointee.ch_layout, Int32(clamping: max(1, format.channels)))
        stream.pointee.time_base = AVRational(num: 1, den: Int32(clamping: format.sampleRate))
        try set(format.config, of: parameters)
    }

    private static func set(_ extra: [UInt8], of parameters: UnsafeMutablePointer<AVCodecParameters>)
        throws(CodecFault)
    {
        let copy = try made("av_mallocz", av_mallocz(extra.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)))
        copy.copyMemory(from: extra, byteCount: extra.count)
        parameters.pointee.extradata = copy.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(extra.count)
    }
}
