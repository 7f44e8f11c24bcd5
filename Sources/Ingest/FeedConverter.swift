// Turns the messages of one RTMP feed into feed events. In: FLV tag bodies with 32-bit milliseconds, in the
// order of arrival. Out: at most one event for each; pictures are slices of the message, never copies.
// Nobody blocks. Dropped and counted: media before its sequence header, pictures whose NAL lengths do not
// add up, unreadable tags; and all tracks but the first of each kind. A codec that cannot be served throws, which ends
// the feed.

import Codecs
package import Media
import NIOCore
package import RTMP

package struct FeedConverter: Sendable {
    private var clock = TimestampUnwrapper(bits: 32)
    private var videoFormat: PictureFormat?
    private var audioFormat: SoundFormat?
    /// The tracks that are taken: the first to be announced. Nil before.
    private var videoTrack: UInt8?
    private var audioTrack: UInt8?
    private var metadata: FeedMetadata?
    private var deadline = PictureDeadline()
    private var change: FeedEvent?
    /// Units that came and could not be used, since the start.
    package private(set) var dropped = 0
    /// Units of further tracks, since the start.
    package private(set) var others = 0

    package init() {}

    /// Parameters that came inside the last picture and are others than before: they go before it.
    package mutating func takeChange() -> FeedEvent? {
        defer { change = nil }
        return change
    }

    /// The event that a message means; nil where it means none or had to be dropped.
    package mutating func convert(_ media: RTMPMedia, arrival: MonotonicTime) throws(RTMPRejection)
        -> FeedEvent?
    {
        if let reason = deadline.verdict(at: arrival) { throw RTMPRejection(reason: reason) }
        switch media {
        case .video(let body, let timestamp): return try video(body, timestamp, arrival)
        case .audio(let body, let timestamp): return try audio(body, timestamp, arrival)
        case .metadata(let properties):
            let metadata = FeedMetadata(onMetaData: properties)
            // GStreamer repeats it every second.
            guard metadata != self.metadata else { return nil }
            self.metadata = metadata
            return .metadata(metadata)
        }
    }

    private mutating func video(
        _ body: ByteBuffer, _ timestamp: UInt32, _ arrival: MonotonicTime
    ) throws(RTMPRejection) -> FeedEvent? {
        let (tag, extras) = FLVVideoTag.read(body, track: videoTrack)
        others += extras.others
        switch tag {
        case .sequenceHeader(let record, let codec):
            videoTrack = extras.track
            return try videoHeader(Array(record.readableBytesView), codec)
        case .picture(let payload, let codec, let offset, _):
            let time = clock.unwrap(Int64(timestamp))
            deadline.sawPicture(isKey: false)
            let units = NALUnits(payload, codec)
            guard videoFormat?.codec == codec, units.isWhole else {
                dropped += 1
                return nil
            }
            if units.hasIDR {
                deadline.sawPicture(isKey: true)
                if codec == .avc { adopt(AVCFormat(inBandOf: payload)) }
            }
            let decoded = FeedConverter.time(time, extras)
            return .video(
                AccessUnit(
                    kind: .video, payload: payload, pts: decoded + MediaTime(milliseconds: Int64(offset)),
                    dts: decoded, isSync: units.hasIDR, arrival: arrival))
        case .endOfSequence, .ignored: return nil
        case .unsupported(let reason): throw RTMPRejection(reason: reason)
        case .broken:
            dropped += 1
            return nil
        }
    }

    private mutating func adopt(_ format: AVCFormat?) {
        guard let format, .avc(format) != videoFormat else { return }
        videoFormat = .avc(format)
        change = .videoFormat(.avc(format))
    }

    private static func time(_ milliseconds: Int64, _ extras: FLVExtras) -> MediaTime {
        MediaTime(milliseconds: milliseconds)
            + MediaTime(value: Int64(extras.nanoseconds), timescale: 1_000_000_000)
    }

    private mutating func videoHeader(_ record: [UInt8], _ codec: VideoCodec) throws(RTMPRejection)
        -> FeedEvent?
    {
        // Encoders that do not know their parameters yet send an empty header first, and the real one
        // later.
        guard !record.isEmpty else { return nil }
        let format: PictureFormat
        do {
            switch codec {
            case .avc: format = .avc(try AVCFormat(record: record))
            case .hevc: format = .hevc(try HEVCFormat(record: record))
            case .av1: format = .av1(try AV1Format(record: record))
            }
        } catch AVCFormat.Fault.unsupportedLengthSize(let bytes) {
            throw RTMPRejection(reason: "H.264 with NAL lengths of \(bytes) bytes is not supported, use 4")
        } catch HEVCFormat.Fault.unsupportedLengthSize(let bytes) {
            throw RTMPRejection(reason: "HEVC with NAL lengths of \(bytes) bytes is not supported, use 4")
        } catch {
            throw RTMPRejection(reason: "the \(codec.name) sequence header cannot be read")
        }
        // Some encoders repeat it before every key frame.
        guard format != videoFormat else { return nil }
        videoFormat = format
        deadline.sawFormat()
        return .videoFormat(format)
    }

    private mutating func audio(
        _ body: ByteBuffer, _ timestamp: UInt32, _ arrival: MonotonicTime
    ) throws(RTMPRejection) -> FeedEvent? {
        let (tag, extras) = FLVAudioTag.read(body, track: audioTrack)
        others += extras.others
        switch tag {
        case .sequenceHeader(let config, let codec):
            audioTrack = extras.track
            let bytes = Array(config.readableBytesView)
            guard !bytes.isEmpty, bytes != audioFormat?.config else { return nil }
            let format: SoundFormat? =
                switch codec {
                case .aac: AACFormat(config: bytes).map { .aac($0) }
                case .opus: OpusFormat(header: bytes).map { .opus($0) }
                }
            guard let format else {
                throw RTMPRejection(
                    reason: "the \(codec == .aac ? "AAC" : "Opus") sequence header cannot be read")
            }
            audioFormat = format
            return .audioFormat(format)
        case .frame(let payload, let codec):
            let time = FeedConverter.time(clock.unwrap(Int64(timestamp)), extras)
            guard audioFormat?.codec == codec else {
                dropped += 1
                return nil
            }
            return .audio(
                AccessUnit(
                    kind: .audio, payload: payload, pts: time, dts: time, isSync: true, arrival: arrival))
        case .ignored: return nil
        case .unsupported(let reason): throw RTMPRejection(reason: reason)
        case .broken:
            dropped += 1
            return nil
        }
    }
}

extension FeedMetadata {
    /// Reads what `onMetaData` holds; numbers that are none, or beyond all reason, stay unknown.
    package init(onMetaData properties: [AMF0Property]) {
        self.init()
        func number(_ names: String..., upTo limit: Double) -> Double? {
            for name in names {
                guard let value = properties.first(where: { $0.name == name })?.value else { continue }
                let number = value.number ?? value.string.flatMap(Double.init)
                if let number, number > 0, number <= limit { return number }
            }
            return nil
        }
        width = number("width", upTo: 16384).map { Int($0) }
        height = number("height", upTo: 16384).map { Int($0) }
        framesPerSecond = number("framerate", "videoframerate", "fps", upTo: 1000)
        videoKilobits = number("videodatarate", upTo: 10_000_000)
        audioKilobits = number("audiodatarate", upTo: 1_000_000)
        let name = properties.first { $0.name == "encoder" }?.value.string
        encoder = name.map {
            String($0.unicodeScalars.filter { $0.value >= 32 }.prefix(64).map(Character.init))
        }
    }
}
