import NIOCore

/// What media bytes are, by their first bytes.
enum MediaKind: String, Sendable {
    case initSection = "an init section"
    case fragment = "fMP4 fragments"
    case transportStream = "an MPEG transport stream"
    case webVTT = "WebVTT"
    case packedAudio = "packed audio"

    /// Nil where they are nothing that is known here.
    init?(_ bytes: ByteBuffer) {
        let view = bytes.readableBytesView
        let head = Array(view.prefix(12))
        guard head.count >= 8 else {
            if head.starts(with: Array("WEBVTT".utf8)) {
                self = .webVTT
                return
            }
            return nil
        }
        switch String(decoding: head[4..<8], as: UTF8.self) {
        case "ftyp": self = .initSection
        case "styp", "moof", "sidx", "emsg", "prft": self = .fragment
        default:
            let text = head.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(head.dropFirst(3)) : head
            if text.starts(with: Array("WEBVTT".utf8)) {
                self = .webVTT
            } else if head[0] == 0x47, view.count >= 188,
                view.count == 188 || view[view.startIndex + 188] == 0x47
            {
                self = .transportStream
            } else if head.starts(with: Array("ID3".utf8)) || head[0] == 0xFF && head[1] & 0xF0 == 0xF0 {
                self = .packedAudio
            } else {
                return nil
            }
        }
    }

    /// The media types that say so.
    var types: Set<String> {
        switch self {
        case .initSection, .fragment: ["video/mp4", "audio/mp4", "video/iso.segment", "audio/iso.segment"]
        case .transportStream: ["video/mp2t"]
        case .webVTT: ["text/vtt"]
        case .packedAudio: ["audio/aac", "audio/mpeg", "audio/ac3", "audio/x-aac", "audio/aacp"]
        }
    }
}
