import Media
import NIOCore
import Restream

/// Units of made-up feeds, 25 pictures a second.
enum RelayFeed {
    static let avc: [UInt8] = [
        1, 0x42, 0xC0, 0x1E, 0xFF, 0xE1, 0, 24, 0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0x88, 0,
        0, 3, 0,
        8, 0, 0, 3, 1, 0x90, 0x78, 0xB1, 0x75, 0, 1, 0, 4, 0x68, 0xCB, 0x83, 0xCB,
    ]

    static func formats(_ feed: Int = 1, video: PictureFormat? = nil, channels: Int = 2) -> RelayFormats {
        RelayFormats(
            feed: feed, metadata: nil, video: video,
            audio: AACFormat(sampleRate: 48000, channels: channels).map { .aac($0) })
    }

    /// A picture whose timestamp and arrival are given in milliseconds; arrival is the timestamp unless said.
    static func picture(
        _ time: Int64, isKey: Bool = false, bytes: Int = 100, arrival: Int64? = nil, offset: Int64 = 0
    ) -> AccessUnit {
        AccessUnit(
            kind: .video, payload: ByteBuffer(repeating: 7, count: bytes),
            pts: MediaTime(milliseconds: time + offset), dts: MediaTime(milliseconds: time), isSync: isKey,
            arrival: at(arrival ?? time))
    }

    static func sound(_ time: Int64, arrival: Int64? = nil) -> AccessUnit {
        AccessUnit(
            kind: .audio, payload: ByteBuffer(repeating: 9, count: 20), pts: MediaTime(milliseconds: time),
            dts: MediaTime(milliseconds: time), isSync: true, arrival: at(arrival ?? time))
    }

    static func at(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: (milliseconds + 1_000_000) * 1_000_000)
    }
}
