import Media
import NIOCore
package import RTMP

/// What one connection has been told, and where its clock stands: turns items into messages, with the headers that must
/// come before. Pure.
package struct RelayCursor: Sendable {
    private var clock = RelayClock()
    private var told: RelayFormats?

    package init() {}

    package mutating func messages(for item: RelayItem) -> [RTMPOutgoing] {
        let (unit, formats) = (item.unit, item.formats)
        let time = clock.place(unit, feed: formats.feed)
        let stamp = UInt32(truncatingIfNeeded: time)
        var messages = headers(formats, stamp)
        switch unit.kind {
        case .video:
            guard let codec = formats.video?.codec else { return messages }
            let offset = Int32(clamping: unit.pts.milliseconds - unit.dts.milliseconds)
            let body = FLVTagWriter.picture(
                unit.payload, codec, compositionOffset: offset, isKeyFrame: unit.isSync)
            messages.append(.video(body, timestamp: stamp))
        case .audio:
            guard let codec = formats.audio?.codec else { return messages }
            messages.append(.audio(FLVTagWriter.audioFrame(unit.payload, codec), timestamp: stamp))
        }
        return messages
    }

    /// What is new in `formats`, in the order in which encoders say it.
    private mutating func headers(_ formats: RelayFormats, _ stamp: UInt32) -> [RTMPOutgoing] {
        guard formats !== told else { return [] }
        defer { told = formats }
        var messages: [RTMPOutgoing] = []
        let isNew = formats.feed != told?.feed
        if isNew || formats.metadata != told?.metadata || formats.video != told?.video {
            messages.append(.metadata(RelayCursor.metadata(formats).onMetaData))
        }
        if let video = formats.video, isNew || video != told?.video {
            messages.append(
                .video(FLVTagWriter.videoSequenceHeader(video.record, video.codec), timestamp: stamp))
        }
        if let audio = formats.audio, isNew || audio != told?.audio {
            messages.append(
                .audio(FLVTagWriter.audioSequenceHeader(audio.config, audio.codec), timestamp: stamp))
        }
        return messages
    }

    /// What the host said, with what its picture itself says: an SRT host says nothing else.
    private static func metadata(_ formats: RelayFormats) -> FeedMetadata {
        var metadata = formats.metadata ?? FeedMetadata()
        metadata.videoCodec = formats.video?.codec
        metadata.audioCodec = formats.audio?.codec
        if let parameters = formats.video?.parameters {
            metadata.width = parameters.width
            metadata.height = parameters.height
        }
        return metadata
    }
}
