import NIOCore

/// What delta updates need of a playlist's text (draft-pantos-hls-rfc8216bis, 4.4.3.8 and 4.4.5.2).
struct SkipTag: Hashable {
    /// EXT-X-SKIP: segments that were left out at the front; nil where the playlist is whole.
    var skipped: Int?
    /// CAN-SKIP-UNTIL in seconds; nil where the server gives no delta updates.
    var canSkipUntil: Double?

    init(reading text: ByteBuffer) {
        for line in text.readableBytesView.split(separator: 0x0A) {
            // Both stand before the first segment.
            if line.starts(with: "#EXTINF".utf8) || line.starts(with: "#EXT-X-PART:".utf8) { return }
            if line.starts(with: "#EXT-X-SKIP:".utf8) {
                skipped = SkipTag.value(of: "SKIPPED-SEGMENTS=", in: line).flatMap { Int($0) }
            } else if line.starts(with: "#EXT-X-SERVER-CONTROL:".utf8) {
                canSkipUntil = SkipTag.value(of: "CAN-SKIP-UNTIL=", in: line).flatMap { Double($0) }
            }
        }
    }

    private static func value(of name: String, in line: ByteBufferView) -> String? {
        let text = String(decoding: line, as: UTF8.self)
        guard let list = text.split(separator: ":", maxSplits: 1).last else { return nil }
        for attribute in list.split(separator: ",") {
            let trimmed = attribute.drop { $0 == " " }
            guard trimmed.hasPrefix(name) else { continue }
            let value = trimmed.dropFirst(name.count).prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            return value.count <= 12 ? String(value) : nil
        }
        return nil
    }
}
