// In: the bytes of an MPEG transport stream as they come, pulled by this thread. Out: feed events, H.264 or HEVC and AAC,
// with the host's own timestamps. Blocks: in `read`, the caller's. Dropped: other streams, damaged packets, and what
// comes before the parameter sets.

import CFFmpeg
import CMediaShims
package import Media
import NIOCore

/// Reads a live transport stream. Used by one thread.
package struct TransportStreamReader: ~Copyable {
    /// Gives the next bytes, waiting for them; 0 at the end.
    package typealias Read = @Sendable (UnsafeMutableRawBufferPointer) -> Int

    private final class Source {
        let read: Read
        /// Touched by the reader's own thread only, in libav's calls.
        var isOver = false

        init(_ read: @escaping Read) {
            self.read = read
        }
    }

    /// Bytes that are asked for at once, and how far back libav may go when it has found the table: the first picture
    /// may have come before it.
    private static let chunk = 1316 * 64
    /// How much may be looked at before the streams' table has to be there, bytes: seconds of any host's stream.
    private static let probeSize: Int64 = 512 * 1024

    private let context: UnsafeMutablePointer<AVFormatContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let source: Unmanaged<Source>
    private var nals: NALRepacker
    /// Sound and pictures count by one clock of 33 bits.
    private var clock = TimestampUnwrapper(bits: 33)
    private var audioFormat: AACFormat?
    /// Where the frame after the last one belongs.
    private var nextSound: MediaTime?
    /// The tracks that are taken, by libavformat's number.
    private var videoTrack: Int32?
    private var audioTrack: Int32?
    /// Packets of further tracks, since the start.
    package private(set) var others = 0
    /// A picture has come, with or without what a decoder needs.
    package private(set) var sawVideo = false
    private var hasVideoFormat = false
    private var pending: [FeedEvent] = []
    /// The last picture after the end of the bytes.
    private var held: [FeedEvent] = []
    /// Units that came and could not be used.
    package private(set) var dropped = 0

    /// Waits for the stream's table of contents. Throws `CodecFault` where there is none: the bytes are something else,
    /// or end too early.
    package static func open(_ read: @escaping Read) throws(CodecFault) -> TransportStreamReader {
        MediaLog.silence()
        let source = Unmanaged.passRetained(Source(read))
        var context: UnsafeMutablePointer<AVFormatContext>?
        do throws(CodecFault) {
            let buffer = try made("av_malloc", av_malloc(chunk))
            var io = avio_alloc_context(
                buffer.assumingMemoryBound(to: UInt8.self), Int32(chunk), 0, source.toOpaque(),
                { opaque, room, count in
                    guard let opaque, let room, count > 0 else { return shim_averror_eof }
                    let source = Unmanaged<Source>.fromOpaque(opaque).takeUnretainedValue()
                    let got = source.read(UnsafeMutableRawBufferPointer(start: room, count: Int(count)))
                    if got <= 0 { source.isOver = true }
                    return got > 0 ? Int32(got) : shim_averror_eof
                }, nil, nil)
            guard let made = io else {
                av_free(buffer)
                throw .unavailable("avio_alloc_context")
            }
            do throws(CodecFault) {
                context = try Codecs.made("avformat_alloc_context", avformat_alloc_context())
                context?.pointee.pb = made
                context?.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
                context?.pointee.probesize = probeSize
                // A failed open frees the context, and not its input.
                try check(
                    "avformat_open_input",
                    avformat_open_input(&context, nil, av_find_input_format("mpegts"), nil))
                return TransportStreamReader(
                    context: try Codecs.made("avformat_open_input", context),
                    packet: try Codecs.made("av_packet_alloc", av_packet_alloc()), source: source,
                    nals: try NALRepacker(codec: .avc, extradata: []))
            } catch {
                avformat_close_input(&context)
                av_freep(&made.pointee.buffer)
                avio_context_free(&io)
                throw error
            }
        } catch {
            source.release()
            throw error
        }
    }

    private init(
        context: UnsafeMutablePointer<AVFormatContext>, packet: UnsafeMutablePointer<AVPacket>,
        source: Unmanaged<Source>, nals: NALRepacker
    ) {
        self.context = context
        self.packet = packet
        self.source = source
        self.nals = nals
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        var io = self.context.pointee.pb
        av_packet_free(&packet)
        avformat_close_input(&context)
        if let made = io { av_freep(&made.pointee.buffer) }
        avio_context_free(&io)
        source.release()
    }

    /// The next event in the order of the stream; nil at its end. Throws `CodecFault.unsupported`, with a sentence for
    /// the host, where its codecs cannot be served.
    package mutating func next() throws(CodecFault) -> FeedEvent? {
        while true {
            if !pending.isEmpty { return pending.removeFirst() }
            let code = av_read_frame(context, packet)
            guard code >= 0 else {
                // What is damaged is passed over; only the end of the bytes is the end.
                if code == shim_averror_eof || context.pointee.pb.pointee.eof_reached != 0 {
                    guard context.pointee.nb_streams > 0 else {
                        throw .unsupported("what came is no MPEG transport stream")
                    }
                    return nil
                }
                dropped += 1
                continue
            }
            defer { av_packet_unref(packet) }
            guard let stream = context.pointee.streams[Int(packet.pointee.stream_index)],
                let parameters = stream.pointee.codecpar?.pointee
            else { continue }
            guard try isTaken(parameters, packet.pointee.stream_index) else { continue }
            switch parameters.codec_id {
            case AV_CODEC_ID_H264, AV_CODEC_ID_HEVC:
                try video(parameters.codec_id == AV_CODEC_ID_HEVC ? .hevc : .avc, stream.pointee.time_base)
                // A picture ends where the next begins: what only the end of the bytes has ended may be half of one.
                if source.takeUnretainedValue().isOver { swap(&pending, &held) }
            case AV_CODEC_ID_AAC: audio(stream.pointee.time_base)
            default: break
            }
        }
    }

    /// Of several tracks of a kind the first that can be read is taken, the others are counted. Where there is none, what
    /// cannot be read ends the feed, with the reason; everything else (data, teletext) is passed over.
    private mutating func isTaken(_ parameters: AVCodecParameters, _ index: Int32) throws(CodecFault) -> Bool
    {
        func isFirst(_ taken: inout Int32?) -> Bool {
            let first = taken ?? index
            taken = first
            if first != index { others += 1 }
            return first == index
        }
        switch (parameters.codec_type, parameters.codec_id) {
        case (AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264), (AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_HEVC):
            sawVideo = true
            return isFirst(&videoTrack)
        case (AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_AAC): return isFirst(&audioTrack)
        case (AVMEDIA_TYPE_VIDEO, _) where videoTrack == nil && !offers(AVMEDIA_TYPE_VIDEO):
            try refuse(parameters)
        case (AVMEDIA_TYPE_AUDIO, _) where audioTrack == nil && !offers(AVMEDIA_TYPE_AUDIO):
            try refuse(parameters)
        case (AVMEDIA_TYPE_VIDEO, _), (AVMEDIA_TYPE_AUDIO, _): others += 1
        default: break
        }
        return false
    }

    /// The stream has a track of this kind that can be read, whether or not anything of it has come.
    private func offers(_ kind: AVMediaType) -> Bool {
        (0..<Int(context.pointee.nb_streams)).contains { index in
            guard let parameters = context.pointee.streams[index]?.pointee.codecpar?.pointee else {
                return false
            }
            return parameters.codec_type == kind
                && [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AAC].contains(parameters.codec_id)
        }
    }

    private func refuse(_ parameters: AVCodecParameters) throws(CodecFault) {
        let name = String(cString: avcodec_get_name(parameters.codec_id))
        switch parameters.codec_type {
        case AVMEDIA_TYPE_VIDEO:
            throw .unsupported(
                "the video is \(name): set the encoder to H.264 (x264, NVENC H.264, Apple H.264) or to HEVC")
        case AVMEDIA_TYPE_AUDIO:
            throw .unsupported("the sound is \(name): set the encoder to AAC")
        default: break
        }
    }

    private mutating func video(_ codec: VideoCodec, _ base: AVRational) throws(CodecFault) {
        if nals.codec != codec {
            nals = try NALRepacker(codec: codec, extradata: [])
            hasVideoFormat = false
        }
        guard let data = packet.pointee.data, packet.pointee.size > 0, let times = times(base) else {
            dropped += 1
            return
        }
        let payload = nals.repack(UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size)))
        if let format = nals.takeNewFormat() {
            pending.append(.videoFormat(format))
            hasVideoFormat = true
        }
        guard hasVideoFormat, payload.readableBytes > 0 else {
            dropped += 1
            return
        }
        pending.append(
            .video(
                AccessUnit(
                    kind: .video, payload: payload, pts: times.pts, dts: times.dts,
                    isSync: NALUnits(payload, codec).hasIDR, arrival: .now)))
    }

    private mutating func audio(_ base: AVRational) {
        guard let data = packet.pointee.data else { return }
        let bytes = UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size))
        guard let header = ADTSHeader(bytes), header.frameSize == bytes.count,
            let format = AACFormat(config: header.config)
        else {
            dropped += 1
            return
        }
        if format != audioFormat {
            audioFormat = format
            pending.append(.audioFormat(.aac(format)))
        }
        // A packet of the stream holds several frames, and only the first has a time of its own.
        guard let time = times(base)?.pts ?? nextSound else {
            dropped += 1
            return
        }
        nextSound = time + format.frameDuration
        var payload = ByteBufferAllocator().buffer(capacity: bytes.count)
        payload.writeBytes(bytes.dropFirst(header.size))
        pending.append(
            .audio(
                AccessUnit(
                    kind: .audio, payload: payload, pts: time, dts: time, isSync: true,
                    arrival: .now)))
    }

    /// Nil where the packet has no time at all.
    private mutating func times(_ base: AVRational) -> (pts: MediaTime, dts: MediaTime)? {
        // libavformat counts on over the first time that the counter starts again, and over no other.
        func time(_ value: Int64) -> MediaTime? {
            guard value != shim_av_nopts_value else { return nil }
            return MediaTime(value: clock.unwrap(value) * Int64(base.num), timescale: Int64(base.den))
        }
        let (dts, pts) = (time(packet.pointee.dts), time(packet.pointee.pts))
        guard let decoding = dts ?? pts else { return nil }
        return (max(pts ?? decoding, decoding), decoding)
    }
}
