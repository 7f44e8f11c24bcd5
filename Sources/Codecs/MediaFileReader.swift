import CFFmpeg
import CMediaShims
package import Media
import NIOCore

/// Reads H.264 or HEVC and AAC out of an MP4, FLV, MKV or TS file, as a host's encoder would send them. Not for live input;
/// used by one thread at a time. Timestamps start at zero and run on when the file is looped.
package struct MediaFileReader: ~Copyable {
    struct Track {
        var index: Int32
        var timeBase: AVRational
        /// Ticks after the last unit's start: where the next one belongs, or would.
        var end = MediaTime.zero
        var lastStart: MediaTime?
        var step = MediaTime.zero
        /// How long before the first picture the first decoding time lies, where the container does not say.
        var lead = MediaTime.zero
    }

    private let context: UnsafeMutablePointer<AVFormatContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private var video: Track?
    private var audio: Track?
    private var nals: NALRepacker
    private var pending: [FeedEvent] = []
    private var announcedVideo = false
    private var announcedAudio = false
    private let loops: Bool
    private var base: MediaTime?
    private var offset = MediaTime.zero
    private var unitsInThisRound = 0
    private let audioConfig: [UInt8]

    /// Opens a file; `loops` starts it again at its end, for ever. Throws `CodecFault` where it cannot be read, or
    /// holds neither H.264 nor HEVC video.
    package static func open(path: String, loops: Bool = false) throws(CodecFault) -> MediaFileReader {
        MediaLog.silence()
        var context: UnsafeMutablePointer<AVFormatContext>?
        try check("avformat_open_input", avformat_open_input(&context, path, nil, nil))
        let opened = try made("avformat_open_input", context)
        do throws(CodecFault) {
            try check("avformat_find_stream_info", avformat_find_stream_info(opened, nil))
            let packet = try made("av_packet_alloc", av_packet_alloc())
            let video = try videoParameters(opened)
            let nals = try NALRepacker(
                codec: video.pointee.codec_id == AV_CODEC_ID_HEVC ? .hevc : .avc, extradata: extradata(video))
            return MediaFileReader(context: opened, packet: packet, nals: nals, loops: loops)
        } catch {
            avformat_close_input(&context)
            throw error
        }
    }

    private init(
        context: UnsafeMutablePointer<AVFormatContext>, packet: UnsafeMutablePointer<AVPacket>,
        nals: NALRepacker,
        loops: Bool
    ) {
        self.context = context
        self.packet = packet
        self.nals = nals
        self.loops = loops
        let picture = MediaFileReader.stream(context, AVMEDIA_TYPE_VIDEO, nals.codec.identifier)
        let sound = MediaFileReader.stream(context, AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_AAC)
        video = picture.map { Track(index: $0.index, timeBase: $0.time_base) }
        audio = sound.map { Track(index: $0.index, timeBase: $0.time_base) }
        audioConfig = sound.flatMap { $0.codecpar }.map { MediaFileReader.extradata($0) } ?? []
        var metadata = FeedMetadata()
        metadata.videoCodec = nals.codec
        if let picture, let parameters = picture.codecpar?.pointee {
            metadata.width = Int(parameters.width)
            metadata.height = Int(parameters.height)
            let rate = picture.avg_frame_rate
            if rate.num > 0, rate.den > 0 {
                metadata.framesPerSecond = Double(rate.num) / Double(rate.den)
                let step = MediaTime(value: Int64(rate.den), timescale: Int64(rate.num))
                video?.step = step
                video?.lead = step * Int(parameters.video_delay)
            }
            if parameters.bit_rate > 0 { metadata.videoKilobits = Double(parameters.bit_rate) / 1000 }
        }
        if let rate = sound?.codecpar?.pointee.bit_rate, rate > 0 {
            metadata.audioKilobits = Double(rate) / 1000
        }
        metadata.encoder = "shopcast"
        pending = [.metadata(metadata)]
    }

    private static func stream(
        _ context: UnsafeMutablePointer<AVFormatContext>, _ kind: AVMediaType, _ codec: AVCodecID
    ) -> AVStream? {
        for index in 0..<Int(context.pointee.nb_streams) {
            guard let stream = context.pointee.streams[index]?.pointee, let parameters = stream.codecpar,
                parameters.pointee.codec_type == kind, parameters.pointee.codec_id == codec
            else { continue }
            return stream
        }
        return nil
    }

    private static func videoParameters(
        _ context: UnsafeMutablePointer<AVFormatContext>
    ) throws(CodecFault) -> UnsafeMutablePointer<AVCodecParameters> {
        for codec in [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC] {
            if let parameters = stream(context, AVMEDIA_TYPE_VIDEO, codec)?.codecpar { return parameters }
        }
        throw .unsupported("the file has no H.264 or HEVC video")
    }

    private static func extradata(_ parameters: UnsafeMutablePointer<AVCodecParameters>) -> [UInt8] {
        guard let data = parameters.pointee.extradata, parameters.pointee.extradata_size > 0 else {
            return []
        }
        return Array(UnsafeBufferPointer(start: data, count: Int(parameters.pointee.extradata_size)))
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        avformat_close_input(&context)
        av_packet_free(&packet)
    }

    /// The next event in decoding order, arrival unset; nil at the end of a file that is not looped.
    /// Throws `CodecFault` where the file is damaged beyond reading on.
    package mutating func next() throws(CodecFault) -> FeedEvent? {
        while true {
            if !pending.isEmpty { return pending.removeFirst() }
            let code = av_read_frame(context, packet)
            if code == shim_averror_eof {
                guard try rewind() else { return nil }
                continue
            }
            try check("av_read_frame", code)
            defer { av_packet_unref(packet) }
            unitsInThisRound += 1
            if packet.pointee.stream_index == video?.index {
                try readVideo()
            } else if packet.pointee.stream_index == audio?.index {
                try readAudio()
            }
        }
    }

    private mutating func readVideo() throws(CodecFault) {
        guard var track = video, let data = packet.pointee.data else { return }
        let bytes = UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size))
        let payload = nals.repack(bytes)
        if let format = nals.takeNewFormat() {
            pending.append(.videoFormat(format))
            announcedVideo = true
        }
        guard announcedVideo, payload.readableBytes > 0 else { return }
        let (pts, dts) = times(track)
        track.follow(dts, duration: time(packet.pointee.duration, track.timeBase))
        video = track
        let isSync = NALUnits(payload, nals.codec).hasIDR
        pending.append(
            .video(
                AccessUnit(
                    kind: .video, payload: payload, pts: pts, dts: dts, isSync: isSync,
                    arrival: MonotonicTime(nanoseconds: 0))))
    }

    private mutating func readAudio() throws(CodecFault) {
        guard var track = audio, let data = packet.pointee.data, packet.pointee.size > 0 else { return }
        var bytes = UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size))
        var config = audioConfig
        if audioConfig.isEmpty, let header = ADTSHeader(bytes) {
            config = header.config
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(header.size))
        }
        if !announcedAudio {
            guard let format = AACFormat(config: config) else { return }
            pending.append(.audioFormat(.aac(format)))
            announcedAudio = true
        }
        let (pts, dts) = times(track)
        // What an encoder put before the first picture (its priming) has no place on the timeline.
        if dts < .zero { return }
        // A round of a looped file may hold more sound than picture: what overlaps is left out.
        if let last = track.lastStart, dts <= last { return }
        track.follow(dts, duration: time(packet.pointee.duration, track.timeBase))
        audio = track
        var payload = ByteBufferAllocator().buffer(capacity: bytes.count)
        payload.writeBytes(bytes)
        pending.append(
            .audio(
                AccessUnit(
                    kind: .audio, payload: payload, pts: pts, dts: dts, isSync: true,
                    arrival: MonotonicTime(nanoseconds: 0))))
    }

    private func time(_ value: Int64, _ base: AVRational) -> MediaTime {
        MediaTime(value: value * Int64(base.num), timescale: Int64(base.den))
    }

    /// The packet's times on the reader's timeline. A container that keeps no decoding times gets them by counting,
    /// from as far before the first picture as the stream reorders.
    private mutating func times(_ track: Track) -> (pts: MediaTime, dts: MediaTime) {
        let unknown = shim_av_nopts_value
        let written = packet.pointee.pts != unknown ? time(packet.pointee.pts, track.timeBase) : nil
        var dts: MediaTime
        if packet.pointee.dts != unknown {
            dts = time(packet.pointee.dts, track.timeBase)
        } else if let last = track.lastStart, let base {
            dts = last - offset + base + track.step
        } else {
            dts = (written ?? .zero) - track.lead
        }
        let pts = max(written ?? dts, dts)
        if base == nil { base = dts }
        let shift = offset - (base ?? .zero)
        if let last = track.lastStart, dts + shift <= last, packet.pointee.dts == unknown {
            dts = last - shift + MediaTime(milliseconds: 1)
        }
        return (max(pts, dts) + shift, dts + shift)
    }

    /// Back to the first unit, the next round after the last picture of this one. False at a true end.
    private mutating func rewind() throws(CodecFault) -> Bool {
        guard loops, unitsInThisRound > 0 else { return false }
        unitsInThisRound = 0
        try check("avformat_seek_file", avformat_seek_file(context, -1, Int64.min, Int64.min, Int64.max, 0))
        offset = video?.end ?? offset
        return true
    }
}

extension MediaFileReader.Track {
    mutating func follow(_ start: MediaTime, duration: MediaTime) {
        if duration > .zero {
            step = duration
        } else if let lastStart, start > lastStart {
            step = start - lastStart
        }
        lastStart = start
        end = start + step
    }
}
