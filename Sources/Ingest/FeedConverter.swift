// Turns the messages of one RTMP feed into feed events. In: FLV tag bodies with 32-bit milliseconds, in the
// order of arrival. Out: at most one event for each; pictures are slices of the message, never copies.
// Nobody blocks. Dropped and counted: media before its sequence header, pictures whose NAL lengths do not
// add up, unreadable tags. A codec that cannot be served throws, which ends the feed.

package import Media
package import NIOCore
package import RTMP

package struct FeedConverter: Sendable {
    private var clock = TimestampUnwrapper(bits: 32)
    private var videoFormat: AVCFormat?
    private var audioFormat: AACFormat?
    private var metadata: FeedMetadata?
    private var deadline = PictureDeadline()
    private var change: FeedEvent?
    /// Units that came and could not be used, since the start.
    package private(set) var dropped = 0

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
        switch FLVVideoTag(body) {
        case .sequenceHeader(let record): return try videoHeader(Array(record.readableBytesView))
        case .picture(let payload, let offset, _):
            let time = clock.unwrap(Int64(timestamp))
            deadline.sawPicture(isKey: false)
            guard videoFormat != nil, let isSync = LengthPrefixedNALs.containsIDR(payload) else {
                dropped += 1
                return nil
            }
            if isSync {
                deadline.sawPicture(isKey: true)
                adopt(AVCFormat(inBandOf: payload))
            }
            return .video(
                AccessUnit(
                    kind: .video, payload: payload, pts: MediaTime(milliseconds: time + Int64(offset)),
                    dts: MediaTime(milliseconds: time), isSync: isSync, arrival: arrival))
        case .endOfSequence, .ignored: return nil
        case .unsupported(let reason): throw RTMPRejection(reason: reason)
        case .broken:
            dropped += 1
            return nil
        }
    }

    private mutating func adopt(_ format: AVCFormat?) {
        guard let format, format.record != videoFormat?.record else { return }
        videoFormat = format
        change = .videoFormat(format)
    }

    private mutating func videoHeader(_ record: [UInt8]) throws(RTMPRejection) -> FeedEvent? {
        // Encoders that do not know their parameters yet send an empty header first, and the real one
        // later.
        guard !record.isEmpty else { return nil }
        let format: AVCFormat
        do {
            format = try AVCFormat(record: record)
        } catch .unsupportedLengthSize(let bytes) {
            throw RTMPRejection(reason: "H.264 with NAL lengths of \(bytes) bytes is not supported, use 4")
        } catch {
            throw RTMPRejection(reason: "the H.264 sequence header cannot be read")
        }
        // Some encoders repeat it before every key frame.
        guard format.record != videoFormat?.record else { return nil }
        videoFormat = format
        deadline.sawFormat()
        return .videoFormat(format)
    }

    private mutating func audio(
        _ body: ByteBuffer, _ timestamp: UInt32, _ arrival: MonotonicTime
    ) throws(RTMPRejection) -> FeedEvent? {
        switch FLVAudioTag(body) {
        case .sequenceHeader(let config):
            let bytes = Array(config.readableBytesView)
            guard !bytes.isEmpty, bytes != audioFormat?.config else { return nil }
            guard let format = AACFormat(config: bytes) else {
                throw RTMPRejection(reason: "the AAC sequence header cannot be read")
            }
            audioFormat = format
            return .audioFormat(format)
        case .frame(let payload):
            let time = MediaTime(milliseconds: clock.unwrap(Int64(timestamp)))
            guard audioFormat != nil else {
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

/// Walks NAL units that are prefixed with their lengths in four bytes.
package enum LengthPrefixedNALs {
    /// Whether an IDR slice (type 5) is among them; nil where the lengths do not add up to the payload.
    package static func containsIDR(_ payload: ByteBuffer) -> Bool? {
        var at = payload.readerIndex
        let end = payload.writerIndex
        guard at < end else { return nil }
        var found = false
        while at < end {
            guard let length: UInt32 = payload.getInteger(at: at), length > 0, Int(length) <= end - at - 4,
                let header: UInt8 = payload.getInteger(at: at + 4)
            else { return nil }
            if header & 0x1F == 5 { found = true }
            at += 4 + Int(length)
        }
        return found
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
